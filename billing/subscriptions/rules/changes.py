"""When a change takes effect. No database."""

from dataclasses import dataclass
from enum import StrEnum

from billing.plans.rules import Booking, monthly_minor


class Kind(StrEnum):
    """START: a first subscription. NOW: charged at once for the rest of the period. LATER: from the next period on.

    IN_TRIAL: Stripe's first charge lies ahead, so nothing is charged for the change. NONE: nothing changes.
    """

    START = "start"
    NOW = "now"
    LATER = "later"
    IN_TRIAL = "in_trial"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a change: what is booked and what a whole period of it costs (minor units, without tax)."""

    booking: Booking
    amount_minor: int

    @property
    def monthly(self) -> int:
        return monthly_minor(self.amount_minor, self.booking.interval)


def kind_of_change(before: Side | None, after: Side, *, in_trial: bool) -> Kind:
    """What costs as much or more a month, or is longer, begins now; the rest when what is paid for has been used up.

    before: None without a living subscription. A longer interval begins now, though a month of a year costs less.
    """
    if before is None:
        return Kind.START
    if before.booking == after.booking:
        return Kind.NONE
    if in_trial:
        return Kind.IN_TRIAL
    if before.booking.interval != after.booking.interval:
        longer = after.booking.interval == "year"
        fewer = after.booking.seats < before.booking.seats
        return Kind.NOW if longer and not fewer else Kind.LATER
    return Kind.NOW if after.monthly >= before.monthly else Kind.LATER
