"""Mails for money that was received, and what the story says of mails in each reader's language."""

import datetime as dt

import pytest
from django.core import mail
from django.utils.translation import override

from billing.subscriptions.models import SubscriptionEvent
from billing.subscriptions.services.mailing import send_receipts
from billing.subscriptions.services.passing import pass_time_for
from billing.subscriptions.services.story import sentence_of
from core.tenancy.scope import public_scope
from tenants.console.models import SentMail
from tests.billing.begin import newest_invoice, subscribe

pytestmark = pytest.mark.django_db


def receipts() -> list:
    return [each for each in mail.outbox if "received" in each.subject]


def test_money_received_is_told_once_with_the_invoice(stripe, workspace):
    subscription = subscribe(workspace)
    with public_scope(switch=True, reason="test"):
        for _turn in range(2):
            pass_time_for(subscription.pk)
    (sent,) = receipts()
    invoice = newest_invoice(subscription)
    assert sent.to == ["owner@example.com"] and "$63.00 received" in sent.subject
    assert invoice.number in sent.body and invoice.pdf_url in sent.body
    with public_scope(switch=True, reason="test"):
        told = SubscriptionEvent.objects.get(tenant_id=subscription.pk, kind="receipt")
        assert sentence_of(told) == f"Mail sent: receipt for invoice {invoice.number}"


def test_nothing_is_told_of_a_trial_nor_of_what_was_paid_long_ago(stripe, workspace):
    subscription = subscribe(workspace, in_trial=True)
    with public_scope(switch=True, reason="test"):
        pass_time_for(subscription.pk)
        assert receipts() == []
    subscription = stripe.pass_to(subscription, subscription.trial_until + dt.timedelta(hours=2))
    assert len(receipts()) == 1
    del mail.outbox[:]
    with public_scope(switch=True, reason="test"):
        later = subscription.clock_at + dt.timedelta(days=4)
        assert send_receipts(subscription, later) == 0


def test_the_mail_log_names_whom_a_billing_mail_concerns(
    stripe, workspace, django_capture_on_commit_callbacks, settings
):
    settings.MAIL_SENDER = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "tenants.console.mailing.LoggedBackend"
    subscription = subscribe(workspace)
    with public_scope(switch=True, reason="test"):
        with django_capture_on_commit_callbacks(execute=True):
            pass_time_for(subscription.pk)
        assert SentMail.objects.get(kind="receipt").tenant_id == subscription.pk


def test_a_mail_in_the_story_is_read_in_the_readers_language(workspace):
    tenant_id = workspace.snapshot.tenant_id
    facts = {"state": "suspended", "reason": "unpaid", "until": "2026-12-01T00:00:00+00:00"}
    new = SubscriptionEvent(tenant_id=tenant_id, kind="notice", facts=facts)
    old = SubscriptionEvent(tenant_id=tenant_id, kind="notice", facts={"subject": "已停用"})
    with override("en"):
        assert sentence_of(new) == "Mail sent: Suspended – A payment failed (until 1 December 2026)"
        assert sentence_of(old) == "Mail sent: 已停用"
    with override("zh-hans"):
        assert "已停用" in sentence_of(new) and "Suspended" not in sentence_of(new)
