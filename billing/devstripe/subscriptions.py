"""Subscriptions from the first day to the last. Source: docs.stripe.com/billing/subscriptions/overview."""

from copy import deepcopy
from typing import Any

from billing.devstripe.calendar import HOUR, now_for
from billing.devstripe.cycles import (
    invoice_now,
    period_lines,
    remember_debits,
)
from billing.devstripe.errors import invalid
from billing.devstripe.events import changed, emit
from billing.devstripe.items import (
    begin_period,
    coupon_of,
    new_subscription,
)
from billing.devstripe.models import Account
from billing.devstripe.params import Metadata, need
from billing.devstripe.payments import try_to_pay, unpaid
from billing.devstripe.store import all_of, get, put

ITEM = {"id": str, "price": str, "quantity": int, "deleted": bool, "metadata": Metadata}
COMMON = {
    "items": [ITEM],
    "proration_behavior": ("create_prorations", "always_invoice", "none"),
    # pending_if_incomplete is Stripe's too; pending updates are not stood in for, so it is refused.
    "payment_behavior": ("allow_incomplete", "default_incomplete", "error_if_incomplete"),
    "default_payment_method": str,
    "default_tax_rates": [str],
    "discounts": [{"coupon": str}],
    "metadata": Metadata,
    "cancel_at": int,
    "cancel_at_period_end": bool,
    "off_session": bool,
    "trial_settings": {"end_behavior": {"missing_payment_method": ("cancel", "create_invoice", "pause")}},
    "payment_settings": {"save_default_payment_method": ("off", "on_subscription")},
    "description": str,
}
CREATE = {
    **COMMON,
    "customer": str,
    "currency": str,
    "trial_end": str,
    "billing_mode": {"type": ("classic", "flexible")},
}
RESUME = {
    "billing_cycle_anchor": {"type": ("now", "unchanged")},
    "proration_behavior": ("create_prorations", "always_invoice", "none"),
}
INCOMPLETE_FOR = 23 * HOUR


def create(
    account: Account,
    given: dict[str, Any],
    *,
    card: dict[str, Any] | None = None,
    schedule: str | None = None,
) -> dict[str, Any]:
    """card: what Checkout has just taken. Raises Refusal for error_if_incomplete when it cannot be charged."""
    need(given, "customer", "items")
    customer = get(account, "customer", given["customer"], param="customer")
    at = now_for(account, customer["id"])
    subscription = new_subscription(account, given, customer["id"], at)
    if given.get("currency", subscription["currency"]).lower() != subscription["currency"]:
        raise invalid("The prices are of another currency.", param="currency")
    _same_currency(account, subscription)
    if card is not None:
        subscription["default_payment_method"] = card["id"]
    elif subscription["default_payment_method"]:
        own_card(account, subscription["default_payment_method"], customer["id"])
    subscription["schedule"] = schedule
    put(account, subscription)
    begin_period(subscription, at, trial_end=_trial_end(given, at))
    emit(account, "customer.subscription.created", put(account, subscription))
    if not customer["currency"]:
        put(account, {**get(account, "customer", customer["id"]), "currency": subscription["currency"]})
    if subscription["trial_end"]:
        _first_invoice_of_trial(account, subscription, at)
    else:
        _first_invoice(account, subscription, given.get("payment_behavior", "allow_incomplete"), at)
    return put(account, subscription)


def _first_invoice_of_trial(account: Account, subscription: dict[str, Any], at: int) -> None:
    """Nothing to pay, and discounts wait for the first invoice that has."""
    lines = [{**each, "amount": 0, "subtotal": 0} for each in period_lines(subscription)]
    invoice = invoice_now(account, subscription, lines, "subscription_create", at, None)
    try_to_pay(account, invoice, subscription, at, automatic=True)
    subscription["latest_invoice"] = invoice["id"]


def _first_invoice(account: Account, subscription: dict[str, Any], behavior: str, at: int) -> None:
    coupon = coupon_of(account, subscription)
    lines = period_lines(subscription)
    invoice = invoice_now(account, subscription, lines, "subscription_create", at, coupon)
    remember_debits(subscription, invoice)
    subscription["latest_invoice"] = invoice["id"]
    refusal = ""
    if behavior == "default_incomplete" and invoice["amount_due"]:
        refusal = "unconfirmed"
    else:
        refusal = try_to_pay(account, invoice, subscription, at, automatic=True)
    if refusal and behavior == "error_if_incomplete":
        raise unpaid(refusal)
    if refusal:
        subscription["status"] = "incomplete"
        subscription["_incomplete_until"] = at + INCOMPLETE_FOR
        _no_retries(account, invoice["id"])


def _same_currency(account: Account, subscription: dict[str, Any]) -> None:
    """Source: docs.stripe.com/billing/customer#currency: one currency a customer while anything of it is alive."""
    for other in all_of(account, "subscription", customer=subscription["customer"]):
        over = other["status"] in ("canceled", "incomplete_expired")
        if not over and other["currency"] != subscription["currency"]:
            message = (
                "You cannot combine currencies on a single customer. "
                f"This customer has an active subscription with currency {other['currency']}."
            )
            raise invalid(message, param="items")


def resume(account: Account, subscription_id: str, given: dict[str, Any]) -> dict[str, Any]:
    """From paused: a period begins now; active once it is paid (docs.stripe.com/api/subscriptions/resume)."""
    before = get(account, "subscription", subscription_id)
    if before["status"] != "paused":
        raise invalid("Only a paused subscription can be resumed.")
    if (given.get("billing_cycle_anchor") or {}).get("type") == "unchanged":
        raise invalid("This stand-in resumes with a period that begins now.", param="billing_cycle_anchor")
    subscription = deepcopy(before)
    at = now_for(account, subscription["customer"])
    subscription["billing_cycle_anchor"] = at
    begin_period(subscription, at)
    coupon = coupon_of(account, subscription)
    invoice = invoice_now(account, subscription, period_lines(subscription), "subscription_cycle", at, coupon)
    remember_debits(subscription, invoice)
    subscription["latest_invoice"] = invoice["id"]
    if try_to_pay(account, invoice, subscription, at, automatic=True):
        _no_retries(account, invoice["id"])
    else:
        subscription["status"] = "active"
        emit(account, "customer.subscription.resumed", put(account, subscription))
    put(account, subscription)
    changed(account, "customer.subscription.updated", before, subscription)
    return subscription


def own_card(account: Account, method_id: str, customer_id: str) -> None:
    card = get(account, "payment_method", method_id, param="default_payment_method")
    if card["customer"] != customer_id:
        message = "The customer does not have a payment method with this ID."
        raise invalid(message, param="default_payment_method", code="resource_missing")


def _trial_end(given: dict[str, Any], at: int) -> int | None:
    wish = given.get("trial_end")
    if not wish or wish == "now":
        return None
    if not str(wish).isdecimal() or int(wish) <= at:
        raise invalid("Invalid timestamp: must be in the future.", param="trial_end")
    return int(wish)


def _no_retries(account: Account, invoice_id: str) -> None:
    """An incomplete first invoice is not retried: the customer confirms it."""
    invoice = get(account, "invoice", invoice_id)
    put(account, {**invoice, "_retry_at": None, "next_payment_attempt": None})
