"""Minor units of odd currencies. Source: docs.stripe.com/currencies."""

import pytest

from billing.gateway.amounts import UnsendableAmount, from_stripe, to_stripe


@pytest.mark.parametrize(
    ("currency", "ours", "theirs"),
    [
        ("USD", 1234, 1234),
        ("JPY", 1800, 1800),
        ("KRW", 5000, 5000),
        ("ISK", 500, 50_000),
        ("UGX", 7000, 700_000),
        ("KWD", 12_340, 12_340),
        ("MGA", 50_000, 500),
    ],
)
def test_both_ways(currency, ours, theirs):
    assert to_stripe(ours, currency) == theirs
    assert from_stripe(theirs, currency) == ours


@pytest.mark.parametrize(("currency", "ours"), [("KWD", 12_345), ("MGA", 50_050)])
def test_what_cannot_be_charged_is_refused(currency, ours):
    with pytest.raises(UnsendableAmount):
        to_stripe(ours, currency)
