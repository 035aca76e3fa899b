"""The workspace's hours, special days, and teams that keep their own."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import DomainError
from core.history.undo import undo
from core.records.parsing import Unreadable
from core.working_time import DAY_MINUTES, Span, is_open, next_opening
from crm.workspace.models import SpecialDay
from crm.workspace.rules.hours import OFFICE_WEEK, read_spans, spans_text
from crm.workspace.selectors.hours import week_of, working_hours
from crm.workspace.services.hours import (
    add_fixed_holidays_of_china,
    add_special_day,
    follow_workspace,
    remove_special_day,
    set_week,
)
from tenants.people.models import Team, User
from tenants.people.workspace_settings import forget_settings

pytestmark = pytest.mark.django_db
D = dt.date
DAYS = ["9:00-12:30, 13:30-18:00"] * 5 + ["", ""]
ZONE = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("9-17", [(540, 1020)]),
        ("13:30–18:00; 9:00–12:30", [(540, 750), (810, 1080)]),
        ("9：00至12：30、13.30-24", [(540, 750), (810, 1440)]),
        ("", []),
        ("  ", []),
    ],
)
def test_spans_as_people_write_them(text, read):
    assert [(span.start, span.end) for span in read_spans(text)] == read


@pytest.mark.parametrize(
    "text", ["9", "9-9", "22:00-6:00", "9-25", "9:60-12", "9-12, 11-13", "9-12, 12-13", "nine to five"]
)
def test_what_is_no_span_is_said(text):
    with pytest.raises(Unreadable):
        read_spans(text)


@given(st.lists(st.integers(0, DAY_MINUTES), unique=True, max_size=8).map(sorted))
def test_what_is_written_is_read_back(marks):
    spans = tuple(Span(a, b) for a, b in zip(marks[::2], marks[1::2], strict=False))
    assert read_spans(spans_text(spans)) == spans


def test_until_something_is_set_office_hours_count(workspace):
    assert (week_of().zone, week_of().days) == (workspace.snapshot.time_zone, OFFICE_WEEK)
    assert week_of().minutes == 40 * 60


def test_a_week_is_set_seen_and_undone(workspace):
    batch = set_week(zone="Asia/Shanghai", days=DAYS, by=workspace.owner)
    assert (week_of().zone, week_of().minutes) == ("Asia/Shanghai", 40 * 60)
    assert not is_open(dt.datetime(2026, 11, 25, 13, 0, tzinfo=ZONE), working_hours())
    undo(batch, by=workspace.owner, label="undone")
    forget_settings()
    assert week_of().days == OFFICE_WEEK


def test_every_problem_of_a_week_is_said_at_its_day(workspace):
    with pytest.raises(DomainError) as refused:
        set_week(zone="Nowhere", days=["9-8", "x", *DAYS[2:]], by=workspace.owner)
    assert set(refused.value.fields) == {"zone", "day-0", "day-1"}
    with pytest.raises(DomainError) as refused:
        set_week(zone="UTC", days=[""] * 7, by=workspace.owner)
    assert set(refused.value.fields) == {"day-0"}
    assert week_of().days == OFFICE_WEEK


def test_a_weekend_that_is_worked_instead_counts_before_the_holiday_around_it(workspace):
    owner = workspace.owner
    set_week(zone="Asia/Shanghai", days=DAYS, by=owner)
    add_special_day(name="国庆节", first=D(2026, 10, 1), last=D(2026, 10, 10), by=owner)
    add_special_day(name="调休", first=D(2026, 10, 10), last=None, weekday=0, by=owner)
    hours = working_hours()
    assert next_opening(dt.datetime(2026, 10, 1, 9, tzinfo=ZONE), hours) == dt.datetime(
        2026, 10, 10, 9, tzinfo=ZONE
    )
    assert hours.spans_of(D(2026, 10, 10)) == OFFICE_DAY


OFFICE_DAY = read_spans(DAYS[0])


def test_a_team_keeps_hours_and_days_of_its_own(workspace):
    owner, team = workspace.owner, Team.objects.create(name="Night")
    set_week(zone="Asia/Shanghai", days=DAYS, by=owner)
    add_special_day(name="Closed", first=D(2026, 11, 25), last=None, by=owner)
    set_week(zone="UTC", days=["20-24"] * 7, team_id=team.pk, by=owner)
    add_special_day(
        name="But not for us", first=D(2026, 11, 25), last=None, weekday=2, team_id=team.pk, by=owner
    )
    assert working_hours(team.pk).spans_of(D(2026, 11, 25)) == (Span(1200, 1440),)
    assert working_hours().spans_of(D(2026, 11, 25)) == ()
    follow_workspace(team.pk, by=owner)
    assert working_hours(team.pk).zone == "Asia/Shanghai"
    assert working_hours(team.pk).spans_of(D(2026, 11, 25)) == OFFICE_DAY


def test_the_fixed_days_of_china_come_every_year_and_once(workspace):
    batch, count = add_fixed_holidays_of_china(year=2026, by=workspace.owner)
    assert (count, add_fixed_holidays_of_china(year=2026, by=workspace.owner)[1]) == (3, 0)
    hours = working_hours()
    off = [D(2030, 1, 1), D(2030, 5, 1), D(2030, 5, 2), D(2030, 10, 1), D(2030, 10, 2), D(2030, 10, 3)]
    assert all(hours.spans_of(day) == () for day in off)
    assert hours.spans_of(D(2030, 1, 2)) != ()
    assert hours.spans_of(D(2030, 10, 4)) != ()
    undo(batch, by=workspace.owner, label="undone")
    assert not SpecialDay.objects.exists()


def test_days_in_the_wrong_order_are_refused_and_removing_is_undone(workspace):
    with pytest.raises(DomainError) as refused:
        add_special_day(name="", first=D(2026, 5, 2), last=D(2026, 5, 1), weekday=9, by=workspace.owner)
    assert set(refused.value.fields) == {"name", "last", "weekday"}
    add_special_day(name="Fair", first=D(2026, 5, 1), last=None, by=workspace.owner)
    day = SpecialDay.objects.get()
    batch = remove_special_day(day.pk, by=workspace.owner)
    assert not SpecialDay.objects.exists()
    undo(batch, by=workspace.owner, label="undone")
    assert SpecialDay.objects.get().name == "Fair"


def test_the_page_in_the_browsers_way(workspace, client_of):
    client = client_of(workspace, workspace.owner)
    team = Team.objects.create(name="Night")
    week = {"zone": "Asia/Shanghai", **{f"day-{n}": text for n, text in enumerate(DAYS)}}
    assert client.post("/settings/hours/", week).status_code == 302
    page = client.get("/settings/hours/").content.decode()
    assert "9:00–12:30, 13:30–18:00" in page
    assert "40 hours a week" in page
    assert 'x="540"' in page
    answer = client.post("/settings/hours/", {**week, "day-2": "12-9"})
    assert answer.status_code == 422
    assert "ends before it begins" in answer.content.decode()
    assert 'value="12-9"' in answer.content.decode()
    picture = client.get("/settings/hours/picture/?day-0=9-12&day-1=nonsense").content.decode()
    assert "3 hours a week" in picture
    assert client.get(f"/settings/hours/{team.pk}/").status_code == 200
    assert client.post(f"/settings/hours/{team.pk}/", {**week, "day-5": "9-12"}).status_code == 302
    assert "own hours" in client.get("/settings/hours/").content.decode()
    day = {"name": "Fair", "first": "2026-02-30", "last": ""}
    assert client.post("/settings/hours/days/add/", day).status_code == 422
    assert (
        client.post("/settings/hours/days/add/", {**day, "first": "2099-02-03", "yearly": "yes"}).status_code
        == 302
    )
    assert "Fair" in client.get("/settings/hours/").content.decode()
    member = client_of(workspace, User.objects.create_user("m@own.example", "x", name="Member"))
    for path in ("/settings/hours/", "/settings/hours/picture/", f"/settings/hours/{team.pk}/"):
        assert member.get(path).status_code == 403
    assert member.post("/settings/hours/", week).status_code == 403
    assert member.post("/settings/hours/china/").status_code == 403
