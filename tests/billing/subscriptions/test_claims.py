"""Credit notes and disputes, from Stripe to the pages of both sides."""

import html

import pytest

from billing.gateway.client import api
from billing.subscriptions.models import CreditNote, Dispute, Invoice, SubscriptionEvent
from billing.webhooks.models import StripeEvent
from billing.webhooks.services.receiving import follow_waiting, take_in
from core.money import format_minor
from core.tenancy.scope import public_scope
from tests.billing.begin import newest_invoice, subscribe

pytestmark = pytest.mark.django_db


def told(subscription, kind: str) -> int:
    with public_scope(switch=True, reason="test"):
        return SubscriptionEvent.objects.filter(tenant_id=subscription.pk, kind=kind).count()


def test_a_credit_note_stands_under_its_invoice_with_number_and_pdf(stripe, workspace, client_of):
    subscription = subscribe(workspace)
    invoice = newest_invoice(subscription)
    made = api().v1.credit_notes.create({"invoice": invoice.pk, "amount": 1300, "refund_amount": 1300})
    stripe.deliver()
    stripe.deliver()
    with public_scope(switch=True, reason="test"):
        note = CreditNote.objects.get()
        assert (note.invoice_id, note.amount_minor, note.number) == (invoice.pk, 1300, made.number)
        assert Invoice.objects.get(pk=invoice.pk).refunded_minor == 1300
    assert told(subscription, "credit_note") == 1
    owner = client_of(workspace, workspace.owner)
    for path in ("", "invoices/"):
        page = html.unescape(owner.get(f"/settings/billing/{path}").content.decode())
        assert made.number in page and format_minor(-1300, "USD") in page
    pdf = owner.get(f"/settings/billing/invoices/{invoice.pk}/credit/{made.id}/pdf/")
    assert pdf.status_code == 302 and pdf.headers["Location"].endswith(f"/cn/{made.id}/pdf")


def test_another_workspaces_credit_note_is_unknown(stripe, workspace, other_workspace, client_of):
    invoice = newest_invoice(subscribe(other_workspace))
    made = api().v1.credit_notes.create({"invoice": invoice.pk, "amount": 100, "credit_amount": 100})
    stripe.deliver()
    subscribe(workspace)
    path = f"/settings/billing/invoices/{invoice.pk}/credit/{made.id}/pdf/"
    assert client_of(workspace, workspace.owner).get(path).status_code == 404
    assert client_of(other_workspace, other_workspace.owner).get(path).status_code == 302


def test_a_void_credit_note_says_so(stripe, workspace):
    subscription = subscribe(workspace)
    card = api().v1.payment_methods.attach(
        "pm_card_chargeCustomerFail", {"customer": subscription.customer_id}
    )
    api().v1.subscriptions.update(subscription.subscription_id, {"default_payment_method": card.id})
    stripe.pass_to(subscription, subscription.period_end.replace(microsecond=0))
    api().v1.test_helpers.test_clocks.advance(
        subscription.clock_id, {"frozen_time": int(subscription.period_end.timestamp()) + 7200}
    )
    stripe.deliver()
    invoice = newest_invoice(subscription)
    made = api().v1.credit_notes.create({"invoice": invoice.pk, "amount": 300})
    stripe.deliver()
    assert newest_invoice(subscription).due_minor == 6000
    api().v1.credit_notes.void_credit_note(made.id)
    stripe.deliver()
    with public_scope(switch=True, reason="test"):
        assert CreditNote.objects.get().state == "void"
    assert (told(subscription, "credit_note"), told(subscription, "credit_note_void")) == (1, 1)


def test_news_of_a_dispute_waits_while_stripe_is_away(stripe, workspace):
    subscription = subscribe(workspace)
    stripe.deliver()
    stripe.command("dispute", invoice=newest_invoice(subscription).pk)
    parcels = stripe.parcels()
    stripe.command("fail_next", status=503, times=40)
    with public_scope(switch=True, reason="test"):
        for parcel in parcels:
            take_in(parcel["payload"].encode(), parcel["signature"])
        follow_waiting()
        assert not Dispute.objects.exists() and StripeEvent.objects.filter(state="waiting").exists()
        stripe.command("fail_next")
        follow_waiting()
        assert Dispute.objects.get().is_open
        assert not StripeEvent.objects.filter(state="waiting").exists()
