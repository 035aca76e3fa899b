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
