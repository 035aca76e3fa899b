"""One tenant as the list, its page and the export show it."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Sum
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.formats import date_format, number_format
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from billing.subscriptions.models import STATE_WORDS, Invoice
from billing.subscriptions.rules.standing import State
from core.entitlements import FEATURE_WORDS, LIMIT_WORDS, Feature, Limit
from core.money import format_minor
from tenants.console.rules import NEAR_PERCENT, SILENT
from tenants.registry.models import Tenant, TenantState

_FULL_PERCENT = 95


@dataclass(frozen=True, slots=True)
class TenantRow:
    """Formatted for people. state_tone, health_tone: of a badge; '' is plain."""

    tenant: Tenant
    href: str
    plan: str
    state: str
    state_tone: str
    seats: str
    people: str
    revenue: str
    records: str
    storage: str
    fullest: str
    fullest_percent: int
    bar_tone: str
    last_active: str
    opened: str
    version: str
    health: str
    health_tone: str

    @staticmethod
    def csv_heads() -> list[str]:
        return [
            pgettext("column", "Tenant"), pgettext("column", "Address"), pgettext("column", "Plan"),
            pgettext("column", "State"), pgettext("column", "People"), pgettext("column", "Seats"),
            pgettext("column", "Revenue a month"), pgettext("column", "Records"), pgettext("column", "Files"),
            pgettext("column", "Last active"), pgettext("column", "Opened"), pgettext("column", "Version"),
            pgettext("column", "Health"),
        ]  # fmt: skip

    def csv_cells(self) -> list[str]:
        return [
            self.tenant.name, getattr(self.tenant, "host", "") or "", self.plan, self.state, self.people,
            self.seats, self.revenue, self.records, self.storage, self.last_active, self.opened, self.version,
            self.health,
        ]  # fmt: skip


def row_of(tenant: Tenant, at: dt.datetime) -> TenantRow:
    """at: the present moment (UTC). The tenant comes from selectors.opened_tenants."""
    facts, paid = getattr(tenant, "facts", None), getattr(tenant, "subscription", None)
    state, tone = _state(tenant, paid, at)
    health, health_tone = health_of(tenant, facts, at)
    percent = facts.fullest_percent if facts else 0
    monthly = getattr(tenant, "monthly_minor", None)
    return TenantRow(
        tenant=tenant,
        href=reverse("tenant", args=[tenant.pk]),
        plan=str(paid.plan_version.plan) if paid else _plan_word(tenant.plan),
        state=state,
        state_tone=tone,
        seats=number_format(paid.seats) if paid and facts else "",
        people=number_format(facts.people) if facts else "",
        revenue=format_minor(monthly, tenant.monthly_currency, trim=True) if monthly else "",  # type: ignore[attr-defined]
        records=number_format(facts.records) if facts else "",
        storage=filesizeformat(facts.storage_bytes) if facts else "",
        fullest=_fullest(facts),
        fullest_percent=min(percent, 100),
        bar_tone="red" if percent >= _FULL_PERCENT else "amber" if percent >= NEAR_PERCENT else "",
        last_active=ago(facts.last_active_at if facts else None, at),
        opened=date_format(tenant.opened_at, "SHORT_DATE_FORMAT") if tenant.opened_at else "",
        version=tenant.schema_version[:8],
        health=health,
        health_tone=health_tone,
    )


def owed_by(tenant: Tenant) -> str:
    """What could not be charged and is still open, a sum for each currency; '' for nothing."""
    failed = Invoice.objects.filter(tenant=tenant, state=Invoice.State.OPEN, failed_at__isnull=False)
    sums = failed.order_by().values("currency").annotate(total=Sum("due_minor")).order_by("currency")
    return " + ".join(format_minor(each["total"], each["currency"]) for each in sums)


def card_of(paid: Any) -> str:
    """'Visa •••• 4242 · 08/2029'; '' without a card."""
    if paid is None or not paid.card_last4:
        return ""
    return f"{paid.card_brand.title()} •••• {paid.card_last4} · {paid.card_expires}"


def given_words(limit: str, feature: str, amount: int) -> str:
    """What is granted beside the plan: 'Files +5.0 GB', or a feature."""
    if feature in set(Feature):
        return str(FEATURE_WORDS[Feature(feature)])
    if limit not in set(Limit):
        return ""
    shown = filesizeformat(amount) if limit == Limit.STORAGE_BYTES else number_format(amount)
    return f"{LIMIT_WORDS[Limit(limit)]} +{shown}"


def ago(moment: dt.datetime | None, at: dt.datetime) -> str:
    """'4 minutes ago'; 'never' for None."""
    if moment is None:
        return _("never")
    if at - moment < dt.timedelta(minutes=1):
        return _("just now")
    return _("%(time)s ago") % {"time": timesince(moment, at, depth=1)}


def health_of(tenant: Tenant, facts: Any, at: dt.datetime) -> tuple[str, str]:
    """(what is wrong in a few words, tone of its badge): the gravest thing first; ('Fine', '') when nothing is."""
    if tenant.failed_upgrade:
        return _("Upgrade failed"), "red"
    if facts is None:
        return _("Not looked at yet"), ""
    if facts.error:
        return _("Could not be looked at"), "red"
    if facts.failed_jobs:
        return ngettext("%(count)d failed job", "%(count)d failed jobs", facts.failed_jobs) % {
            "count": facts.failed_jobs
        }, "amber"
    if facts.fullest_percent >= NEAR_PERCENT:
        return _("Near a limit"), "amber"
    quiet = facts.last_active_at is None or at - facts.last_active_at > SILENT
    if quiet and tenant.opened_at and at - tenant.opened_at > SILENT:
        return pgettext("health", "Silent"), "amber"
    return _("Fine"), ""


def _state(tenant: Tenant, paid: Any, at: dt.datetime) -> tuple[str, str]:
    if tenant.state != TenantState.READY:
        return str(TenantState(tenant.state).label), "red"
    if paid is None:
        ends = tenant.trial_ends_at
        return _trial_words(ends, at), "blue"
    if paid.state == State.TRIAL:
        return _trial_words(paid.deadline_at, at), "blue"
    tone = {State.ACTIVE: "", State.PAST_DUE: "red", State.LIMITED: "red"}.get(State(paid.state), "red")
    return str(STATE_WORDS[State(paid.state)]), tone


def _trial_words(ends: dt.datetime | None, at: dt.datetime) -> str:
    if ends is None:
        return _("Trial")
    days = (ends - at).days
    if days < 0:
        return _("Trial over")
    return ngettext("Trial, %(days)d day", "Trial, %(days)d days", days) % {"days": days}


def _plan_word(key: str) -> str:
    return _("Trial") if key == "trial" else key


def _fullest(facts: Any) -> str:
    if not facts or not facts.fullest or facts.fullest not in set(Limit):
        return ""
    return str(LIMIT_WORDS[Limit(facts.fullest)])
