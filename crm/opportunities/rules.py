"""What follows from an opportunity's stage. Pure."""

import datetime as dt
from decimal import Decimal


def closing_day(outcome: str, closed_on: dt.date | None, today: dt.date) -> dt.date | None:
    """outcome: 'open', which has no closing day; 'won' or 'lost', which has today unless one is given."""
    if outcome == "open":
        return None
    return closed_on or today


def weighted(amount: Decimal | None, probability_percent: int) -> Decimal:
    """amount × probability, unrounded: sums are rounded once, at the end."""
    return (amount or Decimal(0)) * probability_percent / 100


def default_name(account: str, product: str, reference: str) -> str:
    """What an opportunity without a name is called: 'Acme – GTX Pro', or what is known of that."""
    return " – ".join(part for part in (account, product) if part) or reference


def position_between(previous: float | None, anchor: float | None, *, at_end: bool) -> float | None:
    """A place behind `previous` and in front of `anchor`; None when there is no room, or no anchor.

    previous: None at the column's start. at_end: behind the last card, without an anchor.
    """
    if at_end:
        return 0.0 if previous is None else previous + 1
    if anchor is None:
        return None
    if previous is None:
        return anchor - 1
    middle = (previous + anchor) / 2
    return middle if previous < middle < anchor else None
