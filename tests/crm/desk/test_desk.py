"""Today: figures by hand, birthdays round the year, who has gone quiet, first steps."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.clock import now, today
from core.records.types import record_type
from core.records.writing import create_record
from crm.accounts.models import Contact
from crm.activities.models import Task
from crm.activities.services.activities import log_activity, plan_task
from crm.desk.selectors.agenda import birthday_orders, birthdays_soon, events_of, quiet_opportunities
from crm.desk.selectors.figures import month_start, open_figures, quarter_start, won_figures
from crm.desk.services.onboarding import checklist, dismiss_checklist
from crm.desk.views.wording import greeting
from crm.opportunities.models import Opportunity, Stage

DAY = dt.date(2026, 11, 20)


def test_months_and_quarters_begin_where_they_should():
    assert month_start(DAY, 11) == dt.date(2025, 12, 1)
    assert month_start(DAY, -2) == dt.date(2027, 1, 1)
    assert quarter_start(DAY) == dt.date(2026, 10, 1)
    assert quarter_start(dt.date(2026, 1, 31), 1) == dt.date(2025, 10, 1)


@pytest.mark.parametrize(
    ("hour", "words"), [(5, "morning"), (11, "morning"), (12, "afternoon"), (18, "evening"), (3, "evening")]
)
def test_a_greeting_follows_the_clock(hour, words):
    assert words in greeting("Maya", hour)


def test_birthdays_wrap_round_the_year():
    orders = birthday_orders(dt.date(2026, 12, 28), 8)
    assert (orders[1228], orders[1231], orders[101]) == (
        dt.date(2026, 12, 28),
        dt.date(2026, 12, 31),
        dt.date(2027, 1, 1),
    )
    assert len(orders) == 8


def test_who_was_born_on_29_february_has_a_birthday_every_year():
    assert birthday_orders(dt.date(2027, 2, 25), 8)[229] == dt.date(2027, 2, 28)
    assert birthday_orders(dt.date(2028, 2, 25), 8)[229] == dt.date(2028, 2, 29)


@pytest.fixture
def make(workspace):
    stages = {outcome: Stage.objects.filter(outcome=outcome).first() for outcome in ("open", "won", "lost")}

    def opportunity(outcome: str = "open", amount: int | None = 100, **values) -> Opportunity:
        stage = stages[outcome]
        return Opportunity.objects.create(
            name=f"{outcome} {amount}",
            name_key=f"{outcome} {amount}",
            pipeline=stage.pipeline,
            stage=stage,
            outcome=outcome,
            amount=amount,
            **values,
        )

    return opportunity


@pytest.mark.django_db
def test_the_birthdays_of_the_next_seven_days_in_their_order(workspace):
    for name, birthday in (
        ("New year", dt.date(1980, 1, 2)),
        ("Leap", dt.date(1992, 2, 29)),
        ("Eve", dt.date(1990, 12, 31)),
        ("Too late", dt.date(1990, 1, 7)),
    ):
        Contact.objects.create(name=name, name_key=name.lower(), birthday=birthday)
    found = birthdays_soon(to=workspace.owner, first=dt.date(2026, 12, 30))
    assert [(each.contact.name, each.on, each.age) for each in found] == [
        ("Eve", dt.date(2026, 12, 31), 36),
        ("New year", dt.date(2027, 1, 2), 47),
    ]
    [leap] = birthdays_soon(to=workspace.owner, first=dt.date(2027, 2, 25))
    assert (leap.on, leap.age) == (dt.date(2027, 2, 28), 35)


@pytest.mark.django_db
def test_open_figures_by_hand(workspace, make):
    make(amount=100, opened_on=DAY - dt.timedelta(weeks=20), expected_on=DAY)
    make(amount=50, opened_on=DAY - dt.timedelta(days=1), expected_on=DAY - dt.timedelta(days=3))
    make(amount=None, opened_on=DAY)
    make("won", 30, opened_on=DAY - dt.timedelta(weeks=20), closed_on=DAY - dt.timedelta(weeks=2))
    found = open_figures(to=workspace.owner, day=DAY)
    assert (found.amount, found.count) == (150, 3)
    assert (found.closing, found.closing_count, found.closing_late) == (150, 2, 1)
    # Until two weeks ago the won one was open; the second came yesterday.
    assert found.weekly == (130, 130, 130, 130, 130, 100, 100, 150)
    assert found.change == 50


@pytest.mark.django_db
def test_won_figures_by_hand(workspace, make):
    for amount, day in (
        (10, DAY),
        (20, dt.date(2026, 11, 1)),
        (40, dt.date(2026, 10, 31)),
        (80, dt.date(2026, 9, 30)),
        (160, dt.date(2025, 11, 30)),
        (320, dt.date(2025, 10, 31)),
        (640, DAY + dt.timedelta(days=1)),
    ):
        make("won", amount, closed_on=day)
    make("lost", 5000, closed_on=DAY)
    found = won_figures(to=workspace.owner, day=DAY)
    assert (found.this_month, found.last_month, found.same_month_last_year) == (30, 40, 160)
    assert (found.this_quarter, found.last_quarter) == (70, 80)
    assert (found.count_this_month, found.count_this_quarter) == (2, 3)
    assert (sum(found.weekly), found.weekly[-1]) == (Decimal(150), Decimal(10))


@pytest.mark.django_db
def test_the_quiet_ones_by_amount_without_those_that_have_a_plan(workspace, make):
    old = now() - dt.timedelta(days=30)
    small = make(amount=10, last_activity_at=old, opened_on=DAY - dt.timedelta(days=400))
    large = make(amount=900, last_activity_at=now() - dt.timedelta(days=14))
    make(amount=5000, last_activity_at=now() - dt.timedelta(days=13))
    make("won", 7000, last_activity_at=old)
    planned = make(amount=8000, last_activity_at=old)
    plan_task(title="x", target=planned, by=workspace.owner)
    assert quiet_opportunities(to=workspace.owner) == [large, small]


@pytest.mark.django_db
def test_follow_up_plans_a_call_and_the_quiet_one_leaves_the_list(workspace, make, client_of):
    quiet = make(amount=10, last_activity_at=now() - dt.timedelta(days=30))
    client = client_of(workspace, workspace.owner)
    assert f"/desk/follow-up/{quiet.pk}/" in client.get("/").content.decode()
    answer = client.post(f"/desk/follow-up/{quiet.pk}/", HTTP_HX_REQUEST="true")
    assert answer.status_code == 204
    task = Task.objects.get()
    assert (task.kind, task.target_id, task.due_on > today()) == ("call", quiet.pk, True)
    assert f"/desk/follow-up/{quiet.pk}/" not in client.get("/").content.decode()


@pytest.mark.django_db
def test_a_closed_opportunity_is_not_followed_up(workspace, make, client_of):
    won = make("won")
    assert client_of(workspace, workspace.owner).post(f"/desk/follow-up/{won.pk}/").status_code == 404


@pytest.mark.django_db
def test_the_schedule_holds_todays_appointments(workspace):
    noon = now().replace(hour=12, minute=0, second=0, microsecond=0)
    meeting = plan_task(title="Meet", kind="meeting", due_at=noon, by=workspace.owner).record
    plan_task(title="Write", kind="mail", due_at=noon, by=workspace.owner)
    plan_task(title="Tomorrow", kind="call", due_at=noon + dt.timedelta(days=1), by=workspace.owner)
    assert events_of(workspace.owner) == [meeting]


@pytest.mark.django_db
def test_appointments_with_and_without_a_record_are_shown(workspace, client_of):
    account = create_record(record_type("account"), {"name": "Northgate"}, by=workspace.owner).record
    plan_task(title="Meet", kind="meeting", due_at=now(), by=workspace.owner)
    plan_task(title="Drop in", kind="visit", due_at=now(), target=account, by=workspace.owner)
    page = client_of(workspace, workspace.owner).get("/").content.decode()
    assert "Meeting" in page
    assert "Northgate · Visit" in page


def test_first_steps_tick_themselves(workspace, client_of):
    steps = checklist(workspace.owner)
    assert (steps.taken, len(steps.steps)) == (0, 4)
    account = create_record(record_type("account"), {"name": "N"}, by=workspace.owner).record
    log_activity(account, kind="call", text="x", by=workspace.owner)
    create_record(record_type("opportunity"), {"name": "O"}, by=workspace.owner)
    taken = {step.key for step, done in checklist(workspace.owner).steps if done}
    assert taken == {"call", "opportunity"}
    client = client_of(workspace, workspace.owner)
    assert b"First steps" in client.get("/").content
    dismiss_checklist(by=workspace.owner)
    assert b"First steps" not in client.get("/").content


@pytest.mark.django_db
def test_a_fresh_workspace_opens_with_an_offer_of_samples(workspace, client_of):
    page = client_of(workspace, workspace.owner).get("/").content.decode()
    assert 'action="/samples/add/"' in page


@pytest.mark.django_db
def test_the_desk_costs_at_most_fifteen_queries(workspace, make, client_of, settings):
    settings.USERSESSIONS_TRACK_ACTIVITY = False
    client = client_of(workspace, workspace.owner)
    for key in ("account", "contact", "product", "opportunity"):
        kind = record_type(key)
        record = create_record(kind, {"name": key}, by=workspace.owner).record
        for number in range(5):
            plan_task(title=f"{key} {number}", target=record, due_on=today(), by=workspace.owner)
        client.get(kind.url_of(record.pk))
    make(amount=10, last_activity_at=now() - dt.timedelta(days=30))
    client.get("/")
    with CaptureQueriesContext(connection) as queries:
        answer = client.get("/")
    assert answer.status_code == 200
    asked = [each["sql"] for each in queries if each["sql"].startswith(("SELECT", "UPDATE", "INSERT"))]
    assert len(asked) <= 15, "\n".join(sql[:160] for sql in asked)
    assert all(sql.startswith("SELECT") for sql in asked)
