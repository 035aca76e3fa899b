"""Amounts for people: short ones in the units of the reader's language."""

from decimal import Decimal

import pytest
from django.utils import translation

from core.money import short_money


@pytest.mark.parametrize(
    ("language", "amount", "shown"),
    [
        ("en", "38000", "£38k"),
        ("en", "1270000", "£1.3m"),
        ("en", "2000000000", "£2bn"),
        ("en", "940", "£940"),
        ("zh-hans", "38000", "£3.8万"),
        ("zh-hans", "5000000", "£500万"),
        ("zh-hans", "230000000", "£2.3亿"),
        ("zh-hans", "9400", "£9,400"),
    ],
)
def test_axes_count_as_the_reader_does(language, amount, shown):
    with translation.override(language):
        assert short_money(Decimal(amount), "GBP") == shown
