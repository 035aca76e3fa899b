"""Working time, compared with a clock that goes minute by minute."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from core.working_time import (
    DAY_MINUTES,
    DayRule,
    NoWorkingHours,
    Span,
    WorkingHours,
    add_working_minutes,
    is_open,
    next_opening,
    next_working_day,
    working_minutes_between,
)

D, MINUTE = dt.date, dt.timedelta(minutes=1)
OFFICE = (Span(9 * 60, 12 * 60 + 30), Span(13 * 60 + 30, 18 * 60))
WEEK = (*[OFFICE] * 5, (), ())
SHANGHAI = WorkingHours("Asia/Shanghai", WEEK)


def at(zone: str, *parts: int) -> dt.datetime:
    return dt.datetime(*parts, tzinfo=ZoneInfo(zone))


def test_minutes_are_counted_inside_the_hours_only():
    friday = at("Asia/Shanghai", 2026, 11, 27, 17, 30)
    assert add_working_minutes(friday, 30, SHANGHAI) == at("Asia/Shanghai", 2026, 11, 27, 18, 0)
    assert add_working_minutes(friday, 31, SHANGHAI) == at("Asia/Shanghai", 2026, 11, 30, 9, 1)
    assert add_working_minutes(friday, 0, SHANGHAI) == friday
    lunch = at("Asia/Shanghai", 2026, 11, 27, 12, 45)
    assert next_opening(lunch, SHANGHAI) == at("Asia/Shanghai", 2026, 11, 27, 13, 30)
    assert (is_open(lunch, SHANGHAI), is_open(friday, SHANGHAI)) == (False, True)
    assert next_opening(friday, SHANGHAI) == friday
    assert working_minutes_between(friday, at("Asia/Shanghai", 2026, 11, 30, 9, 1), SHANGHAI) == 31
    assert working_minutes_between(at("Asia/Shanghai", 2026, 11, 30, 9, 1), friday, SHANGHAI) == -31


def test_days_off_and_weekends_that_are_worked_instead():
    rules = (DayRule(D(2026, 10, 10), D(2026, 10, 10), spans=OFFICE), DayRule(D(2026, 10, 1), D(2026, 10, 7)))
    hours = WorkingHours("Asia/Shanghai", WEEK, rules)
    before = at("Asia/Shanghai", 2026, 9, 30, 18, 0)
    assert next_opening(before, hours) == at("Asia/Shanghai", 2026, 10, 8, 9, 0)
    assert is_open(at("Asia/Shanghai", 2026, 10, 10, 10, 0), hours)  # a Saturday
    assert working_minutes_between(before, at("Asia/Shanghai", 2026, 10, 12, 0, 0), hours) == 3 * 480


@pytest.mark.parametrize(
    ("day", "covered"),
    [(D(2026, 12, 23), False), (D(2026, 12, 24), True), (D(2027, 1, 2), True), (D(2031, 1, 3), False)],
)
def test_a_yearly_rule_goes_across_new_year(day, covered):
    assert DayRule(D(2020, 12, 24), D(2021, 1, 2), yearly=True).covers(day) == covered


def test_the_leap_day_comes_when_it_comes():
    rule = DayRule(D(2024, 2, 29), D(2024, 2, 29), yearly=True)
    assert rule.covers(D(2028, 2, 29))
    assert not any(rule.covers(day) for day in (D(2027, 2, 28), D(2027, 3, 1)))


def test_the_hour_that_clocks_skip_holds_no_minute_and_the_repeated_one_each_twice():
    hours = WorkingHours("Europe/London", ((Span(0, 180),),) * 7)
    spring, autumn = D(2026, 3, 29), D(2026, 10, 25)
    for day, minutes in ((spring, 120), (autumn, 240), (D(2026, 6, 1), 180)):
        start = dt.datetime.combine(day, dt.time(), ZoneInfo("Europe/London"))
        assert (
            working_minutes_between(start, start.astimezone(dt.UTC) + dt.timedelta(hours=20), hours)
            == minutes
        )
    skipped = WorkingHours("Europe/London", ((Span(75, 90),),) * 7)
    start = at("Europe/London", 2026, 3, 29, 0, 0)
    assert next_opening(start, skipped) == at("Europe/London", 2026, 3, 30, 1, 15)


def test_around_the_clock_has_no_seam_at_midnight():
    hours = WorkingHours("America/New_York", ((Span(0, DAY_MINUTES),),) * 7)
    start = at("America/New_York", 2026, 3, 7, 12, 0)
    assert add_working_minutes(start, 3 * DAY_MINUTES, hours) == start.astimezone(dt.UTC) + dt.timedelta(
        days=3
    )


def test_many_years_are_added_as_well():
    one_a_year = WorkingHours(
        "UTC", ((),) * 7, (DayRule(D(2026, 1, 1), D(2026, 1, 1), True, (Span(0, 10),)),)
    )
    start = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
    assert add_working_minutes(start, 25, one_a_year) == dt.datetime(2029, 1, 1, 0, 5, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("day", "following"),
    [
        (D(2026, 11, 20), D(2026, 11, 23)),
        (D(2026, 11, 21), D(2026, 11, 23)),
        (D(2026, 11, 23), D(2026, 11, 24)),
        (D(2026, 9, 30), D(2026, 10, 5)),
    ],
)
def test_the_next_working_day_is_no_weekend_and_no_holiday(day, following):
    hours = WorkingHours("Asia/Shanghai", WEEK, (DayRule(D(2026, 10, 1), D(2026, 10, 3), yearly=True),))
    assert next_working_day(day, hours) == following
    assert next_working_day(day, WorkingHours("UTC", ((),) * 7)) == day + dt.timedelta(days=1)


def test_an_empty_calendar_is_said_and_not_searched_for_ever():
    empty = WorkingHours("UTC", ((),) * 7)
    start = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
    with pytest.raises(NoWorkingHours):
        next_opening(start, empty)
    with pytest.raises(NoWorkingHours):
        add_working_minutes(start, 1, empty)
    assert working_minutes_between(start, start + dt.timedelta(days=400), empty) == 0
    with pytest.raises(ValueError, match="-1"):
        add_working_minutes(start, -1, empty)


# The slow clock: a minute counts when the wall's clock stands inside a span of its day.


def counts(moment: dt.datetime, hours: WorkingHours) -> bool:
    wall = moment.astimezone(ZoneInfo(hours.zone))
    minute = wall.hour * 60 + wall.minute
    return any(span.start <= minute < span.end for span in hours.spans_of(wall.date()))


ZONES = [
    "UTC", "Asia/Shanghai", "Europe/London", "America/New_York", "Australia/Lord_Howe", "America/St_Johns",
    "America/Sao_Paulo", "Pacific/Apia", "Asia/Kathmandu", "Africa/Casablanca", "Asia/Beirut",
]  # fmt: skip


@st.composite
def spans(draw):
    marks = draw(st.lists(st.integers(0, DAY_MINUTES), unique=True, max_size=6).map(sorted))
    return tuple(Span(a, b) for a, b in zip(marks[::2], marks[1::2], strict=False))


# Days about which clocks change in these zones, also at midnight (São Paulo, Beirut); and one that never was (Apia).
TURNS = [
    D(2026, 3, 29), D(2026, 10, 25), D(2026, 3, 8), D(2026, 11, 1), D(2026, 4, 5), D(2026, 10, 4), D(2018, 11, 4),
    D(2018, 2, 18), D(2011, 12, 30), D(2026, 2, 15), D(2022, 3, 27), D(2026, 7, 1),
]  # fmt: skip


@st.composite
def calendars(draw):
    around = draw(st.sampled_from(TURNS))
    rules = []
    for _each in range(draw(st.integers(0, 2))):
        first = around + dt.timedelta(days=draw(st.integers(-3, 3)))
        last = first + dt.timedelta(days=draw(st.integers(0, 2)))
        rules.append(DayRule(first, last, draw(st.booleans()), draw(spans())))
    week = tuple(draw(spans()) for _day in range(7))
    start = (
        dt.datetime.combine(around, dt.time(), dt.UTC)
        + draw(st.integers(-3 * DAY_MINUTES, DAY_MINUTES)) * MINUTE
    )
    return WorkingHours(draw(st.sampled_from(ZONES)), week, tuple(rules)), start


SLOWLY = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@SLOWLY
@given(calendars(), st.integers(0, 4 * DAY_MINUTES))
def test_minutes_between_are_those_of_the_slow_clock(calendar, length):
    hours, start = calendar
    slow = sum(counts(start + n * MINUTE, hours) for n in range(length))
    assert working_minutes_between(start, start + length * MINUTE, hours) == slow


@SLOWLY
@given(calendars(), st.integers(1, 900))
def test_adding_minutes_ends_where_the_slow_clock_does(calendar, minutes):
    hours, start = calendar
    moment, left = start, minutes
    for _n in range(9 * DAY_MINUTES):
        if counts(moment, hours):
            left -= 1
        moment += MINUTE
        if not left:
            break
    assume(not left)
    assert add_working_minutes(start, minutes, hours) == moment


@SLOWLY
@given(calendars())
def test_the_next_opening_is_that_of_the_slow_clock(calendar):
    hours, start = calendar
    moments = (start + n * MINUTE for n in range(9 * DAY_MINUTES))
    slow = next((moment for moment in moments if counts(moment, hours)), None)
    assume(slow is not None)
    assert next_opening(start, hours) == slow
    assert is_open(start, hours) == (slow == start)
