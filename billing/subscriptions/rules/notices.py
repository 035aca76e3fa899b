"""Which mails a standing calls for, and when."""

import datetime as dt
from dataclasses import dataclass

from billing.subscriptions.rules.standing import Reason, Standing, State

# Days before the deadline on which a reminder goes out; entering a state is told at once besides.
REMINDERS = {
    State.TRIAL: (7, 3, 1),
    State.PAST_DUE: (2,),
    State.LIMITED: (2,),
    State.READ_ONLY: (3,),
    State.SUSPENDED: (14, 7, 1),
}
# Nothing is removed that was not announced so long before.
CLOSING_NOTICE_DAYS = 7


@dataclass(frozen=True, slots=True)
class Notice:
    """key: it goes out once under this. days: before the deadline; None: on entering."""

    key: str
    days: int | None


def due_notices(standing: Standing, at: dt.datetime) -> list[Notice]:
    """What should have gone out by `at`, the newest reminder only: nobody wants three at once."""
    due = []
    if standing.state not in (State.TRIAL, State.ACTIVE):
        due.append(Notice(_key(standing, "in"), None))
    if standing.deadline is not None:
        passed = [
            days
            for days in REMINDERS.get(standing.state, ())
            if standing.deadline - dt.timedelta(days=days) <= at < standing.deadline
        ]
        # One that would come on the day of entering says nothing new.
        passed = [days for days in passed if standing.deadline - dt.timedelta(days=days) > standing.since]
        if passed:
            due.append(Notice(_key(standing, str(min(passed))), min(passed)))
    return due


def closing_notice_key(standing: Standing) -> str:
    """The notice that must be CLOSING_NOTICE_DAYS old before a workspace is closed."""
    return _key(standing, str(CLOSING_NOTICE_DAYS))


def _key(standing: Standing, what: str) -> str:
    reason = standing.reason or Reason.NONE
    return f"{standing.state}:{reason}:{standing.since:%Y%m%dT%H%M%S}:{what}"
