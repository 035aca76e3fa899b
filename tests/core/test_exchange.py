"""Amounts from one currency into another: the worked example of docs/money.md, and what always holds."""

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.exchange import NoRate, Rate, RateBook
from core.money import decimals_of

D = dt.date
BOOK = RateBook(
    [
        Rate("EUR", "CNY", D(2026, 5, 1), Decimal("7.9")),
        Rate("EUR", "CNY", D(2026, 3, 31), Decimal("7.8402")),
        Rate("JPY", "CNY", D(2026, 1, 1), Decimal("0.0483")),
        Rate("KWD", "CNY", D(2026, 1, 1), Decimal("23.51")),
    ]
)


@pytest.mark.parametrize(
    ("amount", "source", "target", "on", "written"),
    [
        ("1250.00", "EUR", "CNY", D(2026, 4, 30), "9800.25"),
        ("1250.00", "EUR", "CNY", D(2026, 3, 31), "9800.25"),
        ("1250.00", "EUR", "CNY", D(2026, 5, 1), "9875.00"),
        ("100", "CNY", "JPY", D(2026, 5, 1), "2070"),
        ("100", "EUR", "KWD", D(2026, 5, 1), "33.603"),
        ("0.125", "KWD", "CNY", D(2026, 5, 1), "2.94"),
        ("10.35", "CNY", "JPY", D(2026, 5, 1), "214"),
        ("-0.005", "CNY", "CNY", D(2026, 5, 1), "-0.01"),
    ],
)
def test_the_worked_example(amount, source, target, on, written):
    assert str(BOOK.convert(Decimal(amount), source, target, on)) == written


def test_a_day_before_the_first_rate_is_refused():
    with pytest.raises(NoRate, match="EUR to CNY"):
        BOOK.convert(Decimal(1250), "EUR", "CNY", D(2026, 3, 30))
    with pytest.raises(NoRate):
        BOOK.convert(Decimal(1), "EUR", "USD", D(2026, 5, 1))


def test_a_pairs_own_rate_counts_before_every_way_round():
    rates = [
        Rate("EUR", "CNY", D(2026, 1, 1), Decimal(8)),
        Rate("USD", "CNY", D(2026, 1, 1), Decimal(7)),
        Rate("USD", "EUR", D(2026, 1, 1), Decimal("0.5")),
    ]
    book = RateBook(rates)
    assert book.factor("USD", "EUR", D(2026, 1, 2)) == Fraction(1, 2)
    assert book.factor("EUR", "USD", D(2026, 1, 2)) == 2
    assert RateBook(rates[:2]).factor("USD", "EUR", D(2026, 1, 2)) == Fraction(7, 8)


def test_of_two_ways_the_one_with_the_newer_rates_counts():
    book = RateBook(
        [
            Rate("EUR", "CNY", D(2024, 1, 1), Decimal(8)),
            Rate("USD", "CNY", D(2026, 1, 1), Decimal(7)),
            Rate("EUR", "GBP", D(2025, 1, 1), Decimal("0.8")),
            Rate("USD", "GBP", D(2025, 1, 1), Decimal("0.4")),
        ]
    )
    assert book.factor("EUR", "USD", D(2026, 2, 1)) == 2


CODES = st.sampled_from(["CNY", "EUR", "JPY", "KWD", "USD"])
AMOUNTS = st.decimals(min_value=-(10**9), max_value=10**9, places=3)
VALUES = st.decimals(min_value="0.000001", max_value=100_000, places=6)
DAYS = st.dates(min_value=D(2020, 1, 1), max_value=D(2030, 12, 31))
SERIES = st.dictionaries(DAYS, VALUES, min_size=1, max_size=8)


def _slow_half_up(exact: Fraction, decimals: int) -> Decimal:
    """By decimal arithmetic wide enough that its own rounding cannot matter: ties are decided before it."""
    scaled = exact * 10**decimals
    whole, rest = divmod(abs(scaled), 1)
    whole += rest >= Fraction(1, 2)
    return Decimal(int(whole if scaled >= 0 else -whole)) / (Decimal(10) ** decimals)


@given(AMOUNTS, SERIES, DAYS, CODES)
def test_the_rate_of_a_day_is_the_latest_on_or_before_it(amount, series, on, code):
    book = RateBook(Rate("XAU", code, day, value) for day, value in series.items())
    before = [day for day in series if day <= on]
    if not before:
        with pytest.raises(NoRate):
            book.convert(amount, "XAU", code, on)
        return
    exact = Fraction(amount) * Fraction(series[max(before)])
    assert book.convert(amount, "XAU", code, on) == _slow_half_up(exact, decimals_of(code))


@given(AMOUNTS, VALUES, CODES)
def test_an_amount_is_rounded_once_and_by_less_than_half_a_unit(amount, value, code):
    book = RateBook([Rate("XAU", code, D(2026, 1, 1), value)])
    written = book.convert(amount, "XAU", code, D(2026, 1, 1))
    unit = Fraction(1, 10 ** decimals_of(code))
    assert abs(Fraction(written) - Fraction(amount) * Fraction(value)) <= unit / 2
    assert Fraction(written) % unit == 0
    assert -written == book.convert(-amount, "XAU", code, D(2026, 1, 1))


@given(VALUES, VALUES)
def test_there_and_back_is_exactly_one(one, other):
    book = RateBook([Rate("AAA", "CNY", D(2026, 1, 1), one), Rate("BBB", "CNY", D(2026, 1, 1), other)])
    on = D(2026, 1, 1)
    assert book.factor("AAA", "BBB", on) * book.factor("BBB", "AAA", on) == 1
    assert book.factor("AAA", "CNY", on) * book.factor("CNY", "AAA", on) == 1


@given(AMOUNTS, CODES)
def test_within_one_currency_an_amount_is_only_rounded(amount, code):
    places = Decimal(1).scaleb(-decimals_of(code))
    assert RateBook([]).convert(amount, code, code, D(2026, 1, 1)) == amount.quantize(places, ROUND_HALF_UP)
