"""The stand-in against what Stripe documents, asked through its own SDK. Amounts are literals with their source."""

import datetime as dt
import json
import typing
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest
import stripe as sdk

from tests.billing.conftest import LocalStripe
from tests.billing.devstripe.asking import UTC, advance, at, customer, price, totals


class TestProration:
    """docs.stripe.com/billing/subscriptions/prorations: 12.00 a seat, 1 November to 1 December 2026 (2,592,000 s)."""

    def start(self, v1, amount: int, quantity: int = 5, currency: str = "usd"):
        who, clock = customer(v1, at(2026, 11, 1))
        made = v1.subscriptions.create(
            {"customer": who, "items": [{"price": price(v1, amount, currency), "quantity": quantity}]}
        )
        return who, clock, made.id, made["items"].data[0].id

    def preview(self, v1, subscription: str, item: str, moment: int, behavior: str = "always_invoice"):
        details = {
            "items": [{"id": item, "quantity": 8}],
            "proration_behavior": behavior,
            "proration_date": moment,
        }
        return v1.invoices.create_preview({"subscription": subscription, "subscription_details": details})

    def test_half_of_the_month_left(self, v1):
        who, clock, subscription, item = self.start(v1, 1200)
        advance(v1, clock, at(2026, 11, 16, 12))
        shown = self.preview(v1, subscription, item, at(2026, 11, 16, 12))
        assert ([line.amount for line in shown.lines.data], shown.total) == ([-2900, 4640], 1740)
        v1.subscriptions.update(subscription, {"items": [{"id": item, "quantity": 8}]})
        assert v1.invoices.create_preview({"subscription": subscription}).total == 11340
        advance(v1, clock, at(2026, 12, 1, 2))
        assert totals(v1, who) == [(6000, "paid"), (11340, "paid")]

    def test_each_line_is_rounded_to_the_nearest_unit(self, v1):
        _who, clock, subscription, item = self.start(v1, 1299)
        moment = at(2026, 11, 16, 12, 34, 56)
        advance(v1, clock, moment)
        shown = self.preview(v1, subscription, item, moment)
        assert ([line.amount for line in shown.lines.data], shown.total) == ([-3134, 5014], 1880)

    def test_a_currency_without_cents(self, v1):
        _who, clock, subscription, item = self.start(v1, 1000, currency="jpy")
        moment = at(2026, 11, 16, 12, 34, 56)
        advance(v1, clock, moment)
        # 5000 × 1,250,704 ⁄ 2,592,000 = 2412.62; 8000 × … = 3860.20.
        assert [line.amount for line in self.preview(v1, subscription, item, moment).lines.data] == [
            -2413,
            3860,
        ]

    def test_less_is_credited_to_the_balance_and_used_up_later(self, v1):
        who, clock, subscription, item = self.start(v1, 1200, quantity=8)
        advance(v1, clock, at(2026, 11, 16))
        v1.subscriptions.update(
            subscription, {"items": [{"id": item, "quantity": 2}], "proration_behavior": "always_invoice"}
        )
        # Half of 96.00 less half of 24.00.
        assert v1.customers.retrieve(who).balance == -3600
        advance(v1, clock, at(2026, 12, 1, 2))
        newest = v1.invoices.list({"customer": who}).data[0]
        assert (newest.total, newest.starting_balance, newest.amount_due) == (2400, -3600, 0)
        assert v1.customers.retrieve(who).balance == -1200

    def test_an_interval_begins_anew_only_when_asked_in_flexible_mode(self, v1):
        who, clock, subscription, item = self.start(v1, 1200)
        yearly = price(v1, 12000, interval="year")
        advance(v1, clock, at(2026, 11, 16))
        v1.subscriptions.update(
            subscription,
            {
                "items": [{"id": item, "price": yearly, "quantity": 5}],
                "billing_cycle_anchor": {"type": "now"},
                "proration_behavior": "always_invoice",
            },
        )
        assert totals(v1, who)[-1] == (60000 - 3000, "paid")
        changed = v1.subscriptions.retrieve(subscription)["items"].data[0]
        assert (changed.current_period_start, changed.current_period_end) == (
            at(2026, 11, 16),
            at(2027, 11, 16),
        )

    def test_a_price_without_a_quantity_has_one_again(self, v1):
        _who, _clock, subscription, item = self.start(v1, 1200)
        v1.subscriptions.update(subscription, {"items": [{"id": item, "price": price(v1, 900)}]})
        assert v1.subscriptions.retrieve(subscription)["items"].data[0].quantity == 1

    def test_an_upgrade_whose_payment_fails_changes_nothing(self, v1):
        who, _clock, subscription, item = self.start(v1, 1200)
        bad = v1.payment_methods.attach("pm_card_chargeCustomerFail", {"customer": who})
        v1.subscriptions.update(subscription, {"default_payment_method": bad.id})
        with pytest.raises(sdk.CardError) as refused:
            v1.subscriptions.update(
                subscription,
                {
                    "items": [{"id": item, "quantity": 9}],
                    "proration_behavior": "always_invoice",
                    "payment_behavior": "error_if_incomplete",
                },
            )
        assert refused.value.error.decline_code == "generic_decline"
        assert v1.subscriptions.retrieve(subscription)["items"].data[0].quantity == 5
        assert len(totals(v1, who)) == 1


class TestLife:
    """docs.stripe.com/billing/subscriptions/overview."""

    def test_a_year_month_by_month_on_the_31st(self, v1):
        who, clock = customer(v1, at(2026, 1, 31))
        v1.subscriptions.create({"customer": who, "items": [{"price": price(v1)}]})
        ends = []
        for month in range(2, 13):
            advance(v1, clock, at(2026, month, 28, 23))
            subscription = v1.subscriptions.list({"customer": who}).data[0]
            ends.append(dt.datetime.fromtimestamp(subscription["items"].data[0].current_period_end, UTC).day)
        assert ends == [31, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        assert totals(v1, who) == [(1200, "paid")] * 11

    def test_a_trial_ends_with_a_notice_and_a_charge_an_hour_later(self, v1):
        who, clock = customer(v1, at(2026, 11, 1))
        v1.subscriptions.create(
            {"customer": who, "items": [{"price": price(v1)}], "trial_end": at(2026, 11, 15)}
        )
        assert totals(v1, who) == [(0, "paid")]
        advance(v1, clock, at(2026, 11, 12, 1))
        kinds = [event.type for event in v1.events.list({"limit": 100}).data]
        assert "customer.subscription.trial_will_end" in kinds
        advance(v1, clock, at(2026, 11, 15, 0, 30))
        assert totals(v1, who)[-1] == (1200, "draft")
        advance(v1, clock, at(2026, 11, 15, 2))
        assert totals(v1, who)[-1] == (1200, "paid")
        assert v1.subscriptions.list({"customer": who}).data[0].status == "active"

    def test_a_refused_renewal_is_tried_again_and_recovers(self, v1):
        who, clock = customer(v1, at(2026, 11, 1))
        made = v1.subscriptions.create({"customer": who, "items": [{"price": price(v1)}]})
        bad = v1.payment_methods.attach("pm_card_chargeCustomerFail", {"customer": who})
        v1.subscriptions.update(made.id, {"default_payment_method": bad.id})
        advance(v1, clock, at(2026, 12, 1, 2))
        assert v1.subscriptions.retrieve(made.id).status == "past_due"
        invoice = v1.invoices.list({"customer": who}).data[0]
        assert (invoice.status, invoice.attempt_count, invoice.attempted) == ("open", 1, True)
        good = v1.payment_methods.attach("pm_card_visa", {"customer": who})
        v1.subscriptions.update(made.id, {"default_payment_method": good.id})
        advance(v1, clock, at(2026, 12, 2, 2))
        assert v1.subscriptions.retrieve(made.id).status == "active"
        assert v1.invoices.retrieve(invoice.id).attempt_count == 1

    @pytest.mark.parametrize(
        ("wish", "status"), [("cancel", "canceled"), ("unpaid", "unpaid"), ("past_due", "past_due")]
    )
    def test_after_eight_retries_the_account_decides(self, v1, stripe, wish, status):
        stripe.command("settings", after_retries=wish)
        who, clock = customer(v1, at(2026, 11, 1))
        made = v1.subscriptions.create({"customer": who, "items": [{"price": price(v1)}]})
        bad = v1.payment_methods.attach("pm_card_chargeCustomerFail", {"customer": who})
        v1.subscriptions.update(made.id, {"default_payment_method": bad.id})
        advance(v1, clock, at(2026, 12, 16, 2))
        assert v1.subscriptions.retrieve(made.id).status == status
        failed = [
            invoice
            for invoice in v1.invoices.list({"customer": who}).data
            if invoice.attempted and invoice.status == "open"
        ]
        assert failed[-1].attempt_count == 9

    def test_a_first_payment_that_never_comes_expires_after_23_hours(self, v1):
        who, clock = customer(v1, at(2026, 11, 1), card="pm_card_chargeCustomerFail")
        made = v1.subscriptions.create({"customer": who, "items": [{"price": price(v1)}]})
        assert made.status == "incomplete"
        advance(v1, clock, at(2026, 11, 1, 23, 1))
        assert v1.subscriptions.retrieve(made.id).status == "incomplete_expired"
        assert totals(v1, who) == [(1200, "void")]

    def test_cancelled_at_the_end_it_ends_there(self, v1):
        who, clock = customer(v1, at(2026, 11, 1))
        made = v1.subscriptions.create({"customer": who, "items": [{"price": price(v1)}]})
        v1.subscriptions.update(made.id, {"cancel_at_period_end": True})
        advance(v1, clock, at(2026, 12, 1, 2))
        ended = v1.subscriptions.retrieve(made.id)
        assert (ended.status, ended.ended_at, len(totals(v1, who))) == ("canceled", at(2026, 12, 1), 1)

    def test_a_schedule_changes_the_next_period(self, v1):
        who, clock = customer(v1, at(2026, 11, 1))
        large, small = price(v1, 5000), price(v1, 2000)
        made = v1.subscriptions.create({"customer": who, "items": [{"price": large}]})
        schedule = v1.subscription_schedules.create({"from_subscription": made.id})
        v1.subscription_schedules.update(
            schedule.id,
            {
                "phases": [
                    {"items": [{"price": large}], "start_date": at(2026, 11, 1), "end_date": at(2026, 12, 1)},
                    {"items": [{"price": small}], "duration": {"interval": "month", "interval_count": 1}},
                ]
            },
        )
        with pytest.raises(sdk.InvalidRequestError):
            v1.subscriptions.update(made.id, {"cancel_at_period_end": True})
        assert v1.invoices.create_preview({"subscription": made.id}).total == 2000
        advance(v1, clock, at(2026, 12, 1, 2))
        assert totals(v1, who) == [(5000, "paid"), (2000, "paid")]
        advance(v1, clock, at(2027, 1, 1, 2))
        after = v1.subscriptions.retrieve(made.id)
        assert (after.schedule, v1.subscription_schedules.retrieve(schedule.id).status) == (None, "released")

    def test_a_repeating_coupon_runs_out(self, v1):
        who, clock = customer(v1, at(2026, 11, 1))
        v1.coupons.create({"id": "TWO", "percent_off": 50, "duration": "repeating", "duration_in_months": 2})
        v1.subscriptions.create(
            {"customer": who, "items": [{"price": price(v1)}], "discounts": [{"coupon": "TWO"}]}
        )
        for month in (12, 13, 14):
            advance(v1, clock, at(2026 + (month > 12), (month - 1) % 12 + 1, 1, 2))
        assert [total for total, _status in totals(v1, who)] == [600, 600, 1200, 1200]


class TestManners:
    """docs.stripe.com/api: keys, idempotency, errors, pages."""

    def test_a_live_key_is_refused(self, stripe):
        client = sdk.StripeClient("sk_live_123", base_addresses={"api": stripe.base}, max_network_retries=0)
        with pytest.raises(sdk.AuthenticationError, match="never be given a live key"):
            client.v1.customers.list()

    def test_a_key_gives_the_first_answer_again(self, v1):
        options = {"idempotency_key": "one"}
        first = v1.customers.create({"name": "A"}, options=options)
        assert v1.customers.create({"name": "A"}, options=options).id == first.id
        with pytest.raises(sdk.IdempotencyError):
            v1.customers.create({"name": "B"}, options=options)

    def test_sixteen_at_once_under_one_key_make_one(self, v1):
        with ThreadPoolExecutor(16) as pool:
            made = list(
                pool.map(
                    lambda _n: v1.customers.create({"name": "A"}, options={"idempotency_key": "k"}).id,
                    range(16),
                )
            )
        assert len(set(made)) == 1

    def test_unknown_parameters_and_objects_are_refused(self, v1):
        with pytest.raises(sdk.InvalidRequestError) as refused:
            v1.customers.create({"nickname": "A"})
        assert refused.value.error.param == "nickname"
        with pytest.raises(sdk.InvalidRequestError) as refused:
            v1.customers.retrieve("cus_none")
        assert (refused.value.error.code, refused.value.http_status) == ("resource_missing", 404)

    def test_lists_come_in_pages(self, v1):
        made = [v1.customers.create({"name": str(number)}).id for number in range(5)]
        page = v1.customers.list({"limit": 2})
        assert ([each.id for each in page.data], page.has_more) == ([made[4], made[3]], True)
        assert [each.id for each in v1.customers.list({"limit": 2}).auto_paging_iter()] == made[::-1]

    @pytest.mark.parametrize(
        "body", [b"\xff\xfe", b"a[b[c=1", b"name=" + b"x" * 6000, b"a=1&" * 2000, b"name[x]=1", b"[]=1"]
    )
    def test_hostile_bodies_get_an_error_and_no_crash(self, stripe, body):
        request = urllib.request.Request(
            f"{stripe.base}/v1/customers", body, {"Authorization": f"Bearer {stripe.key}"}, method="POST"
        )
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=10)
        assert refused.value.code == 400
        assert json.load(refused.value)["error"]["type"] == "invalid_request_error"

    def test_accounts_do_not_see_each_other(self, v1, stripe):
        mine = v1.customers.create({"name": "A"}).id
        other = sdk.StripeClient(stripe.key + "x", base_addresses={"api": stripe.base})
        with pytest.raises(sdk.InvalidRequestError):
            other.v1.customers.retrieve(mine)


class TestEvents:
    """docs.stripe.com/webhooks."""

    def test_signatures_are_those_that_the_sdk_checks(self, v1, stripe):
        v1.customers.create({"name": "A"})
        parcel = stripe.command("signed", secret="whsec_x")["parcels"][-1]
        event = sdk.Webhook.construct_event(parcel["payload"], parcel["signature"], "whsec_x")
        assert (event.type, event.data.object.name) == ("customer.created", "A")

    def test_an_update_says_what_was_before(self, v1):
        made = v1.customers.create({"name": "A"})
        v1.customers.update(made.id, {"name": "B"})
        event = v1.events.list({"types": ["customer.updated"]}).data[0]
        assert event.data.previous_attributes["name"] == "A"

    def test_what_nobody_took_is_listed(self, v1, stripe):
        v1.webhook_endpoints.create({"url": "http://127.0.0.1:9/", "enabled_events": ["*"]})
        stripe.command("delivery", mode="drop")
        v1.customers.create({"name": "A"})
        lost = v1.events.list({"delivery_success": False}).data
        assert [event.type for event in lost] == ["customer.created"]


def annotations(cls: type) -> dict[str, object]:
    return {
        name: kind
        for name, kind in cls.__dict__.get("__annotations__", {}).items()
        if name.islower() and not name.startswith("_")
    }


def test_answers_carry_the_fields_that_the_sdk_declares(v1, stripe: LocalStripe):
    who, clock = customer(v1, at(2026, 11, 1))
    made = v1.subscriptions.create({"customer": who, "items": [{"price": price(v1)}]})
    invoice = v1.invoices.list({"customer": who}).data[0]
    payment = v1.invoice_payments.list({"invoice": invoice.id}).data[0]
    intent = v1.payment_intents.retrieve(payment.payment.payment_intent)
    session = v1.checkout.sessions.create(
        {"mode": "setup", "currency": "usd", "customer": who, "success_url": "http://x.example/"}
    )
    found = [
        v1.customers.retrieve(who), made, made["items"].data[0], made["items"].data[0].price,
        invoice, invoice.lines.data[0], payment, intent, v1.charges.retrieve(intent.latest_charge),
        session, v1.setup_intents.retrieve(session.setup_intent),
        v1.refunds.create({"payment_intent": intent.id, "amount": 5}), v1.events.list().data[0],
        v1.subscription_schedules.create({"from_subscription": made.id}), v1.test_helpers.test_clocks.retrieve(clock),
        v1.coupons.create({"percent_off": 5, "duration": "once"}), v1.products.create({"name": "P"}),
        v1.tax_rates.create({"display_name": "VAT", "percentage": 20, "inclusive": False}),
        v1.billing_portal.sessions.create({"customer": who}), v1.payment_methods.list({"customer": who}).data[0],
    ]  # fmt: skip
    missing = []
    for thing in found:
        answered = set(thing.to_dict())
        for name, kind in annotations(type(thing)).items():
            text = str(kind)
            optional = "Optional" in text or "None" in text
            if name not in answered and name != "deleted" and not optional:
                missing.append(f"{type(thing).__name__}.{name}")
            elif name in answered and not optional and thing.to_dict()[name] is None:
                missing.append(f"{type(thing).__name__}.{name} is null")
    assert missing == []
    assert typing.get_args(sdk.Subscription.__annotations__["status"]) or made.status == "active"
