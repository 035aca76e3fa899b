"""Named stretches of days, relative to today, for filters and pictures."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.utils import formats
from django.utils.translation import gettext_lazy as _

Period = tuple[dt.date, dt.date]  # first and last day, both included


def month_of(day: dt.date, offset: int = 0) -> Period:
    """The calendar month `offset` months from the one `day` lies in."""
    index = day.year * 12 + day.month - 1 + offset
    first = dt.date(index // 12, index % 12 + 1, 1)
    return first, _next_month(first) - dt.timedelta(days=1)


def quarter_of(day: dt.date, offset: int = 0) -> Period:
    """The calendar quarter `offset` quarters from the one `day` lies in."""
    index = day.year * 4 + (day.month - 1) // 3 + offset
    first = dt.date(index // 4, index % 4 * 3 + 1, 1)
    last_month = dt.date(first.year, first.month + 2, 1)
    return first, _next_month(last_month) - dt.timedelta(days=1)


def year_of(day: dt.date, offset: int = 0) -> Period:
    return dt.date(day.year + offset, 1, 1), dt.date(day.year + offset, 12, 31)


def week_of(day: dt.date, offset: int = 0) -> Period:
    """Seven days from the weekday on which weeks begin here: Monday (ISO 8601), or as the workspace wishes."""
    begins = int(formats.get_format("FIRST_DAY_OF_WEEK"))  # 0 is Sunday, as in Django
    first = day - dt.timedelta(days=(day.isoweekday() - begins) % 7) + dt.timedelta(weeks=offset)
    return first, first + dt.timedelta(days=6)


def _days(first: int, last: int) -> Callable[[dt.date], Period]:
    return lambda day: (day + dt.timedelta(days=first), day + dt.timedelta(days=last))


def _next_month(first: dt.date) -> dt.date:
    return (first.replace(day=28) + dt.timedelta(days=4)).replace(day=1)


PERIODS: dict[str, tuple[Any, Callable[[dt.date], Period]]] = {
    "today": (_("today"), _days(0, 0)),
    "yesterday": (_("yesterday"), _days(-1, -1)),
    "this_week": (_("this week"), week_of),
    "last_week": (_("last week"), lambda day: week_of(day, -1)),
    "this_month": (_("this month"), month_of),
    "last_month": (_("last month"), lambda day: month_of(day, -1)),
    "next_month": (_("next month"), lambda day: month_of(day, 1)),
    "this_quarter": (_("this quarter"), quarter_of),
    "last_quarter": (_("last quarter"), lambda day: quarter_of(day, -1)),
    "this_year": (_("this year"), year_of),
    "last_year": (_("last year"), lambda day: year_of(day, -1)),
    "last_7_days": (_("last 7 days"), _days(-6, 0)),
    "last_30_days": (_("last 30 days"), _days(-29, 0)),
    "last_90_days": (_("last 90 days"), _days(-89, 0)),
    "next_7_days": (_("next 7 days"), _days(0, 7)),
    "next_30_days": (_("next 30 days"), _days(0, 30)),
    "before_today": (_("before today"), lambda day: (dt.date.min, day - dt.timedelta(days=1))),
    "over_30_days_ago": (_("more than 30 days ago"), lambda day: (dt.date.min, day - dt.timedelta(days=31))),
}


def period(name: str, today: dt.date) -> Period:
    """Raises KeyError for an unknown name."""
    return PERIODS[name][1](today)
