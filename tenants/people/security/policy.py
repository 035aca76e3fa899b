"""What the workspace asks of how its people sign in."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.choices import TextChoices
from core.clock import today
from core.errors import DomainError
from core.history.context import change
from tenants.people.models import EventKind, Role, User, WorkspaceSetting
from tenants.people.rights import require_administrator
from tenants.people.security.events import note_event
from tenants.people.selectors import active_people

SETTING = "security"
SHORTEST_LOG_DAYS, LONGEST_LOG_DAYS, LOG_DAYS = 30, 3650, 365
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
"""What counts as a second factor; recovery codes only stand in for one."""


class Required(TextChoices):
    """Of whom a second factor is asked."""

    NOBODY = "nobody", pgettext_lazy("second factor", "Nobody")
    ADMINS = "admins", gettext_lazy("Owner and administrators")
    EVERYONE = "everyone", gettext_lazy("Everyone")


@dataclass(frozen=True, slots=True)
class Policy:
    """factor_from: the first day (in the workspace's zone) on which nothing else can be reached without one."""

    factor: Required = Required.NOBODY
    factor_from: dt.date | None = None
    log_days: int = LOG_DAYS

    def asks(self, person: Any) -> bool:
        """Whether the person is to have a second factor, be it due or not."""
        if self.factor == Required.EVERYONE:
            return True
        return self.factor == Required.ADMINS and person.role in (Role.OWNER, Role.ADMIN)

    def is_due(self) -> bool:
        return self.factor_from is None or self.factor_from <= today()

    @classmethod
    def of(cls, stored: Mapping[str, Any] | None) -> Self:
        """What a newer release stored and this one does not know asks of everyone."""
        stored = stored or {}
        factor = stored.get("factor", Required.NOBODY)
        day = stored.get("factor_from")
        return cls(
            factor=Required(factor) if factor in Required.values else Required.EVERYONE,
            factor_from=dt.date.fromisoformat(day) if day else None,
            log_days=int(stored.get("log_days", LOG_DAYS)),
        )


def security_policy() -> Policy:
    """Of the workspace at hand, read anew."""
    return Policy.of(WorkspaceSetting.objects.filter(key=SETTING).values_list("value", flat=True).first())


def people_without_factor(factor: Required) -> QuerySet[User]:
    """Of whom such a policy would ask for a factor that they do not have yet."""
    have = Authenticator.objects.filter(user_id=OuterRef("pk"), type__in=FACTORS)
    people = active_people().filter(~Exists(have)).order_by("name_key", "id")
    if factor == Required.NOBODY:
        return people.none()
    return people.filter(role__in=[Role.OWNER, Role.ADMIN]) if factor == Required.ADMINS else people


def change_policy(*, factor: str, factor_from: dt.date | None, log_days: int, by: User) -> UUID:
    """The batch. Raises NotAllowed, DomainError with messages by field.

    Whoever switches it on must have a factor: they would be the first to stand before the door.
    """
    require_administrator(by)
    problems: dict[str, Any] = {}
    if factor not in Required.values:
        problems["factor"] = _("Choose one of the list.")
    if not SHORTEST_LOG_DAYS <= log_days <= LONGEST_LOG_DAYS:
        words = {"least": SHORTEST_LOG_DAYS, "most": LONGEST_LOG_DAYS}
        problems["log_days"] = _("From %(least)d to %(most)d days.") % words
    if not problems and people_without_factor(Required(factor)).filter(pk=by.pk).exists():
        problems["factor"] = _("Set up a second factor of your own first.")
    if problems:
        raise DomainError(_("Please look at the marked fields."), fields=problems)
    value = {
        "factor": factor,
        "factor_from": factor_from.isoformat() if factor_from and factor != Required.NOBODY else "",
        "log_days": log_days,
    }
    with change(label=_("Changed the security policy"), by=by) as entry:
        before = security_policy()
        WorkspaceSetting.objects.update_or_create(key=SETTING, defaults={"value": value})
        note_event(EventKind.POLICY_CHANGED, by=by, text=_difference(before, Policy.of(value)))
    return entry.batch


def _difference(before: Policy, after: Policy) -> str:
    said = []
    if (before.factor, before.factor_from) != (after.factor, after.factor_from):
        day = f" ({after.factor_from.isoformat()})" if after.factor_from else ""
        said.append(f"{_('Second factor')}: {before.factor.label} → {after.factor.label}{day}")
    if before.log_days != after.log_days:
        said.append(f"{_('Security log')}: {before.log_days} → {after.log_days}")
    return " · ".join(said)
