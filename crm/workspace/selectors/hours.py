"""When work is done here: the workspace's calendar, and that of a team which keeps its own."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q

from core.clock import today
from core.tenancy.scope import current_snapshot, remember
from core.working_time import DayRule, Span, WorkingHours
from crm.workspace.models import SpecialDay
from crm.workspace.rules.hours import OFFICE_WEEK
from tenants.people.models import Team
from tenants.people.workspace_settings import setting, settings_under

KEY = "hours"


@dataclass(frozen=True, slots=True)
class Week:
    """zone: IANA. days: spans of Monday to Sunday."""

    zone: str
    days: tuple[tuple[Span, ...], ...]

    @property
    def minutes(self) -> int:
        """Worked in a week without special days."""
        return sum(span.end - span.start for spans in self.days for span in spans)


def key_of(team_id: UUID | None) -> str:
    """Under which the week of a team, or of the workspace, is kept."""
    return f"{KEY}.{team_id}" if team_id else KEY


def week_of(team_id: UUID | None = None) -> Week:
    """The team's own week where it keeps one, else the workspace's, else the usual one in the workspace's zone."""
    stored = (setting(key_of(team_id)) if team_id else None) or setting(KEY)
    if not stored:
        return Week(current_snapshot().time_zone, OFFICE_WEEK)
    days = tuple(tuple(Span(start, end) for start, end in spans) for spans in stored["week"])
    return Week(stored["zone"], days)


def working_hours(team_id: UUID | None = None) -> WorkingHours:
    """The calendar by which a team (or everybody) works; read once a request or job.

    Its own special days come before everybody's, days that are worked instead before days off, single days before
    yearly ones.
    """

    def read() -> WorkingHours:
        week = week_of(team_id)
        return WorkingHours(week.zone, week.days, tuple(_rules(week, special_days(team_id))))

    found: WorkingHours = remember(f"working_hours:{team_id}", read)
    return found


def _rules(week: Week, days: Sequence[SpecialDay]) -> list[DayRule]:
    ordered = sorted(days, key=lambda day: (day.team_id is None, day.weekday is None, day.yearly))
    return [
        DayRule(day.first, day.last, day.yearly, week.days[day.weekday] if day.weekday is not None else ())
        for day in ordered
    ]


def special_days(team_id: UUID | None = None) -> list[SpecialDay]:
    """Everybody's, and the team's own."""
    return list(SpecialDay.objects.filter(Q(team_id__isnull=True) | Q(team_id=team_id)))


def listed_days(team_id: UUID | None) -> tuple[list[SpecialDay], list[SpecialDay]]:
    """(those to come and the yearly ones, those that are over), of the team alone or of everybody."""
    own = list(SpecialDay.objects.filter(team_id=team_id))
    coming = [day for day in own if day.yearly or day.last >= today()]
    return coming, [day for day in own if day not in coming]


def teams_with_hours() -> list[tuple[Any, bool]]:
    """Every team, and whether it keeps hours of its own."""
    own = set(settings_under(KEY))
    return [(team, str(team.pk) in own) for team in Team.objects.order_by("name")]


def days_ahead(team_id: UUID | None, count: int) -> list[tuple[dt.date, tuple[Span, ...]]]:
    """The coming days, today first, with what is worked on each."""
    hours = working_hours(team_id)
    return [
        (day, hours.spans_of(day)) for day in (today() + dt.timedelta(days=number) for number in range(count))
    ]
