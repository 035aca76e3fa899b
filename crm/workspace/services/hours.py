"""Setting working hours and special days."""

import datetime as dt
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from core.errors import DomainError
from core.history.context import change
from core.places import known_time_zone
from core.records.parsing import Unreadable
from core.tenancy.scope import peek
from crm.workspace.models import SpecialDay
from crm.workspace.rules.hours import read_spans
from crm.workspace.selectors.hours import key_of
from tenants.people.models import Team
from tenants.people.rights import require_administrator
from tenants.people.workspace_settings import drop_setting, keep_setting

# Days of the year that are off by law in mainland China whatever the moon does: New Year's Day, Labour Day with the
# day after it, the three of National Day: (month, day, how many). Source: the State Council's rules for holidays
# (全国年节及纪念日放假办法) as changed in November 2024. Spring Festival, Qingming, Dragon Boat and Mid-Autumn
# move, and weekends worked instead are announced each year: both are typed by hand.
_CHINA = (
    (gettext_noop("New Year's Day"), 1, 1, 1),
    (gettext_noop("Labour Day"), 5, 1, 2),
    (gettext_noop("National Day"), 10, 1, 3),
)


def set_week(*, zone: str, days: Sequence[str], team_id: UUID | None = None, by: Any) -> UUID:
    """days: the spans of Monday to Sunday as text. Raises NotAllowed, DomainError by field (zone, day-0 … day-6)."""
    require_administrator(by)
    _require_team(team_id)
    problems: dict[str, str] = {}
    week = [_read(place, text, problems) for place, text in enumerate(days)]
    if not known_time_zone(zone):
        problems["zone"] = _("Choose one of the list.")
    if not any(week) and not problems:
        problems["day-0"] = _("Some day must have hours.")
    if problems:
        raise DomainError(_("Please look at the marked fields."), fields=problems)
    with change(label=_("Set the working hours"), by=by) as entry:
        keep_setting(key_of(team_id), {"zone": zone, "week": week})
    return entry.batch


def follow_workspace(team_id: UUID, *, by: Any) -> UUID:
    """A team keeps no hours of its own any more; its special days stay. Returns the batch."""
    require_administrator(by)
    _require_team(team_id)
    with change(label=_("A team follows the working hours of all"), by=by) as entry:
        drop_setting(key_of(team_id))
    return entry.batch


def add_special_day(
    *,
    name: str,
    first: dt.date | None,
    last: dt.date | None,
    yearly: bool = False,
    weekday: int | None = None,
    team_id: UUID | None = None,
    by: Any,
) -> UUID:
    """weekday: worked as that one is (0 is Monday); None for days off. last None: one day. Raises DomainError."""
    require_administrator(by)
    _require_team(team_id)
    problems = {}
    if not name.strip():
        problems["name"] = _("This is needed.")
    if first is None:
        problems["first"] = _("This is needed.")
    last = last or first
    if first and last and last < first:
        problems["last"] = _("The last day is before the first.")
    elif first and last and (last - first).days > 366:
        problems["last"] = _("At most a year at once.")
    if weekday is not None and weekday not in range(7):
        problems["weekday"] = _("Choose one of the list.")
    if problems or first is None or last is None:
        raise DomainError(_("Please look at the marked fields."), fields=problems)
    with change(label=_("Added “%(name)s” to the calendar") % {"name": name.strip()}, by=by) as entry:
        SpecialDay.objects.create(
            name=name.strip()[:80], first=first, last=last, yearly=yearly, weekday=weekday, team_id=team_id
        )
    _forget()
    return entry.batch


def remove_special_day(day_id: UUID, *, by: Any) -> UUID:
    """Raises SpecialDay.DoesNotExist, NotAllowed; returns the batch."""
    require_administrator(by)
    with change(label=_("Removed a special day"), by=by) as entry:
        SpecialDay.objects.select_for_update().get(pk=day_id).delete()
    _forget()
    return entry.batch


def add_fixed_holidays_of_china(*, year: int, by: Any) -> tuple[UUID, int]:
    """The yearly ones that are not there yet, named in the reader's language; (batch, how many)."""
    require_administrator(by)
    known = set(
        SpecialDay.objects.filter(yearly=True, team_id=None).values_list("first__month", "first__day")
    )
    with change(label=_("Added the fixed holidays of China"), by=by) as entry:
        made = SpecialDay.objects.bulk_create(
            SpecialDay(
                name=_(name),
                first=dt.date(year, month, day),
                last=dt.date(year, month, day + length - 1),
                yearly=True,
            )
            for name, month, day, length in _CHINA
            if (month, day) not in known
        )
    _forget()
    return entry.batch, len(made)


def _read(place: int, text: str, problems: dict[str, str]) -> list[list[int]]:
    try:
        return [[span.start, span.end] for span in read_spans(text)]
    except Unreadable as error:
        problems[f"day-{place}"] = str(error)
        return []


def _require_team(team_id: UUID | None) -> None:
    if team_id is not None and not Team.objects.filter(pk=team_id).exists():
        raise DomainError(_("This team is gone."))


def _forget() -> None:
    """What this request remembered of the calendar."""
    if scope := peek():
        scope.memo.clear()
