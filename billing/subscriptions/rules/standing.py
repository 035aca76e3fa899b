"""The one state machine of a subscription. docs/billing.md repeats its table; a test holds the two together."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from core.entitlements import Access


class State(StrEnum):
    """TRIAL: no card yet. ACTIVE: in good standing. The others are steps down, each with a date for the next."""

    TRIAL = "trial"
    ACTIVE = "active"
    PAST_DUE = "past_due"
    LIMITED = "limited"
    READ_ONLY = "read_only"
    SUSPENDED = "suspended"
    CLOSED = "closed"


class Reason(StrEnum):
    """Why a subscription is on its way down."""

    NONE = ""
    TRIAL_ENDED = "trial_ended"
    UNPAID = "unpaid"
    CANCELLED = "cancelled"
    PAUSED = "paused"


class Event(StrEnum):
    """PAID: Stripe says the subscription is active or trialing. PAYMENT_FAILED: it is past due or unpaid.

    PAUSED: Stripe waits for a card and nothing is owed. ENDED: it is over at Stripe. TIME_UP: the deadline has come.
    EXTENDED: the operator gave a longer trial. REOPENED: the operator took the closing back.
    """

    PAID = "paid"
    PAYMENT_FAILED = "payment_failed"
    PAUSED = "paused"
    ENDED = "ended"
    TIME_UP = "time_up"
    EXTENDED = "extended"
    REOPENED = "reopened"


# How long a state lasts before TIME_UP, in days. ACTIVE and CLOSED have no end of their own.
DAYS = {State.TRIAL: 14, State.PAST_DUE: 7, State.LIMITED: 7, State.READ_ONLY: 14, State.SUSPENDED: 30}

ACCESS = {
    State.TRIAL: Access.FULL,
    State.ACTIVE: Access.FULL,
    State.PAST_DUE: Access.FULL,
    State.LIMITED: Access.LIMITED,
    State.READ_ONLY: Access.READ_ONLY,
    State.SUSPENDED: Access.SUSPENDED,
    State.CLOSED: Access.SUSPENDED,
}

_T, _A, _P, _L, _R, _S, _C = State
# (state, event) → (next state, its reason; None: the reason stays). What is not here changes nothing.
TRANSITIONS: dict[tuple[State, Event], tuple[State, Reason | None]] = {
    (_T, Event.PAID): (_A, Reason.NONE),
    (_T, Event.PAYMENT_FAILED): (_P, Reason.UNPAID),
    (_T, Event.PAUSED): (_R, Reason.PAUSED),
    (_T, Event.ENDED): (_R, Reason.CANCELLED),
    (_T, Event.TIME_UP): (_R, Reason.TRIAL_ENDED),
    (_T, Event.EXTENDED): (_T, Reason.NONE),
    (_A, Event.PAYMENT_FAILED): (_P, Reason.UNPAID),
    (_A, Event.PAUSED): (_R, Reason.PAUSED),
    (_A, Event.ENDED): (_R, Reason.CANCELLED),
    (_P, Event.PAID): (_A, Reason.NONE),
    (_P, Event.TIME_UP): (_L, None),
    (_L, Event.PAID): (_A, Reason.NONE),
    (_L, Event.TIME_UP): (_R, None),
    (_R, Event.PAID): (_A, Reason.NONE),
    (_R, Event.TIME_UP): (_S, None),
    (_R, Event.EXTENDED): (_T, Reason.NONE),
    (_S, Event.PAID): (_A, Reason.NONE),
    (_S, Event.TIME_UP): (_C, None),
    (_S, Event.EXTENDED): (_T, Reason.NONE),
    (_C, Event.PAID): (_A, Reason.NONE),
    (_C, Event.EXTENDED): (_T, Reason.NONE),
    (_C, Event.REOPENED): (_R, None),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """since, deadline: UTC; deadline: when TIME_UP comes, None for never."""

    state: State
    reason: Reason
    since: dt.datetime
    deadline: dt.datetime | None

    @property
    def access(self) -> Access:
        return ACCESS[self.state]


def first_standing(at: dt.datetime, trial_ends: dt.datetime | None = None) -> Standing:
    """Of a new workspace. trial_ends: where it was settled already."""
    return Standing(State.TRIAL, Reason.NONE, at, trial_ends or _end_of(State.TRIAL, at))


def step(standing: Standing, event: Event, at: dt.datetime, *, until: dt.datetime | None = None) -> Standing:
    """Where the event leads at the moment `at`; the same object when it changes nothing.

    until: for EXTENDED, the trial's new end. A step down by TIME_UP counts from the deadline that was told, however
    late it is noticed, so that the dates people were shown hold.
    """
    following = TRANSITIONS.get((standing.state, event))
    if following is None:
        return standing
    state, reason = following
    since = standing.deadline if event == Event.TIME_UP and standing.deadline else at
    deadline = until if event == Event.EXTENDED else _end_of(state, since)
    return Standing(state, standing.reason if reason is None else reason, since, deadline)


def steps_ahead(standing: Standing) -> list[Standing]:
    """What comes, each with its date, if nothing is done: the standing at hand, then every step down."""
    ahead = [standing]
    while ahead[-1].deadline is not None:
        ahead.append(step(ahead[-1], Event.TIME_UP, ahead[-1].deadline))
    return ahead


def _end_of(state: State, since: dt.datetime) -> dt.datetime | None:
    return since + dt.timedelta(days=DAYS[state]) if state in DAYS else None
