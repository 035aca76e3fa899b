"""Amounts to the second, worked by hand. Source: docs.stripe.com/billing/subscriptions/prorations."""

import pytest
import stripe as sdk

from tests.billing.devstripe.asking import advance, at, customer, price, subscribe, totals

START = at(2026, 11, 1)
"""November has 2,592,000 seconds."""


def change(v1, subscription: str, items, **more):
    return v1.subscriptions.update(
        subscription, {"items": items, "proration_behavior": "always_invoice", **more}
    )


def newest_lines(v1, who: str) -> list[int]:
    return [line.amount for line in v1.invoices.list({"customer": who}).data[0].lines.data]


def test_a_second_change_is_credited_with_what_the_first_one_cost(v1):
    """Flexible billing credits the original debits, not the price times the time that is left."""
    who, clock = customer(v1, START)
    made = subscribe(v1, who, price(v1), 5)
    item = made["items"].data[0].id
    advance(v1, clock, at(2026, 11, 11))
    change(v1, made.id, [{"id": item, "quantity": 8}])
    # 20 of 30 days are left: −60.00 × 2⁄3, +96.00 × 2⁄3.
    assert newest_lines(v1, who) == [-4000, 6400]
    advance(v1, clock, at(2026, 11, 21))
    change(v1, made.id, [{"id": item, "quantity": 9}])
    # Half of the 64.00 of the first change; 108.00 × 1⁄3.
    assert newest_lines(v1, who) == [-3200, 3600]
    advance(v1, clock, at(2026, 12, 1, 2))
    assert totals(v1, who) == [(6000, "paid"), (2400, "paid"), (400, "paid"), (10800, "paid")]


def test_several_items_change_together(v1):
    who, clock = customer(v1, START)
    base, seat, extra = price(v1, 3900), price(v1, 1200), price(v1, 500)
    made = v1.subscriptions.create(
        {"customer": who, "items": [{"price": base}, {"price": seat, "quantity": 2}]}
    )
    ids = {item.price.id: item.id for item in made["items"].data}
    advance(v1, clock, at(2026, 11, 16))
    changed = change(
        v1, made.id,
        [{"id": ids[base], "deleted": True}, {"id": ids[seat], "quantity": 4}, {"price": extra, "quantity": 3}],
    )  # fmt: skip
    # Half a month: −39.00⁄2, −24.00⁄2, +48.00⁄2, +15.00⁄2.
    assert newest_lines(v1, who) == [-1950, -1200, 2400, 750]
    assert {(item.price.id, item.quantity) for item in changed["items"].data} == {(seat, 4), (extra, 3)}
    advance(v1, clock, at(2026, 12, 1, 2))
    assert totals(v1, who)[-1] == (6300, "paid")


def test_without_prorations_the_full_price_comes_with_the_next_period(v1):
    who, clock = customer(v1, START)
    made = subscribe(v1, who, price(v1), 5)
    advance(v1, clock, at(2026, 11, 16))
    v1.subscriptions.update(
        made.id, {"items": [{"id": made["items"].data[0].id, "quantity": 8}], "proration_behavior": "none"}
    )
    advance(v1, clock, at(2026, 12, 1, 2))
    assert totals(v1, who) == [(6000, "paid"), (9600, "paid")]


def test_a_change_of_a_discounted_subscription_is_net_and_not_discounted_again(v1):
    v1.coupons.create({"id": "QUARTER", "percent_off": 25, "duration": "forever"})
    who, clock = customer(v1, START)
    made = subscribe(v1, who, price(v1), 4, discounts=[{"coupon": "QUARTER"}])
    advance(v1, clock, at(2026, 11, 16))
    change(v1, made.id, [{"id": made["items"].data[0].id, "quantity": 6}])
    # Half of 36.00 that was paid for 4, half of 54.00 for 6.
    assert newest_lines(v1, who) == [-1800, 2700]
    advance(v1, clock, at(2026, 12, 1, 2))
    assert totals(v1, who) == [(3600, "paid"), (900, "paid"), (5400, "paid")]


def test_a_preview_and_the_change_at_its_moment_are_the_same(v1):
    who, clock = customer(v1, START)
    made = subscribe(v1, who, price(v1, 1299), 5)
    item = made["items"].data[0].id
    moment = at(2026, 11, 16, 12, 34, 56)
    advance(v1, clock, moment)
    items = [{"id": item, "quantity": 8}]
    details = {"items": items, "proration_behavior": "always_invoice", "proration_date": moment}
    shown = v1.invoices.create_preview({"subscription": made.id, "subscription_details": details})
    advance(v1, clock, moment + 3600)
    change(v1, made.id, items, proration_date=moment)
    assert newest_lines(v1, who) == [line.amount for line in shown.lines.data] == [-3134, 5014]
    assert totals(v1, who)[-1] == (shown.amount_due, "paid") == (1880, "paid")


def test_fractions_of_a_minor_unit_are_rounded_once(v1):
    who, _clock = customer(v1, START)
    exact = price(v1, unit_amount_decimal="0.15")
    subscribe(v1, who, exact, 333)
    # 333 × 0.15 = 49.95 cents.
    assert totals(v1, who) == [(50, "paid")]


@pytest.mark.parametrize(
    ("currency", "amount", "lines"),
    [
        # 10 of 30 days are left: ⅓ of 5 and of 8.
        ("jpy", 1000, [-1667, 2667]),
        ("krw", 9900, [-16500, 26400]),
        ("cny", 6800, [-11333, 18133]),
    ],
)
def test_other_currencies(v1, currency, amount, lines):
    who, clock = customer(v1, START)
    made = subscribe(v1, who, price(v1, amount, currency), 5)
    advance(v1, clock, at(2026, 11, 21))
    change(v1, made.id, [{"id": made["items"].data[0].id, "quantity": 8}])
    assert newest_lines(v1, who) == lines


def test_the_balance_is_used_first_and_every_change_of_it_is_on_record(v1):
    who, clock = customer(v1, START, balance=-2000)
    subscribe(v1, who, price(v1), 1)
    invoice = v1.invoices.list({"customer": who}).data[0]
    assert (invoice.total, invoice.amount_due, invoice.starting_balance, invoice.ending_balance) == (
        1200, 0, -2000, -800,
    )  # fmt: skip
    advance(v1, clock, at(2026, 12, 1, 2))
    assert v1.invoices.list({"customer": who}).data[0].amount_paid == 400
    booked = [(each.type, each.amount) for each in v1.customers.balance_transactions.list(who).data]
    assert booked == [("applied_to_invoice", 800), ("applied_to_invoice", 1200)]


def test_a_void_invoice_gives_the_balance_back(v1):
    who, _clock = customer(v1, START, card="pm_card_chargeCustomerFail", balance=-200)
    made = subscribe(v1, who, price(v1))
    assert v1.customers.retrieve(who).balance == 0
    v1.invoices.void_invoice(made.latest_invoice)
    assert v1.customers.retrieve(who).balance == -200
    assert v1.customers.balance_transactions.list(who).data[0].type == "unapplied_from_invoice"


def test_numbers_run_on_within_a_customer(v1):
    who, clock = customer(v1, START)
    subscribe(v1, who, price(v1))
    advance(v1, clock, at(2026, 12, 1, 0, 30))
    draft, first = v1.invoices.list({"customer": who}).data
    assert (draft.number, draft.hosted_invoice_url, draft.invoice_pdf) == (None, None, None)
    advance(v1, clock, at(2026, 12, 1, 2))
    prefix = v1.customers.retrieve(who).invoice_prefix
    assert (first.number, v1.invoices.retrieve(draft.id).number) == (f"{prefix}-0001", f"{prefix}-0002")


def test_refunds_in_parts_never_exceed_the_charge(v1):
    who, _clock = customer(v1, START)
    made = subscribe(v1, who, price(v1))
    payment = v1.invoice_payments.list({"invoice": made.latest_invoice}).data[0]
    intent = payment.payment.payment_intent
    assert v1.refunds.create({"payment_intent": intent, "amount": 500}).status == "succeeded"
    with pytest.raises(sdk.InvalidRequestError, match="greater than unrefunded"):
        v1.refunds.create({"payment_intent": intent, "amount": 701})
    v1.refunds.create({"payment_intent": intent})
    charge = v1.charges.list({"customer": who}).data[0]
    assert (charge.amount_refunded, charge.refunded) == (1200, True)
    assert v1.invoices.retrieve(made.latest_invoice).status == "paid"


def test_the_upcoming_invoice_of_somebody_who_is_no_customer_yet(v1):
    rate = v1.tax_rates.create({"display_name": "VAT", "percentage": 10, "inclusive": False})
    v1.coupons.create({"id": "HALF", "percent_off": 50, "duration": "once"})
    asked = {
        "currency": "usd",
        "discounts": [{"coupon": "HALF"}],
        "subscription_details": {
            "items": [{"price": price(v1), "quantity": 3}], "default_tax_rates": [rate.id],
        },
    }  # fmt: skip
    assert v1.invoices.create_preview(asked).total == 1980
    assert v1.invoices.create_preview({**asked, "preview_mode": "recurring"}).total == 3960
    assert v1.coupons.retrieve("HALF").times_redeemed == 0
