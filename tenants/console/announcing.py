"""Announcements and feature switches: written by operators, carried to workspaces by their host snapshots.

So a page of a workspace asks neither public tables nor the cache for them: they come with what it knows anyway.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.core.cache import cache
from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core.clock import now
from core.errors import Conflict, DomainError
from core.features import Switch, is_on
from core.history.context import change
from core.tenancy.snapshot import Snapshot
from tenants.console.models import Announcement, FeatureSwitch
from tenants.console.rules import is_switched_on
from tenants.people.models import User, WorkspaceSetting
from tenants.registry.events import record_event
from tenants.registry.hosts import Extras, forget_everybody
from tenants.registry.models import Tenant
from web.shell import Notice

_TONES = {"news": "violet", "warning": "amber", "trouble": "red"}
_ICONS = {"news": "bell", "warning": "triangle-alert", "trouble": "circle-alert"}
_SHOWN = 3
_KEPT_SECONDS = 600


def extras_of(tenant: Tenant) -> Extras:
    """For registry.hosts: switches as they are for the tenant, announcements that are or will be for it."""
    return Extras(features=_switches_of(tenant), announcements=tuple(_announcements_of(tenant)))


def _switches_of(tenant: Tenant) -> dict[str, bool]:
    return {
        each.key: is_switched_on(
            each.key,
            tenant_id=str(tenant.pk),
            plan=tenant.plan,
            percent=each.percent,
            plans=each.plans,
            tenants_on=each.tenants_on,
            tenants_off=each.tenants_off,
        )
        for each in FeatureSwitch.objects.filter(key__in=list(Switch))
    }


def _announcements_of(tenant: Tenant) -> list[dict[str, Any]]:
    live = Announcement.objects.filter(withdrawn_at__isnull=True).exclude(ends_at__lte=now())
    return [
        {
            "id": str(each.pk),
            "en": f"{each.title_en}. {each.text_en}",
            "zh": f"{each.title_zh}。{each.text_zh}",
            "severity": each.severity,
            "from": each.starts_at.isoformat(),
            "until": each.ends_at.isoformat() if each.ends_at else "",
        }
        for each in live
        if (not each.plans and not each.tenants)
        or tenant.plan in each.plans
        or str(tenant.pk) in each.tenants
    ]


def notices_for(person: User, workspace: Snapshot, at: dt.datetime) -> list[Notice]:
    """What the person has not put away, the gravest first. No query unless there is something to tell."""
    quiet = is_on(workspace, Switch.QUIET)
    due = [
        each
        for each in workspace.announcements
        if _is_due(each, at) and (not quiet or each["severity"] == "trouble")
    ]
    if not due:
        return []
    away = _put_away(person)
    shown = [each for each in due if each["id"] not in away]
    shown.sort(key=lambda each: list(_TONES).index(each["severity"]), reverse=True)
    chinese = (get_language() or "").startswith("zh")
    return [
        Notice(
            each["zh" if chinese else "en"],
            _ICONS[each["severity"]],
            _TONES[each["severity"]],
            action=_("Put away"),
            post=f"/announcements/{each['id']}/away/",
        )
        for each in shown[:_SHOWN]
    ]


def put_away(person: User, announcement_id: UUID) -> None:
    """This person does not see it any more. Twice is once."""
    with change(label=_("Put an announcement away"), by=person):
        kept, _made = WorkspaceSetting.objects.select_for_update().get_or_create(
            key=_key(person), defaults={"value": []}
        )
        # The newest hundred: older announcements have ended.
        kept.value = [*(each for each in kept.value if each != str(announcement_id)), str(announcement_id)][
            -100:
        ]
        kept.save(update_fields=["value", "updated_at"])
    cache.delete(_key(person))


def announce(
    *,
    title_en: str,
    title_zh: str,
    text_en: str,
    text_zh: str,
    severity: str,
    starts_at: dt.datetime,
    ends_at: dt.datetime | None = None,
    plans: Sequence[str] = (),
    tenants: Sequence[str] = (),
    by: Any,
) -> Announcement:
    """Public scope. plans, tenants: both empty: for everybody. Raises DomainError with messages by field."""
    words = {"title_en": title_en, "title_zh": title_zh, "text_en": text_en, "text_zh": text_zh}
    problems = {name: _("This is needed.") for name, text in words.items() if not text.strip()}
    if severity not in Announcement.Severity.values:
        problems["severity"] = _("Choose one of the list.")
    if ends_at is not None and ends_at <= max(starts_at, now()):
        problems["ends_at"] = _("It must end after it begins, and not in the past.")
    if problems:
        raise DomainError(_("Please look at the marked fields."), fields=problems)
    with transaction.atomic():
        made = Announcement.objects.create(
            **{name: text.strip() for name, text in words.items()},
            severity=severity,
            starts_at=starts_at,
            ends_at=ends_at,
            plans=list(plans),
            tenants=list(tenants),
            created_by=by.name,
        )
        record_event(
            "announced", actor=by.name, operator_id=by.pk, title=made.title_en, title_zh=made.title_zh
        )
        forget_everybody()
    return made


def withdraw_announcement(announcement_id: UUID, *, by: Any) -> None:
    """Gone from every page at the next request. Raises Conflict when it was withdrawn already."""
    with transaction.atomic():
        live = Announcement.objects.select_for_update().filter(pk=announcement_id, withdrawn_at__isnull=True)
        found = live.first()
        if found is None:
            raise Conflict(_("This announcement was withdrawn already."))
        found.withdrawn_at = now()
        found.save(update_fields=["withdrawn_at"])
        record_event(
            "announcement_withdrawn",
            actor=by.name,
            operator_id=by.pk,
            title=found.title_en,
            title_zh=found.title_zh,
        )
        forget_everybody()


def set_switch(
    key: str,
    *,
    percent: int,
    plans: Sequence[str],
    tenants_on: Sequence[str],
    tenants_off: Sequence[str],
    by: Any,
) -> None:
    """For whom a switch is on, from the next request on. Public scope. Raises DomainError."""
    if key not in set(Switch):
        raise DomainError(_("There is no such switch."))
    if not 0 <= percent <= 100:
        message = _("A percentage lies between 0 and 100.")
        raise DomainError(message, fields={"percent": message})
    with transaction.atomic():
        FeatureSwitch.objects.update_or_create(
            key=key,
            defaults={
                "percent": percent,
                "plans": list(plans),
                "tenants_on": list(tenants_on),
                "tenants_off": list(tenants_off),
                "changed_by": by.name,
            },
        )
        record_event("switched", actor=by.name, operator_id=by.pk, key=key, percent=percent)
        forget_everybody()


def _is_due(announcement: Any, at: dt.datetime) -> bool:
    begun = dt.datetime.fromisoformat(announcement["from"]) <= at
    return begun and (not announcement["until"] or at < dt.datetime.fromisoformat(announcement["until"]))


def _put_away(person: User) -> list[str]:
    key = _key(person)
    known = cache.get(key)
    if known is None:
        known = WorkspaceSetting.objects.filter(key=key).values_list("value", flat=True).first() or []
        cache.set(key, known, _KEPT_SECONDS)
    return known


def _key(person: User) -> str:
    return f"put_away:{person.pk}"
