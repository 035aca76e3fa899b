"""The state machine, and the table of it in the documentation."""

import datetime as dt
import re
from pathlib import Path

import pytest

from billing.subscriptions.rules.notices import due_notices
from billing.subscriptions.rules.standing import (
    ACCESS,
    DAYS,
    TRANSITIONS,
    Event,
    Reason,
    Standing,
    State,
    first_standing,
    step,
    steps_ahead,
)

AT = dt.datetime(2026, 3, 1, 9, tzinfo=dt.UTC)
DOCS = Path(__file__).resolve().parents[3] / "docs" / "billing.md"


def days(count: float) -> dt.timedelta:
    return dt.timedelta(days=count)


def test_an_unpaid_invoice_leads_down_by_the_dates_that_were_told():
    active = Standing(State.ACTIVE, Reason.NONE, AT, None)
    failed = step(active, Event.PAYMENT_FAILED, AT)
    told = [(each.state, each.since) for each in steps_ahead(failed)]
    assert told == [
        (State.PAST_DUE, AT),
        (State.LIMITED, AT + days(7)),
        (State.READ_ONLY, AT + days(14)),
        (State.SUSPENDED, AT + days(28)),
        (State.CLOSED, AT + days(58)),
    ]


def test_a_step_that_is_noticed_late_counts_from_its_day():
    trial = first_standing(AT)
    late = step(trial, Event.TIME_UP, AT + days(20))
    assert (late.state, late.since, late.deadline) == (State.READ_ONLY, AT + days(14), AT + days(28))


@pytest.mark.parametrize("state", [State.PAST_DUE, State.LIMITED, State.READ_ONLY, State.SUSPENDED])
def test_paying_leads_back_from_everywhere(state):
    down = Standing(state, Reason.UNPAID, AT, AT + days(1))
    back = step(down, Event.PAID, AT + days(0.5))
    assert (back.state, back.reason, back.deadline) == (State.ACTIVE, Reason.NONE, None)


def test_what_is_not_in_the_table_changes_nothing():
    for state in State:
        standing = Standing(state, Reason.NONE, AT, AT + days(3))
        for event in Event:
            if (state, event) not in TRANSITIONS:
                assert step(standing, event, AT) is standing


def test_every_state_has_its_access_and_every_deadline_leads_somewhere():
    assert set(ACCESS) == set(State)
    assert set(DAYS) == {state for state, event in TRANSITIONS if event == Event.TIME_UP}


def test_the_documentation_has_this_very_table():
    rows = re.findall(r"^\| `(\w+)` \| `(\w+)` \| `(\w+)` \|", DOCS.read_text(encoding="utf-8"), re.MULTILINE)
    assert set(rows) == {
        (str(state), str(event), str(after)) for (state, event), (after, _r) in TRANSITIONS.items()
    }
    told = dict(re.findall(r"^\| `(\w+)` \| (\d+) days \|", DOCS.read_text(encoding="utf-8"), re.MULTILINE))
    assert told == {str(state): str(count) for state, count in DAYS.items()}


def test_only_the_newest_reminder_is_due():
    trial = first_standing(AT)
    assert [notice.days for notice in due_notices(trial, AT)] == []
    assert [notice.days for notice in due_notices(trial, AT + days(7.1))] == [7]
    assert [notice.days for notice in due_notices(trial, AT + days(13.5))] == [1]
    assert [notice.days for notice in due_notices(trial, AT + days(14))] == []


def test_a_reminder_has_one_key_however_often_it_is_asked_for():
    trial = first_standing(AT)
    keys = {
        notice.key
        for hours in range(0, 48)
        for notice in due_notices(trial, AT + days(7) + dt.timedelta(hours=hours))
    }
    assert len(keys) == 1
