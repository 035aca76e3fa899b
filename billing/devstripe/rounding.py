"""Whole minor units. Source: docs.stripe.com/billing/subscriptions/prorations ("to the nearest unit").

A half goes away from zero, which is not documented.
"""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction


def rounded(amount: Fraction | Decimal | float) -> int:
    exact = Fraction(amount)
    value = Decimal(exact.numerator) / Decimal(exact.denominator)
    return int(value.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def share(amount: int, part: int, whole: int) -> int:
    """amount × part ÷ whole, rounded."""
    return rounded(Fraction(amount) * part / whole) if whole else 0
