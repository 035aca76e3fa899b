"""Working hours: when work is done, and how much of it lies between two moments. Pure.

A minute is a working minute when the clock on the wall of the calendar's zone stands inside a span of that day.
So an hour that the clocks skip holds none, and one that they repeat holds each of its minutes twice.
"""

import datetime as dt
import zoneinfo
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.utils.translation import gettext as _

from core.errors import DomainError

DAY_MINUTES = 24 * 60
_LOOK_AHEAD_DAYS = 366
# Zones lie between 12 hours west and 14 hours east of Greenwich.
_WEST, _EAST = dt.timedelta(hours=12), dt.timedelta(hours=14)
_STEP = dt.timedelta(hours=5)
_MINUTE = dt.timedelta(minutes=1)


class NoWorkingHours(DomainError):
    """The calendar is empty for the next year."""

    code = "no_working_hours"

    def __init__(self) -> None:
        super().__init__(_("There are no working hours in the next year (Settings → Working hours)."))


@dataclass(frozen=True, slots=True)
class Span:
    """Of one day, in minutes since midnight on the wall: start included, end not; 0 ≤ start < end ≤ 1440."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class DayRule:
    """Days that are not as their weekday says. first, last: calendar days, both included. spans: () for a day off.

    yearly: the days between these two of every year, also across New Year; 29 February only where there is one.
    """

    first: dt.date
    last: dt.date
    yearly: bool = False
    spans: tuple[Span, ...] = ()

    def covers(self, day: dt.date) -> bool:
        if not self.yearly:
            return self.first <= day <= self.last
        here, first, last = ((each.month, each.day) for each in (day, self.first, self.last))
        return first <= here <= last if first <= last else here >= first or here <= last


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """zone: IANA. week: the spans of Monday to Sunday, in order, none touching another. rules: the first that covers
    a day decides it."""

    zone: str
    week: tuple[tuple[Span, ...], ...]
    rules: tuple[DayRule, ...] = ()

    def spans_of(self, day: dt.date) -> tuple[Span, ...]:
        """What is worked on a calendar day."""
        for rule in self.rules:
            if rule.covers(day):
                return rule.spans
        return self.week[day.weekday()]


def is_open(at: dt.datetime, hours: WorkingHours) -> bool:
    """Whether work is done at this moment (aware)."""
    return any(start <= at for start, end in _intervals(at, hours, days=1) if at < end)


def next_opening(after: dt.datetime, hours: WorkingHours) -> dt.datetime:
    """`after` itself when work is done then, else the next moment (UTC) at which it begins. Raises NoWorkingHours."""
    for start, _end in _intervals(after, hours, days=_LOOK_AHEAD_DAYS):
        return max(start, after.astimezone(dt.UTC))
    raise NoWorkingHours


def add_working_minutes(start: dt.datetime, minutes: int, hours: WorkingHours) -> dt.datetime:
    """The first moment (UTC) at which so many working minutes have gone by since `start` (aware).

    Nothing added gives `start`; the last minute of a day ends with it, not with the next morning.
    Raises ValueError for less than 0, NoWorkingHours when a whole year holds none.
    """
    if minutes < 0:
        raise ValueError(minutes)
    at, left = start.astimezone(dt.UTC), minutes * _MINUTE
    while left:
        before = left
        for opened, closed in _intervals(at, hours, days=_LOOK_AHEAD_DAYS):
            begun = max(opened, at)
            if closed - begun >= left:
                return begun + left
            left -= closed - begun
        if left == before:
            raise NoWorkingHours
        at += dt.timedelta(days=_LOOK_AHEAD_DAYS)
    return at


def working_minutes_between(first: dt.datetime, last: dt.datetime, hours: WorkingHours) -> int:
    """Whole working minutes from one moment to another (both aware); negative when `last` is the earlier one."""
    if last < first:
        return -working_minutes_between(last, first, hours)
    days = (last - first).days + 2
    worked = sum(
        (
            max(dt.timedelta(), min(end, last) - max(start, first))
            for start, end in _intervals(first, hours, days=days)
        ),
        dt.timedelta(),
    )
    return worked // _MINUTE


def next_working_day(day: dt.date, hours: WorkingHours) -> dt.date:
    """The first day behind this one on which something is worked; simply the next one when a year holds none."""
    ahead = (day + dt.timedelta(days=number) for number in range(1, _LOOK_AHEAD_DAYS + 1))
    return next((each for each in ahead if hours.spans_of(each)), day + dt.timedelta(days=1))


def _intervals(
    after: dt.datetime, hours: WorkingHours, *, days: int
) -> Iterator[tuple[dt.datetime, dt.datetime]]:
    """The worked intervals (UTC) that end behind `after` and begin within so many days of it, in order."""
    until = after.astimezone(dt.UTC) + dt.timedelta(days=days)
    day = after.astimezone(zoneinfo.ZoneInfo(hours.zone)).date() - dt.timedelta(days=1)
    while True:
        for start, end in _worked(hours, day):
            if start >= until:
                return
            if end > after:
                yield start, min(end, until)
        day += dt.timedelta(days=1)
        if dt.datetime.combine(day, dt.time(), dt.UTC) - _EAST > until:
            return


def _worked(hours: WorkingHours, day: dt.date) -> list[tuple[dt.datetime, dt.datetime]]:
    """The intervals (UTC) of one calendar day, in order."""
    midnight = dt.datetime.combine(day, dt.time(), dt.UTC)
    found = []
    for begins, ends, offset in _pieces(hours.zone, day):
        for span in hours.spans_of(day):
            start = max(begins, midnight + span.start * _MINUTE - offset)
            end = min(ends, midnight + span.end * _MINUTE - offset)
            if start < end:
                found.append((start, end))
    return sorted(found)


@lru_cache(maxsize=4096)
def _pieces(zone: str, day: dt.date) -> Sequence[tuple[dt.datetime, dt.datetime, dt.timedelta]]:
    """The time (UTC) in which this day can be anywhere, cut where the zone's clocks change: (from, to, offset)."""
    info = zoneinfo.ZoneInfo(zone)
    at = dt.datetime.combine(day, dt.time(), dt.UTC) - _EAST
    end = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), dt.UTC) + _WEST
    pieces = []
    begun, offset = at, _offset(info, at)
    while at < end:
        ahead = min(at + _STEP, end)
        if _offset(info, ahead) != offset:
            changed = _change_between(info, at, ahead)
            pieces.append((begun, changed, offset))
            begun, offset = changed, _offset(info, ahead)
        at = ahead
    return (*pieces, (begun, end, offset))


def _change_between(info: zoneinfo.ZoneInfo, low: dt.datetime, high: dt.datetime) -> dt.datetime:
    """The second at which the offset of `low` ends; clocks change once between the two."""
    offset = _offset(info, low)
    while high - low > dt.timedelta(seconds=1):
        middle = low + (high - low) // 2
        middle -= dt.timedelta(microseconds=middle.microsecond)
        if _offset(info, middle) == offset:
            low = middle
        else:
            high = middle
    return high


def _offset(info: zoneinfo.ZoneInfo, at: dt.datetime) -> dt.timedelta:
    return at.astimezone(info).utcoffset() or dt.timedelta()
