"""How subscriptions end, and what payments make of them. Source: docs.stripe.com/billing/subscriptions/overview."""

from copy import deepcopy
from typing import Any

from billing.devstripe.calendar import now_for
from billing.devstripe.errors import invalid
from billing.devstripe.events import changed, emit
from billing.devstripe.invoices import void
from billing.devstripe.models import Account
from billing.devstripe.store import all_of, find, get, put

_PAID_BACK = ("incomplete", "past_due", "unpaid", "paused")
LIVING = ("active", "trialing", "past_due", "unpaid", "incomplete", "paused")


def cancel(account: Account, subscription: dict[str, Any], at: int, *, reason: str) -> dict[str, Any]:
    """At once; nothing is given back. reason: cancellation_requested or payment_failed."""
    if subscription["status"] in ("canceled", "incomplete_expired"):
        raise invalid(f"No such subscription: {subscription['id']}", code="resource_missing")
    subscription["status"] = "canceled"
    subscription["canceled_at"] = subscription["canceled_at"] or at
    subscription["ended_at"] = at
    subscription["cancellation_details"] = {"comment": None, "feedback": None, "reason": reason}
    if subscription["schedule"]:
        schedule = get(account, "subscription_schedule", subscription["schedule"])
        if schedule["status"] in ("not_started", "active"):
            over = {**schedule, "status": "canceled", "canceled_at": at, "current_phase": None}
            emit(account, "subscription_schedule.canceled", put(account, over))
    for invoice in all_of(account, "invoice", customer=subscription["customer"]):
        if invoice["status"] in ("draft", "open") and _belongs(invoice, subscription):
            quiet = {
                "auto_advance": False,
                "_retry_at": None,
                "_finalize_at": None,
                "next_payment_attempt": None,
            }
            put(account, {**invoice, **quiet})
    put(account, subscription)
    emit(account, "customer.subscription.deleted", subscription)
    return subscription


def expire(account: Account, subscription: dict[str, Any], at: int) -> None:
    """The first payment never came: terminal, and its invoice void."""
    before = deepcopy(subscription)
    subscription.update(status="incomplete_expired", ended_at=at)
    put(account, subscription)
    invoice = get(account, "invoice", subscription["latest_invoice"])
    if invoice["status"] == "open":
        void(account, invoice, at)
    changed(account, "customer.subscription.updated", before, subscription)


def follow_payment(account: Account, invoice: dict[str, Any], at: int, *, refusal: str) -> None:
    """What a payment, or its failure, makes of the subscription."""
    details = (invoice["parent"] or {}).get("subscription_details") or {}
    subscription = find(account, "subscription", details.get("subscription") or "")
    if subscription is None or subscription["status"] not in LIVING:
        return
    before = deepcopy(subscription)
    is_latest = subscription["latest_invoice"] == invoice["id"]
    if not refusal and is_latest and subscription["status"] in _PAID_BACK:
        subscription["status"], subscription["_incomplete_until"] = "active", None
    elif refusal and is_latest and subscription["status"] == "active":
        subscription["status"] = "past_due"
    if subscription["status"] != before["status"]:
        put(account, subscription)
        changed(account, "customer.subscription.updated", before, subscription)
    if refusal and invoice["next_payment_attempt"] is None and subscription["status"] == "past_due":
        _give_up(account, subscription, at)


def follow_write_off(account: Account, invoice: dict[str, Any], at: int) -> None:
    """An invoice that is given up: past_due and unpaid are over with their latest one marked uncollectible.

    A first invoice that is void, or given up, ends an incomplete subscription.
    """
    details = (invoice["parent"] or {}).get("subscription_details") or {}
    subscription = find(account, "subscription", details.get("subscription") or "")
    if subscription is None or subscription["latest_invoice"] != invoice["id"]:
        return
    if subscription["status"] == "incomplete":
        expire(account, subscription, at)
    elif invoice["status"] == "uncollectible" and subscription["status"] in ("past_due", "unpaid"):
        before = deepcopy(subscription)
        subscription["status"] = "active"
        put(account, subscription)
        changed(account, "customer.subscription.updated", before, subscription)


def delete_customer(account: Account, customer_id: str) -> dict[str, Any]:
    """ "Also immediately cancels any active subscriptions on the customer" (docs.stripe.com/api/customers/delete)."""
    customer = get(account, "customer", customer_id)
    at = now_for(account, customer_id)
    for subscription in all_of(account, "subscription", customer=customer_id):
        if subscription["status"] in LIVING:
            cancel(account, subscription, at, reason="cancellation_requested")
    put(account, {**customer, "deleted": True})
    emit(account, "customer.deleted", customer)
    return {"id": customer_id, "object": "customer", "deleted": True}


def _give_up(account: Account, subscription: dict[str, Any], at: int) -> None:
    """After the last retry, what the account's settings say (docs.stripe.com/billing/revenue-recovery)."""
    wish = account.settings.get("after_retries", "cancel")
    if wish == "cancel":
        cancel(account, subscription, at, reason="payment_failed")
    elif wish == "unpaid":
        before = deepcopy(subscription)
        subscription["status"] = "unpaid"
        put(account, subscription)
        changed(account, "customer.subscription.updated", before, subscription)


def _belongs(invoice: dict[str, Any], subscription: dict[str, Any]) -> bool:
    details = (invoice["parent"] or {}).get("subscription_details") or {}
    return details.get("subscription") == subscription["id"]
