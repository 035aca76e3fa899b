"""Each way from one state of a subscription to the next. Source: docs.stripe.com/billing/subscriptions/overview."""

import pytest
import stripe as sdk

from tests.billing.devstripe.asking import advance, at, customer, kinds, price, subscribe, totals, use_card

START = at(2026, 11, 1)


def status(v1, subscription: str) -> str:
    return v1.subscriptions.retrieve(subscription).status


def newest_invoice(v1, who: str):
    return v1.invoices.list({"customer": who}).data[0]


class TestFirstPayment:
    def test_default_incomplete_waits_for_a_confirmation_with_its_secret(self, v1):
        who, _clock = customer(v1, START)
        made = subscribe(
            v1, who, price(v1), payment_behavior="default_incomplete",
            expand=["latest_invoice.confirmation_secret", "latest_invoice.payments.data.payment.payment_intent"],
        )  # fmt: skip
        invoice = made.latest_invoice
        payment = invoice.payments.data[0]
        intent = payment.payment.payment_intent
        assert (made.status, invoice.status, payment.status) == ("incomplete", "open", "open")
        assert (intent.status, intent.amount, intent.latest_charge) == ("requires_payment_method", 1200, None)
        assert invoice.confirmation_secret.client_secret == intent.client_secret
        assert v1.charges.list({"customer": who}).data == []
        v1.invoices.pay(invoice.id)
        assert (status(v1, made.id), newest_invoice(v1, who).status) == ("active", "paid")

    def test_error_if_incomplete_makes_nothing(self, v1):
        who, _clock = customer(v1, START, card="pm_card_chargeCustomerFail")
        with pytest.raises(sdk.CardError) as refused:
            subscribe(v1, who, price(v1), payment_behavior="error_if_incomplete")
        assert (refused.value.http_status, refused.value.error.code) == (402, "card_declined")
        assert (totals(v1, who), v1.subscriptions.list({"customer": who, "status": "all"}).data) == ([], [])

    def test_without_a_card_it_is_incomplete_and_nothing_was_charged(self, v1):
        who, _clock = customer(v1, START, card="")
        made = subscribe(v1, who, price(v1))
        assert (made.status, v1.charges.list({"customer": who}).data) == ("incomplete", [])

    def test_a_card_that_wants_a_confirmation_requires_action(self, v1):
        who, _clock = customer(v1, START, card="pm_card_authenticationRequired")
        made = subscribe(v1, who, price(v1), expand=["latest_invoice.payments.data.payment.payment_intent"])
        intent = made.latest_invoice.payments.data[0].payment.payment_intent
        assert (made.status, intent.status) == ("incomplete", "requires_action")
        assert intent.last_payment_error.code == "authentication_required"

    @pytest.mark.parametrize("end", ["void_invoice", "mark_uncollectible"])
    def test_giving_up_the_first_invoice_ends_it(self, v1, end):
        who, _clock = customer(v1, START, card="pm_card_chargeCustomerFail")
        made = subscribe(v1, who, price(v1))
        getattr(v1.invoices, end)(made.latest_invoice)
        assert status(v1, made.id) == "incomplete_expired"
        with pytest.raises(sdk.InvalidRequestError):
            v1.subscriptions.update(made.id, {"metadata": {"a": "b"}})

    def test_one_intent_serves_all_attempts(self, v1):
        who, _clock = customer(v1, START, card="pm_card_chargeCustomerFail")
        made = subscribe(v1, who, price(v1))
        good = v1.payment_methods.attach("pm_card_visa", {"customer": who})
        v1.invoices.pay(made.latest_invoice, {"payment_method": good.id})
        intents = v1.payment_intents.list({"customer": who}).data
        assert [(each.status, each.amount_received) for each in intents] == [("succeeded", 1200)]
        assert [each.paid for each in v1.charges.list({"customer": who}).data] == [True, False]
        assert status(v1, made.id) == "active"


class TestTrials:
    @pytest.mark.parametrize(
        ("wish", "after", "bills"),
        [("cancel", "canceled", 1), ("pause", "paused", 1), ("create_invoice", "past_due", 2)],
    )
    def test_its_end_without_a_card(self, v1, wish, after, bills):
        who, clock = customer(v1, START, card="")
        made = subscribe(
            v1, who, price(v1), trial_end=at(2026, 11, 15),
            trial_settings={"end_behavior": {"missing_payment_method": wish}},
        )  # fmt: skip
        assert made.status == "trialing"
        advance(v1, clock, at(2026, 11, 15, 2))
        assert (status(v1, made.id), len(totals(v1, who))) == (after, bills)

    def test_paused_it_is_resumed_with_a_period_that_begins_now(self, v1):
        who, clock = customer(v1, START, card="")
        made = subscribe(
            v1, who, price(v1), trial_end=at(2026, 11, 15),
            trial_settings={"end_behavior": {"missing_payment_method": "pause"}},
        )  # fmt: skip
        advance(v1, clock, at(2026, 11, 20))
        use_card(v1, who, made.id, "pm_card_visa")
        resumed = v1.subscriptions.resume(made.id)
        item = resumed["items"].data[0]
        assert (resumed.status, item.current_period_start, item.current_period_end) == (
            "active", at(2026, 11, 20), at(2026, 12, 20),
        )  # fmt: skip
        assert totals(v1, who) == [(0, "paid"), (1200, "paid")]
        assert "customer.subscription.paused" in kinds(v1) and "customer.subscription.resumed" in kinds(v1)

    def test_a_short_trial_is_announced_at_once(self, v1):
        who, clock = customer(v1, START)
        subscribe(v1, who, price(v1), trial_end=at(2026, 11, 3))
        advance(v1, clock, at(2026, 11, 1, 0, 1))
        assert "customer.subscription.trial_will_end" in kinds(v1)

    def test_ended_now_the_next_second_brings_the_invoice(self, v1):
        who, clock = customer(v1, START)
        made = subscribe(v1, who, price(v1), trial_end=at(2026, 11, 15))
        v1.subscriptions.update(made.id, {"trial_end": "now"})
        advance(v1, clock, at(2026, 11, 1, 2))
        assert (status(v1, made.id), totals(v1, who)) == ("active", [(0, "paid"), (1200, "paid")])

    def test_a_change_in_it_costs_nothing(self, v1):
        who, clock = customer(v1, START)
        made = subscribe(v1, who, price(v1), 2, trial_end=at(2026, 11, 15))
        item = made["items"].data[0].id
        v1.subscriptions.update(
            made.id, {"items": [{"id": item, "quantity": 5}], "proration_behavior": "always_invoice"}
        )
        advance(v1, clock, at(2026, 11, 15, 2))
        assert totals(v1, who) == [(0, "paid"), (6000, "paid")]


class TestDunning:
    def failing(self, v1):
        who, clock = customer(v1, START)
        made = subscribe(v1, who, price(v1))
        use_card(v1, who, made.id, "pm_card_chargeCustomerFail")
        advance(v1, clock, at(2026, 12, 1, 2))
        return who, clock, made.id

    def test_a_payment_by_hand_is_no_automatic_attempt(self, v1):
        who, _clock, subscription = self.failing(v1)
        invoice = newest_invoice(v1, who)
        with pytest.raises(sdk.CardError):
            v1.invoices.pay(invoice.id)
        again = newest_invoice(v1, who)
        assert (again.attempt_count, again.next_payment_attempt) == (1, invoice.next_payment_attempt)
        assert status(v1, subscription) == "past_due"

    def test_retries_come_when_they_were_announced(self, v1):
        who, clock, _subscription = self.failing(v1)
        seen = [newest_invoice(v1, who).next_payment_attempt]
        for _time in range(7):
            advance(v1, clock, seen[-1] + 1)
            seen.append(newest_invoice(v1, who).next_payment_attempt)
        days = [round((moment - at(2026, 12, 1, 1)) / 86400) for moment in seen]
        assert days == [1, 3, 5, 7, 9, 11, 13, 14]
        assert seen[-1] - seen[0] <= 14 * 86400

    def test_written_off_it_is_active_again(self, v1):
        who, _clock, subscription = self.failing(v1)
        v1.invoices.mark_uncollectible(newest_invoice(v1, who).id)
        assert status(v1, subscription) == "active"

    def test_unpaid_renewals_wait_as_drafts_until_the_latest_is_paid(self, v1, stripe):
        stripe.command("settings", after_retries="unpaid")
        who, clock, subscription = self.failing(v1)
        advance(v1, clock, at(2027, 1, 2))
        assert status(v1, subscription) == "unpaid"
        assert [each for _total, each in totals(v1, who)] == ["paid", "open", "draft"]
        good = v1.payment_methods.attach("pm_card_visa", {"customer": who})
        v1.invoices.pay(newest_invoice(v1, who).id, {"payment_method": good.id})
        assert status(v1, subscription) == "active"

    def test_a_failed_upgrade_leaves_it_past_due_unless_told_otherwise(self, v1):
        who, _clock = customer(v1, START)
        made = subscribe(v1, who, price(v1))
        use_card(v1, who, made.id, "pm_card_chargeCustomerFail")
        item = made["items"].data[0].id
        changes = {"items": [{"id": item, "quantity": 3}], "proration_behavior": "always_invoice"}
        changed = v1.subscriptions.update(made.id, changes)
        assert (changed.status, changed["items"].data[0].quantity) == ("past_due", 3)
        assert newest_invoice(v1, who).status == "open"


class TestEnd:
    def test_an_end_with_the_period_is_taken_back_by_false(self, v1):
        who, _clock = customer(v1, START)
        made = subscribe(v1, who, price(v1))
        ends = v1.subscriptions.update(made.id, {"cancel_at_period_end": True})
        assert (ends.cancel_at_period_end, ends.cancel_at) == (True, at(2026, 12, 1))
        goes_on = v1.subscriptions.update(made.id, {"cancel_at_period_end": False})
        assert (goes_on.cancel_at_period_end, goes_on.cancel_at, goes_on.canceled_at) == (False, None, None)

    def test_a_date_of_its_own_is_not_taken_back_by_false(self, v1):
        who, clock = customer(v1, START)
        made = subscribe(v1, who, price(v1))
        v1.subscriptions.update(made.id, {"cancel_at": at(2026, 11, 20)})
        kept = v1.subscriptions.update(made.id, {"cancel_at_period_end": False})
        assert (kept.cancel_at, kept.cancel_at_period_end) == (at(2026, 11, 20), False)
        advance(v1, clock, at(2026, 11, 20, 1))
        assert status(v1, made.id) == "canceled"
        with pytest.raises(sdk.InvalidRequestError):
            v1.subscriptions.cancel(made.id)

    def test_made_to_end_with_its_period_it_does(self, v1):
        who, clock = customer(v1, START)
        made = subscribe(v1, who, price(v1), cancel_at_period_end=True)
        assert made.cancel_at == at(2026, 12, 1)
        advance(v1, clock, at(2026, 12, 1, 2))
        assert (status(v1, made.id), len(totals(v1, who))) == ("canceled", 1)
        assert kinds(v1)[-2:] == ["customer.subscription.deleted", "test_helpers.test_clock.ready"]
        assert "invoice.upcoming" not in kinds(v1)

    def test_what_ends_has_no_next_invoice(self, v1):
        who, _clock = customer(v1, START)
        made = subscribe(v1, who, price(v1), cancel_at_period_end=True)
        with pytest.raises(sdk.InvalidRequestError) as refused:
            v1.invoices.create_preview({"subscription": made.id})
        assert refused.value.error.code == "invoice_upcoming_none"

    @pytest.mark.parametrize("end", [{"cancel_at_period_end": True}, {"cancel_at": at(2026, 11, 20)}])
    def test_a_preview_of_its_end_ends_nothing(self, v1, end):
        who, _clock = customer(v1, START)
        made = subscribe(v1, who, price(v1))
        with pytest.raises(sdk.InvalidRequestError) as refused:
            v1.invoices.create_preview({"subscription": made.id, "subscription_details": end})
        assert refused.value.error.code == "invoice_upcoming_none"
        assert v1.subscriptions.retrieve(made.id).cancel_at is None
        assert v1.invoices.create_preview({"subscription": made.id}).total == 1200

    def test_a_deleted_customer_takes_its_subscriptions_along(self, v1):
        who, clock = customer(v1, START)
        made = subscribe(v1, who, price(v1))
        assert v1.customers.delete(who).deleted
        assert (status(v1, made.id), v1.customers.retrieve(who).deleted) == ("canceled", True)
        assert who not in [each.id for each in v1.customers.list().data]
        advance(v1, clock, at(2026, 12, 1, 2))
        assert len(totals(v1, who)) == 1

    def test_deleting_a_clock_takes_its_customers_along(self, v1):
        who, clock = customer(v1, START)
        subscribe(v1, who, price(v1))
        assert v1.test_helpers.test_clocks.delete(clock).deleted
        assert v1.customers.retrieve(who).deleted


class TestClocks:
    """docs.stripe.com/billing/testing/test-clocks."""

    def test_they_only_go_forward_and_two_intervals_at_most(self, v1):
        who, clock = customer(v1, START)
        subscribe(v1, who, price(v1))
        for wrong in (START, START - 1, at(2027, 1, 1, 0, 0, 1)):
            with pytest.raises(sdk.InvalidRequestError):
                advance(v1, clock, wrong)
        answer = v1.test_helpers.test_clocks.advance(clock, {"frozen_time": at(2027, 1, 1)})
        assert (answer.status, v1.test_helpers.test_clocks.retrieve(clock).status) == ("advancing", "ready")

    def test_everything_happens_at_its_own_time_and_in_order(self, v1):
        who, clock = customer(v1, START)
        subscribe(v1, who, price(v1))
        advance(v1, clock, at(2026, 12, 2))
        told = [
            (event.type, event.created)
            for event in reversed(v1.events.list({"limit": 100}).data)
            if event.created > START and not event.type.startswith(("test_helpers", "product", "price"))
        ]
        at_renewal, an_hour_later = at(2026, 12, 1), at(2026, 12, 1, 1)
        assert told == [
            ("invoice.upcoming", at(2026, 11, 28)),
            ("invoice.created", at_renewal),
            ("customer.subscription.updated", at_renewal),
            ("invoice.finalized", an_hour_later),
            ("payment_intent.created", an_hour_later),
            ("charge.succeeded", an_hour_later),
            ("payment_intent.succeeded", an_hour_later),
            ("invoice.paid", an_hour_later),
            ("invoice.payment_succeeded", an_hour_later),
            ("invoice_payment.paid", an_hour_later),
        ]

    def test_three_years_by_the_year_with_a_leap_day(self, v1):
        who, clock = customer(v1, at(2028, 2, 29))
        made = subscribe(v1, who, price(v1, 14400, interval="year"))
        ends = []
        for year in (2029, 2030, 2031, 2032):
            advance(v1, clock, at(year, 3, 1, 2))
            ends.append(v1.subscriptions.retrieve(made.id)["items"].data[0].current_period_end)
        assert ends == [at(2030, 2, 28), at(2031, 2, 28), at(2032, 2, 29), at(2033, 2, 28)]
        assert totals(v1, who) == [(14400, "paid")] * 5

    def test_a_year_with_a_failure_in_may_and_a_recovery(self, v1):
        who, clock = customer(v1, at(2026, 1, 15))
        made = subscribe(v1, who, price(v1))
        states = []
        for month in range(2, 13):
            if month == 5:
                use_card(v1, who, made.id, "pm_card_chargeCustomerFail")
            advance(v1, clock, at(2026, month, 15, 2))
            states.append(status(v1, made.id))
            if month == 5:
                use_card(v1, who, made.id, "pm_card_visa")
        assert states == ["active"] * 3 + ["past_due"] + ["active"] * 7
        assert totals(v1, who) == [(1200, "paid")] * 12
        attempts = [each.attempt_count for each in v1.invoices.list({"customer": who, "limit": 20}).data][
            ::-1
        ]
        assert (
            attempts[4] == 1 and sum(each.paid is False for each in v1.charges.list({"limit": 100}).data) == 1
        )
