"""3-D Secure: a payment that the bank wants its customer to confirm."""

import datetime as dt
import html
import re
import urllib.parse
import urllib.request

import pytest
from django.core import mail

from billing.gateway.client import api
from billing.subscriptions.models import Invoice, Subscription, SubscriptionEvent
from billing.subscriptions.services.passing import pass_time_for
from billing.subscriptions.services.standing import subscription_of
from core.tenancy.scope import public_scope
from tests.billing.begin import newest_invoice, subscribe

pytestmark = pytest.mark.django_db


def asked_at_renewal(stripe, workspace) -> Subscription:
    """A month was paid; the renewal's card wants to be confirmed each time."""
    subscription = subscribe(workspace)
    card = api().v1.payment_methods.attach(
        "pm_card_authenticationRequired", {"customer": subscription.customer_id}
    )
    api().v1.customers.update(
        subscription.customer_id, {"invoice_settings": {"default_payment_method": card.id}}
    )
    api().v1.subscriptions.update(subscription.subscription_id, {"default_payment_method": card.id})
    return stripe.pass_to(subscription, subscription.period_end + dt.timedelta(hours=2))


def answer_the_bank(invoice: Invoice, yes: bool) -> str:
    """What a person does on Stripe's page of the invoice; the page that follows."""
    body = urllib.parse.urlencode({"bank": "yes" if yes else "no"}).encode()
    with urllib.request.urlopen(urllib.request.Request(invoice.page_url, body), timeout=30) as answer:
        return html.unescape(answer.read().decode())


def test_a_renewal_that_asks_is_shown_mailed_and_paid_on_the_invoices_page(stripe, workspace, client_of):
    subscription = asked_at_renewal(stripe, workspace)
    assert subscription.state == "past_due"
    invoice = newest_invoice(subscription)
    assert invoice.needs_action
    owner = client_of(workspace, workspace.owner)
    page = html.unescape(owner.get("/settings/billing/").content.decode())
    assert "Your bank wants you to confirm the payment of $63.00." in page
    assert "Pay now" not in page
    path = re.search(r'href="([^"]+/page/)"[^>]*>Confirm the payment', page)
    assert path is not None and owner.get(path[1]).headers["Location"] == invoice.page_url
    sent = [each for each in mail.outbox if "please confirm a payment" in each.subject]
    assert sent and invoice.page_url in sent[0].body
    # The same news again is no other mail.
    with public_scope(switch=True, reason="test"):
        pass_time_for(subscription.pk)
    assert len([each for each in mail.outbox if "please confirm" in each.subject]) == len(sent)
    assert "unable to authenticate" in answer_the_bank(invoice, yes=False)
    stripe.deliver()
    with public_scope(switch=True, reason="test"):
        assert subscription_of(subscription.pk).state == "past_due"
    answer_the_bank(invoice, yes=True)
    stripe.deliver()
    with public_scope(switch=True, reason="test"):
        subscription = subscription_of(subscription.pk)
        told = SubscriptionEvent.objects.filter(tenant_id=subscription.pk, kind="invoice_asks")
        assert (subscription.state, told.count()) == ("active", 1)
    paid = newest_invoice(subscription)
    assert (paid.state, paid.needs_action) == ("paid", False)
    assert "Your bank wants you to confirm" not in owner.get("/settings/billing/").content.decode()


def test_a_card_that_asks_each_time_asks_again_at_the_next_renewal(stripe, workspace):
    subscription = asked_at_renewal(stripe, workspace)
    answer_the_bank(newest_invoice(subscription), yes=True)
    stripe.deliver()
    with public_scope(switch=True, reason="test"):
        subscription = subscription_of(subscription.pk)
    subscription = stripe.pass_to(subscription, subscription.period_end + dt.timedelta(hours=2))
    assert (subscription.state, newest_invoice(subscription).needs_action) == ("past_due", True)


def test_a_card_that_is_only_refused_is_to_be_paid_not_confirmed(stripe, workspace, client_of):
    subscription = subscribe(workspace)
    card = api().v1.payment_methods.attach(
        "pm_card_chargeCustomerFail", {"customer": subscription.customer_id}
    )
    api().v1.subscriptions.update(subscription.subscription_id, {"default_payment_method": card.id})
    subscription = stripe.pass_to(subscription, subscription.period_end + dt.timedelta(hours=2))
    assert not newest_invoice(subscription).needs_action
    page = client_of(workspace, workspace.owner).get("/settings/billing/").content.decode()
    assert "Pay now" in page and "Confirm the payment" not in page
