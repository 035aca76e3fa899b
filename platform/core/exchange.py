"""Amounts from one currency into another, by the rate of a day. Pure. The worked example stands in docs/money.md.

A rate counts from its day until the next one: the rate of a day is the latest on or before it. Factors are exact
fractions, and an amount is rounded once, at the end, half up to the minor unit of the currency it goes into.
"""

import bisect
import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from core.errors import DomainError
from core.money import decimals_of


@dataclass(frozen=True, slots=True)
class Rate:
    """From `since` on, one unit of `currency` is worth `value` units of `base` (both ISO 4217)."""

    currency: str
    base: str
    since: dt.date
    value: Decimal


class NoRate(DomainError):
    """Nothing says what one currency was worth in the other on that day."""

    code = "no_rate"

    def __init__(self, source: str, target: str, on: dt.date) -> None:
        words = {"source": source, "target": target, "day": date_format(on, "SHORT_DATE_FORMAT")}
        super().__init__(
            _("There is no rate from %(source)s to %(target)s for %(day)s or before (Settings → Currencies).")
            % words
        )


class RateBook:
    """Rates by pair and day. Also answers the other way round, and by way of a currency that both have rates in."""

    def __init__(self, rates: Iterable[Rate]) -> None:
        self._pairs: dict[tuple[str, str], list[Rate]] = {}
        for rate in sorted(rates, key=lambda each: each.since):
            self._pairs.setdefault((rate.currency, rate.base), []).append(rate)

    def rate_on(self, currency: str, base: str, on: dt.date) -> Rate | None:
        """The latest typed rate of exactly this pair on or before the day."""
        known = self._pairs.get((currency, base), [])
        place = bisect.bisect_right(known, on, key=lambda each: each.since)
        return known[place - 1] if place else None

    def factor(self, source: str, target: str, on: dt.date) -> Fraction:
        """What one unit of `source` is worth in `target`, exact. Raises NoRate.

        The pair's own rate counts before the reversed one, and both before a way through a third currency; of
        several such ways the one whose older rate is the newest, then by the third currency's code.
        """
        if source == target:
            return Fraction(1)
        if own := self.rate_on(source, target, on):
            return Fraction(own.value)
        if reverse := self.rate_on(target, source, on):
            return 1 / Fraction(reverse.value)
        ways = [way for base in self._bases() if (way := self._through(base, source, target, on))]
        if not ways:
            raise NoRate(source, target, on)
        newest = max(day for day, _base, _factor in ways)
        return min((base, factor) for day, base, factor in ways if day == newest)[1]

    def convert(self, amount: Decimal, source: str, target: str, on: dt.date) -> Decimal:
        """The amount in `target`, rounded half up to its minor unit. Raises NoRate."""
        return _rounded(Fraction(amount) * self.factor(source, target, on), decimals_of(target))

    def _bases(self) -> list[str]:
        return sorted({base for _currency, base in self._pairs})

    def _through(
        self, base: str, source: str, target: str, on: dt.date
    ) -> tuple[dt.date, str, Fraction] | None:
        one, other = self.rate_on(source, base, on), self.rate_on(target, base, on)
        if one is None or other is None:
            return None
        return min(one.since, other.since), base, Fraction(one.value) / Fraction(other.value)


def _rounded(exact: Fraction, decimals: int) -> Decimal:
    """Half up, away from zero as the trade does with credits too: −0.005 becomes −0.01."""
    units = abs(exact) * 10**decimals
    whole = int(units + Fraction(1, 2))
    return Decimal(-whole if exact < 0 else whole).scaleb(-decimals)
