"""What counts as revenue: what is really paid, each currency by itself."""

import datetime as dt
from dataclasses import replace

import pytest

from billing.gateway.client import api
from billing.subscriptions.models import RevenueSpan
from billing.subscriptions.services.paying import pay_open_invoices
from billing.subscriptions.services.standing import subscription_of
from core.clock import now
from core.tenancy.scope import public_scope
from tenants.console.revenue import cohorts, conversion, spans_in, tried_in
from tests.billing.begin import GROWTH, subscribe

pytestmark = pytest.mark.django_db


@pytest.fixture
def public(workspace):
    with public_scope(switch=True, reason="test"):
        yield workspace


def paid_now(subscription) -> list[int]:
    running = RevenueSpan.objects.filter(tenant_id=subscription.pk, until__isnull=True)
    return list(running.values_list("monthly_minor", flat=True))


def use_card(subscription, card: str) -> None:
    """From now on this one is charged, also for what is over."""
    made = api().v1.payment_methods.attach(card, {"customer": subscription.customer_id})
    api().v1.customers.update(
        subscription.customer_id, {"invoice_settings": {"default_payment_method": made.id}}
    )
    api().v1.subscriptions.update(subscription.subscription_id, {"default_payment_method": made.id})


def test_a_trial_with_a_card_is_no_revenue_before_its_first_payment(stripe, public):
    subscription = subscribe(public, in_trial=True)
    assert subscription.stripe_status == "trialing" and paid_now(subscription) == []
    assert conversion(tried_in("USD", subscription.clock_at), spans_in("USD")) == (0, 0)
    subscription = stripe.pass_to(subscription, subscription.trial_until + dt.timedelta(hours=2))
    assert paid_now(subscription) == [6300]
    assert conversion(tried_in("USD", subscription.clock_at), spans_in("USD")) == (1, 1)


def test_a_debt_is_no_revenue_and_paid_after_all_it_was_never_lost(stripe, public):
    subscription = subscribe(public)
    assert paid_now(subscription) == [6300]
    use_card(subscription, "pm_card_chargeCustomerFail")
    subscription = stripe.pass_to(subscription, subscription.period_end + dt.timedelta(days=2))
    assert subscription.stripe_status == "past_due" and paid_now(subscription) == []
    use_card(subscription, "pm_card_visa")
    pay_open_invoices(subscription, by="Olive")
    assert paid_now(subscription) == [6300]
    assert RevenueSpan.objects.filter(tenant_id=subscription.pk).count() == 1


def test_who_comes_back_after_an_unpaid_end_begins_anew(stripe, public):
    subscription = subscribe(public)
    use_card(subscription, "pm_card_chargeCustomerFail")
    subscription = stripe.pass_to(subscription, subscription.period_end + dt.timedelta(days=20))
    assert subscription.stripe_status == "canceled" and paid_now(subscription) == []
    use_only = api().v1.payment_methods.attach("pm_card_visa", {"customer": subscription.customer_id})
    api().v1.customers.update(
        subscription.customer_id, {"invoice_settings": {"default_payment_method": use_only.id}}
    )
    subscription = subscribe(public)
    assert paid_now(subscription) == [6300]
    assert RevenueSpan.objects.filter(tenant_id=subscription.pk).count() == 2


def test_currencies_are_never_mixed(stripe, public, other_workspace):
    subscribe(public)
    subscribe(other_workspace, replace(GROWTH, currency="EUR"))
    at = now() + dt.timedelta(days=1)
    for currency in ("USD", "EUR"):
        tried, spans = tried_in(currency, at), spans_in(currency)
        assert len(spans) == 1 and conversion(tried, spans) == (1, 1)
        assert sum(each.opened for each in cohorts(tried, spans, at)) == 1
    assert tried_in("JPY", at) == []


def test_who_never_paid_counts_where_it_would_have_paid(public):
    subscription = subscription_of(public.snapshot.tenant_id)
    subscription.currency, subscription.state = "XAF", "read_only"
    subscription.save(update_fields=["currency", "state"])
    assert conversion(tried_in("USD", now()), []) == (1, 0)
    assert tried_in("XAF", now()) == []
