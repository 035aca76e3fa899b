"""Products, prices, coupons, tax rates: what Stripe takes and refuses. Source: docs.stripe.com/api, /currencies."""

import pytest
import stripe as sdk

from tests.billing.devstripe.asking import advance, at, customer, price, subscribe, totals


@pytest.fixture
def product(v1):
    return v1.products.create({"name": "Seat"}).id


def refused(call, *given) -> sdk.InvalidRequestError:
    with pytest.raises(sdk.InvalidRequestError) as caught:
        call(*given)
    return caught.value


@pytest.mark.parametrize(
    ("amounts", "param"),
    [
        ({}, "unit_amount"),
        ({"unit_amount": 5, "unit_amount_decimal": "5"}, "unit_amount"),
        ({"unit_amount": -1}, "unit_amount"),
        ({"unit_amount": 100_000_000}, "unit_amount"),
        ({"unit_amount": "12.5"}, "unit_amount"),
        ({"unit_amount_decimal": "0.1234567890123"}, "unit_amount_decimal"),
        ({"unit_amount_decimal": "-1"}, "unit_amount_decimal"),
        ({"unit_amount_decimal": "NaN"}, "unit_amount_decimal"),
        ({"unit_amount": 5, "currency": "xyz"}, "currency"),
        ({"unit_amount": 1005, "currency": "kwd"}, "unit_amount"),
        ({"unit_amount": 150, "currency": "isk"}, "unit_amount"),
        ({"unit_amount": 5, "recurring": {"interval": "fortnight"}}, "recurring[interval]"),
        (
            {"unit_amount": 5, "recurring": {"interval": "year", "interval_count": 4}},
            "recurring[interval_count]",
        ),
        ({"unit_amount": 5, "colour": "red"}, "colour"),
    ],
)
def test_a_price_that_stripe_would_refuse(v1, product, amounts, param):
    assert refused(v1.prices.create, {"product": product, "currency": "usd", **amounts}).param == param


@pytest.mark.parametrize(
    ("currency", "amount"), [("jpy", 1), ("kwd", 1010), ("isk", 15000), ("cny", 1), ("USD", 99_999_999)]
)
def test_a_price_of_each_kind_of_currency(v1, product, currency, amount):
    made = v1.prices.create({"product": product, "currency": currency, "unit_amount": amount})
    assert (made.currency, made.unit_amount, made.type) == (currency.lower(), amount, "one_time")


def test_a_lookup_key_belongs_to_one_price_and_can_be_handed_on(v1, product):
    details = {"product": product, "currency": "usd", "unit_amount": 5, "lookup_key": "seat"}
    first = v1.prices.create(details)
    error = refused(v1.prices.create, details)
    assert (error.param, error.code) == ("lookup_key", "resource_already_exists")
    second = v1.prices.create({**details, "transfer_lookup_key": True})
    assert v1.prices.retrieve(first.id).lookup_key is None
    assert [each.id for each in v1.prices.list({"lookup_keys": ["seat"]}).data] == [second.id]
    v1.prices.update(second.id, {"active": False})
    assert v1.prices.list({"lookup_keys": ["seat"], "active": True}).data == []


def test_metadata_is_merged_and_an_empty_text_takes_a_key_away(v1, product):
    v1.products.update(product, {"metadata": {"a": "1", "b": "2"}})
    assert v1.products.update(product, {"metadata": {"a": "", "c": "3"}}).metadata.to_dict() == {
        "b": "2",
        "c": "3",
    }
    assert v1.products.update(product, {"metadata": ""}).metadata.to_dict() == {}
    assert refused(v1.products.update, product, {"metadata": {"k" * 41: "v"}}).param.startswith("metadata")
    assert (
        refused(v1.products.update, product, {"metadata": {str(n): "v" for n in range(51)}}).param
        == "metadata"
    )


def test_numbers_may_be_keys_of_metadata(v1, product):
    made = v1.products.update(product, {"metadata": {"0": "a", "1": "b"}})
    assert made.metadata.to_dict() == {"0": "a", "1": "b"}


@pytest.mark.parametrize(
    ("details", "param"),
    [
        ({"duration": "once"}, "percent_off"),
        ({"duration": "once", "percent_off": 101}, "percent_off"),
        ({"duration": "once", "amount_off": 5}, "currency"),
        ({"duration": "once", "amount_off": 0, "currency": "usd"}, "amount_off"),
        ({"duration": "repeating", "percent_off": 5}, "duration_in_months"),
        ({"duration": "sometimes", "percent_off": 5}, "duration"),
    ],
)
def test_a_coupon_that_stripe_would_refuse(v1, details, param):
    assert refused(v1.coupons.create, details).param == param


class TestCoupons:
    def test_one_is_used_up_and_one_is_over(self, v1):
        who, _clock = customer(v1, at(2026, 11, 1))
        other, _clock = customer(v1, at(2026, 11, 1))
        v1.coupons.create({"id": "ONE", "percent_off": 10, "duration": "once", "max_redemptions": 1})
        v1.coupons.create({"id": "OLD", "percent_off": 10, "duration": "once", "redeem_by": at(2026, 10, 1)})
        subscribe(v1, who, price(v1), discounts=[{"coupon": "ONE"}])
        assert v1.coupons.retrieve("ONE").times_redeemed == 1
        for code in ("ONE", "OLD"):
            with pytest.raises(sdk.InvalidRequestError) as caught:
                subscribe(v1, other, price(v1), discounts=[{"coupon": code}])
            assert caught.value.error.code == "coupon_expired"

    def test_an_amount_is_taken_off_once(self, v1):
        who, clock = customer(v1, at(2026, 11, 1))
        v1.coupons.create({"id": "FIVE", "amount_off": 500, "currency": "usd", "duration": "once"})
        subscribe(v1, who, price(v1), discounts=[{"coupon": "FIVE"}])
        advance(v1, clock, at(2026, 12, 1, 2))
        assert totals(v1, who) == [(700, "paid"), (1200, "paid")]

    def test_one_of_another_currency_is_refused(self, v1):
        who, _clock = customer(v1, at(2026, 11, 1))
        v1.coupons.create({"id": "EUR5", "amount_off": 500, "currency": "eur", "duration": "once"})
        with pytest.raises(sdk.InvalidRequestError, match="eur"):
            subscribe(v1, who, price(v1), discounts=[{"coupon": "EUR5"}])


@pytest.mark.parametrize(
    ("inclusive", "sums"),
    [
        # 19 % on top of 59.94: 11.3886 → 11.39.
        (False, (5994, 1139, 7133)),
        # 19 % contained in 59.94: 59.94 × 19 ⁄ 119 = 9.5702 → 9.57.
        (True, (5994, 957, 5994)),
    ],
)
def test_tax_on_top_and_tax_contained(v1, inclusive, sums):
    """docs.stripe.com/billing/taxes/tax-rates, inclusive and exclusive."""
    rate = v1.tax_rates.create({"display_name": "VAT", "percentage": 19, "inclusive": inclusive})
    who, _clock = customer(v1, at(2026, 11, 1))
    subscribe(v1, who, price(v1, 999), 6, default_tax_rates=[rate.id])
    invoice = v1.invoices.list({"customer": who}).data[0]
    assert (invoice.subtotal, sum(tax.amount for tax in invoice.total_taxes), invoice.total) == sums
    with pytest.raises(sdk.InvalidRequestError):
        v1.tax_rates.update(rate.id, {"percentage": 20})


def test_one_customer_has_one_currency_while_anything_is_alive(v1):
    """docs.stripe.com/billing/customer#currency."""
    who, _clock = customer(v1, at(2026, 11, 1))
    made = subscribe(v1, who, price(v1))
    with pytest.raises(sdk.InvalidRequestError, match="cannot combine currencies"):
        subscribe(v1, who, price(v1, currency="eur"))
    v1.subscriptions.cancel(made.id)
    assert subscribe(v1, who, price(v1, currency="eur")).currency == "eur"
