"""A subscription from the trial to its end, against the stand-in, with amounts worked out by hand."""

import datetime as dt
from dataclasses import replace

import pytest

from billing.gateway.client import api
from billing.plans.rules import Booking
from billing.subscriptions.models import Invoice, Subscription
from billing.subscriptions.rules.changes import Kind
from billing.subscriptions.services.booking import accept, cancel_at_period_end, resume, withdraw_change
from billing.subscriptions.services.offers import offer
from core.tenancy.scope import public_scope
from tests.billing.begin import GROWTH, USAGE, subscribe

pytestmark = pytest.mark.django_db


@pytest.fixture
def public(workspace):
    with public_scope(switch=True, reason="test"):
        yield workspace


def test_subscribing_in_the_trial_keeps_its_days(stripe, public):
    subscription = subscribe(public, in_trial=True)
    assert (subscription.state, subscription.stripe_status) == ("active", "trialing")
    # 39.00 with 3 seats, 12.00 each further one: 39.00 + 2 × 12.00.
    assert subscription.next_charge_minor == 6300
    assert subscription.next_charge_at == subscription.trial_until


def test_subscribing_after_the_trial_charges_at_once(stripe, public):
    subscription = subscribe(public)
    assert (subscription.state, subscription.stripe_status, subscription.seats) == ("active", "active", 5)
    invoice = Invoice.objects.get(tenant_id=subscription.pk)
    assert (invoice.total_minor, invoice.state, invoice.paid_minor) == (6300, "paid", 6300)
    assert invoice.receipt_url and invoice.pdf_url


def test_more_seats_in_the_middle_cost_what_was_shown(stripe, public):
    subscription = _begun(stripe, public)
    half = subscription.period_start + (subscription.period_end - subscription.period_start) / 2
    subscription = stripe.pass_to(subscription, half.replace(microsecond=0))
    made = offer(subscription, _with(seats=8), usage=USAGE)
    assert made.kind == Kind.NOW
    # Two further seats become five: (5 − 2) × 12.00 for half a period.
    assert (made.due_now.due_minor, made.recurring.total_minor) == (1800, 9900)
    _done, subscription = accept(subscription, made.token, usage=USAGE, by="Olive")
    assert subscription.seats == 8
    newest = Invoice.objects.filter(tenant_id=subscription.pk).first()
    assert (newest.total_minor, newest.state) == (1800, "paid")
    # A second click changes nothing more.
    accept(subscription, made.token, usage=USAGE, by="Olive")
    assert Invoice.objects.filter(tenant_id=subscription.pk).count() == 2


def test_fewer_seats_wait_for_the_period_and_can_be_taken_back(stripe, public):
    subscription = _begun(stripe, public, seats=8)
    made = offer(subscription, _with(seats=4), usage=USAGE)
    assert (made.kind, made.due_now, made.effective_at) == (Kind.LATER, None, subscription.period_end)
    _done, subscription = accept(subscription, made.token, usage=USAGE, by="Olive")
    assert (subscription.seats, subscription.pending_seats) == (8, 4)
    assert subscription.pending_at == subscription.period_end
    subscription = withdraw_change(subscription, by="Olive")
    assert (subscription.pending_at, subscription.seats) == (None, 8)

    made = offer(subscription, _with(seats=4), usage=USAGE)
    accept(subscription, made.token, usage=USAGE, by="Olive")
    subscription = stripe.pass_to(subscription, subscription.period_end + dt.timedelta(hours=2))
    assert (subscription.seats, subscription.pending_at) == (4, None)
    newest = Invoice.objects.filter(tenant_id=subscription.pk).first()
    assert (newest.total_minor, newest.state) == (5100, "paid")


def test_fewer_and_then_fewer_still_a_month_later(stripe, public):
    subscription = _begun(stripe, public, seats=8)
    _done, subscription = accept(
        subscription, offer(subscription, _with(seats=6), usage=USAGE).token, usage=USAGE, by="Olive"
    )
    subscription = stripe.pass_to(subscription, subscription.period_end + dt.timedelta(hours=2))
    assert subscription.seats == 6
    _done, subscription = accept(
        subscription, offer(subscription, _with(seats=4), usage=USAGE).token, usage=USAGE, by="Olive"
    )
    assert (subscription.seats, subscription.pending_seats) == (6, 4)
    # A third wish in the same month takes the place of the second.
    _done, subscription = accept(
        subscription, offer(subscription, _with(seats=5), usage=USAGE).token, usage=USAGE, by="Olive"
    )
    assert (subscription.seats, subscription.pending_seats) == (6, 5)
    subscription = stripe.pass_to(subscription, subscription.period_end + dt.timedelta(hours=2))
    assert (subscription.seats, subscription.pending_at) == (5, None)


def test_a_year_instead_of_a_month_begins_now(stripe, public):
    subscription = _begun(stripe, public)
    half = subscription.period_start + (subscription.period_end - subscription.period_start) / 2
    subscription = stripe.pass_to(subscription, half.replace(microsecond=0))
    made = offer(subscription, _with(interval="year"), usage=USAGE)
    # 630.00 for the year, less half of the month that was paid: 31.50.
    assert (made.kind, made.due_now.due_minor) == (Kind.NOW, 63000 - 3150)
    _done, subscription = accept(subscription, made.token, usage=USAGE, by="Olive")
    assert subscription.interval == "year"
    assert subscription.period_end == made.charge_at
    newest = Invoice.objects.filter(tenant_id=subscription.pk).first()
    assert newest.total_minor == 59850


def test_a_failed_payment_leads_down_and_paying_leads_back(stripe, public):
    subscription = _begun(stripe, public, card="4242424242424242")
    _break_card(subscription)
    subscription = stripe.pass_to(subscription, subscription.period_end + dt.timedelta(hours=2))
    assert (subscription.state, subscription.reason) == ("past_due", "unpaid")
    failed_on = Invoice.objects.filter(tenant_id=subscription.pk).first().issued_at
    assert subscription.since == failed_on
    assert subscription.deadline_at == failed_on + dt.timedelta(days=7)
    subscription = stripe.pass_to(subscription, failed_on + dt.timedelta(days=7, hours=1))
    assert subscription.state == "limited"
    _mend_card(subscription)
    subscription = stripe.pass_to(subscription, failed_on + dt.timedelta(days=9, hours=1))
    assert (subscription.state, subscription.reason) == ("active", "")


def test_cancelled_it_works_until_the_end_of_the_period_and_then_can_be_read(stripe, public):
    subscription = _begun(stripe, public)
    subscription = cancel_at_period_end(subscription, by="Olive")
    assert subscription.cancel_at == subscription.period_end
    assert subscription.next_charge_minor is None
    subscription = resume(subscription, by="Olive")
    assert subscription.cancel_at is None
    subscription = cancel_at_period_end(subscription, by="Olive")
    end = subscription.period_end
    subscription = stripe.pass_to(subscription, end + dt.timedelta(hours=1))
    assert (subscription.state, subscription.reason, subscription.since) == ("read_only", "cancelled", end)
    assert Invoice.objects.filter(tenant_id=subscription.pk).count() == 1


def _with(**changes) -> Booking:
    return replace(GROWTH, **changes)


def _begun(stripe, workspace, card="4242424242424242", **changes) -> Subscription:
    return subscribe(workspace, _with(**changes), card)


def _break_card(subscription: Subscription) -> None:
    card = api().v1.payment_methods.attach(
        "pm_card_chargeCustomerFail", {"customer": subscription.customer_id}
    )
    api().v1.subscriptions.update(subscription.subscription_id, {"default_payment_method": card.id})


def _mend_card(subscription: Subscription) -> None:
    card = api().v1.payment_methods.attach("pm_card_visa", {"customer": subscription.customer_id})
    api().v1.subscriptions.update(subscription.subscription_id, {"default_payment_method": card.id})
