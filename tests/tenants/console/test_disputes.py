"""Payments that a bank takes back, in the console and for the workspace."""

import html

import pytest

from billing.gateway.client import api
from billing.subscriptions.models import Dispute, SubscriptionEvent
from billing.subscriptions.services.paying import refund
from billing.webhooks.models import StripeEvent
from core.errors import DomainError
from core.tenancy.scope import public_scope
from tests.billing.begin import newest_invoice, subscribe

pytestmark = pytest.mark.django_db


def told(subscription, kind: str) -> int:
    with public_scope(switch=True, reason="test"):
        return SubscriptionEvent.objects.filter(tenant_id=subscription.pk, kind=kind).count()


def test_a_dispute_is_seen_by_both_sides_with_its_deadline(stripe, workspace, client_of, console, tenant_of):
    subscription = subscribe(workspace)
    invoice = newest_invoice(subscription)
    stripe.deliver()
    made = stripe.command("dispute", invoice=invoice.pk, reason="duplicate", amount=700)
    stripe.deliver()
    stripe.deliver()
    with public_scope(switch=True, reason="test"):
        dispute = Dispute.objects.get()
        assert (dispute.invoice_id, dispute.amount_minor, dispute.is_open) == (invoice.pk, 700, True)
        assert dispute.answer_by is not None
        assert not StripeEvent.objects.filter(state="waiting").exists()
        with pytest.raises(DomainError):
            refund(invoice, amount_minor=100, by="Ines")
    page = html.unescape(console.get("/console/disputes/").content.decode())
    assert tenant_of(workspace).name in page and "$7.00" in page and "paid twice" in page
    assert "Disputed" in client_of(workspace, workspace.owner).get("/settings/billing/").content.decode()
    story = html.unescape(console.get(f"/console/tenants/{subscription.pk}/").content.decode())
    assert f"The bank disputes the payment of invoice {invoice.number}: $7.00" in story
    invoices = console.get(f"/console/tenants/{subscription.pk}/invoices/").content.decode()
    assert "Disputed" in invoices and "Give back…" not in invoices
    api().v1.disputes.close(made["id"])
    stripe.deliver()
    with public_scope(switch=True, reason="test"):
        dispute.refresh_from_db()
    assert (dispute.status, dispute.is_open) == ("lost", False)
    assert (told(subscription, "disputed"), told(subscription, "dispute_over")) == (1, 1)
    assert tenant_of(workspace).name not in console.get("/console/disputes/").content.decode()
    assert tenant_of(workspace).name in console.get("/console/disputes/?state=closed").content.decode()


def test_what_waits_for_the_bank_alone_stands_last_and_is_counted(stripe, workspace, console, tenant_of):
    subscription = subscribe(workspace)
    stripe.command("dispute", invoice=newest_invoice(subscription).pk)
    stripe.deliver()
    name = tenant_of(workspace).name
    with public_scope(switch=True, reason="test"):
        first = Dispute.objects.get()
        Dispute.objects.filter(pk=first.pk).update(answer_by=None)
    page = console.get("/console/disputes/")
    assert name in page.content.decode()
    assert len(page.context["rows"]) == page.context["tabs"][0][2] == 1
    with public_scope(switch=True, reason="test"):
        values = {f.attname: getattr(first, f.attname) for f in Dispute._meta.concrete_fields}
        Dispute.objects.create(**values | {"id": "dp_urgent"})
    rows = console.get("/console/disputes/").context["rows"]
    assert [row["dispute"].pk for row in rows] == ["dp_urgent", first.pk]
