"""Subscriptions from the first day to the last. Source: docs.stripe.com/billing/subscriptions/overview."""

from copy import deepcopy
from typing import Any

from billing.devstripe.calendar import HOUR, interval_of, now_for
from billing.devstripe.catalog import redeem
from billing.devstripe.cycles import (
    invoice_now,
    keep_for_next_invoice,
    pending_lines,
    period_lines,
    remember_debits,
)
from billing.devstripe.errors import invalid
from billing.devstripe.events import changed, emit
from billing.devstripe.invoices import void
from billing.devstripe.items import (
    begin_period,
    change_items,
    coupon_of,
    end_discount,
    give_discount,
    new_subscription,
    tax_rates_of,
)
from billing.devstripe.models import Account
from billing.devstripe.params import Anything, Metadata, need
from billing.devstripe.payments import refuse_unpaid, try_to_pay
from billing.devstripe.store import all_of, find, get, put

ITEM = {"id": str, "price": str, "quantity": int, "deleted": bool, "tax_rates": [str], "metadata": Metadata}
_COMMON = {
    "items": [ITEM],
    "proration_behavior": ("create_prorations", "always_invoice", "none"),
    "payment_behavior": (
        "allow_incomplete",
        "default_incomplete",
        "error_if_incomplete",
        "pending_if_incomplete",
    ),
    "default_payment_method": str,
    "default_tax_rates": [str],
    "discounts": [{"coupon": str}],
    "metadata": Metadata,
    "cancel_at": int,
    "cancel_at_period_end": bool,
    "off_session": bool,
    "trial_settings": Anything,
    "payment_settings": Anything,
    "description": str,
}
CREATE = {
    **_COMMON,
    "customer": str,
    "currency": str,
    "trial_end": str,
    "billing_mode": {"type": ("classic", "flexible")},
}
UPDATE = {
    **_COMMON,
    "proration_date": int,
    "trial_end": str,
    "billing_cycle_anchor": {"type": ("now", "unchanged")},
}
LIVING = ("active", "trialing", "past_due", "unpaid", "incomplete", "paused")
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
    if card is not None:
        subscription["default_payment_method"] = card["id"]
    subscription["schedule"] = schedule
    put(account, subscription)
    begin_period(subscription, at, trial_end=_trial_end(given, at))
    emit(account, "customer.subscription.created", put(account, subscription))
    coupon = coupon_of(account, subscription)
    if subscription["trial_end"]:
        lines = [{**each, "amount": 0, "subtotal": 0} for each in period_lines(subscription)]
        invoice = invoice_now(account, subscription, lines, "subscription_create", at, None)
        try_to_pay(account, invoice, subscription, at, automatic=True)
        return put(
            account, {**get(account, "subscription", subscription["id"]), "latest_invoice": invoice["id"]}
        )
    invoice = invoice_now(
        account, subscription, period_lines(subscription), "subscription_create", at, coupon
    )
    remember_debits(subscription, invoice)
    subscription["latest_invoice"] = invoice["id"]
    behavior = given.get("payment_behavior", "allow_incomplete")
    refusal = "unconfirmed"
    if behavior != "default_incomplete":
        refusal = try_to_pay(account, invoice, subscription, at, automatic=True)
    if refusal and behavior == "error_if_incomplete":
        refuse_unpaid(refusal)
    if refusal:
        subscription["status"] = "incomplete"
        subscription["_incomplete_until"] = at + INCOMPLETE_FOR
        _no_retries(account, invoice["id"])
    put(account, subscription)
    return subscription


def update(account: Account, subscription_id: str, given: dict[str, Any]) -> dict[str, Any]:
    """Raises Refusal; with error_if_incomplete nothing is changed when the money does not come."""
    before = get(account, "subscription", subscription_id)
    if before["status"] in ("canceled", "incomplete_expired"):
        raise invalid(
            "A canceled subscription can only update its cancellation_details.", code="resource_missing"
        )
    if before["schedule"] and {"items", "cancel_at", "cancel_at_period_end"} & set(given):
        raise invalid("The subscription is managed by the subscription schedule; release it first.")
    subscription = deepcopy(before)
    at = now_for(account, subscription["customer"])
    _plain_changes(account, subscription, given)
    if given.get("discounts") is not None:
        _change_discounts(account, subscription, given["discounts"], at)
    if given.get("trial_end"):
        _change_trial(subscription, given["trial_end"], at)
    if given.get("items") or given.get("billing_cycle_anchor"):
        _change_booking(account, subscription, given, at)
    put(account, subscription)
    changed(account, "customer.subscription.updated", before, subscription)
    return subscription


def _change_booking(account: Account, subscription: dict[str, Any], given: dict[str, Any], at: int) -> None:
    behavior = given.get("proration_behavior") or "create_prorations"
    when = given.get("proration_date") or at
    start, end = subscription["_period"]
    if not start <= when <= end:
        raise invalid("Invalid timestamp: can be no earlier than the current period.", param="proration_date")
    new_period = starts_anew(account, subscription, given)
    lines = change_items(
        account, subscription, given.get("items") or [], when, behavior=behavior, new_period=new_period
    )
    if new_period:
        subscription["billing_cycle_anchor"] = at
        if subscription["status"] == "trialing":
            subscription.update(status="active", trial_end=at)
        begin_period(subscription, at)
        lines += period_lines(subscription)
    put(account, subscription)
    if not lines:
        return
    if behavior == "always_invoice" or new_period:
        _charge_change(account, subscription, lines, given, at)
        return
    for each in lines:
        keep_for_next_invoice(account, subscription, each, at)


def _charge_change(
    account: Account,
    subscription: dict[str, Any],
    lines: list[dict[str, Any]],
    given: dict[str, Any],
    at: int,
) -> None:
    coupon = coupon_of(account, subscription)
    lines = [*pending_lines(account, subscription, take=True), *lines]
    invoice = invoice_now(account, subscription, lines, "subscription_update", at, coupon)
    remember_debits(subscription, invoice)
    subscription["latest_invoice"] = invoice["id"]
    refusal = try_to_pay(account, invoice, subscription, at, automatic=True)
    if refusal and given.get("payment_behavior") == "error_if_incomplete":
        refuse_unpaid(refusal)
    if refusal and subscription["status"] == "active":
        subscription["status"] = "past_due"


def starts_anew(account: Account, subscription: dict[str, Any], given: dict[str, Any]) -> bool:
    """In flexible mode a period begins now only when asked; in classic mode also with another interval."""
    asked = given.get("billing_cycle_anchor") or {}
    if asked.get("type") == "now":
        return True
    if subscription["billing_mode"]["type"] == "flexible":
        return False
    now_interval = interval_of(subscription["items"]["data"][0]["price"])
    prices = [get(account, "price", each["price"]) for each in given.get("items") or [] if each.get("price")]
    return any(interval_of(price) != now_interval for price in prices)


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
        put(account, {**schedule, "status": "canceled", "canceled_at": at, "current_phase": None})
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
    if not refusal and is_latest and subscription["status"] in ("incomplete", "past_due", "unpaid"):
        subscription["status"], subscription["_incomplete_until"] = "active", None
    elif refusal and is_latest and subscription["status"] == "active":
        subscription["status"] = "past_due"
    if subscription["status"] != before["status"]:
        put(account, subscription)
        changed(account, "customer.subscription.updated", before, subscription)
    if refusal and invoice["next_payment_attempt"] is None and subscription["status"] == "past_due":
        _give_up(account, subscription, at)


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


def _plain_changes(account: Account, subscription: dict[str, Any], given: dict[str, Any]) -> None:
    if "metadata" in given:
        merged = {**subscription["metadata"], **given["metadata"]}
        subscription["metadata"] = {name: text for name, text in merged.items() if text != ""}
    if given.get("default_payment_method"):
        card = get(account, "payment_method", given["default_payment_method"], param="default_payment_method")
        if card["customer"] != subscription["customer"]:
            raise invalid("The customer does not have this payment method.", param="default_payment_method")
        subscription["default_payment_method"] = card["id"]
    if "default_tax_rates" in given:
        subscription["default_tax_rates"] = tax_rates_of(account, given["default_tax_rates"] or [])
    if "cancel_at_period_end" in given:
        ends = given["cancel_at_period_end"]
        subscription["cancel_at_period_end"] = ends
        at = now_for(account, subscription["customer"])
        subscription["cancel_at"] = subscription["_period"][1] if ends else None
        subscription["canceled_at"] = at if ends else None
        reason = "cancellation_requested" if ends else None
        subscription["cancellation_details"] = {"comment": None, "feedback": None, "reason": reason}
    if "cancel_at" in given:
        subscription["cancel_at"] = given["cancel_at"] or None
        subscription["cancel_at_period_end"] = False
        subscription["canceled_at"] = (
            now_for(account, subscription["customer"]) if given["cancel_at"] else None
        )


def _change_discounts(account: Account, subscription: dict[str, Any], discounts: Any, at: int) -> None:
    end_discount(subscription)
    if discounts:
        coupon = redeem(account, discounts[0]["coupon"], subscription["currency"], at)
        give_discount(account, subscription, coupon, at)


def _change_trial(subscription: dict[str, Any], wish: str, at: int) -> None:
    if subscription["status"] != "trialing":
        raise invalid("Only a trialing subscription can change its trial here.", param="trial_end")
    end = at if wish == "now" else int(wish)
    if end < at:
        raise invalid("Invalid timestamp: must be in the future.", param="trial_end")
    subscription["trial_end"] = end
    subscription["billing_cycle_anchor"] = end
    subscription["_period"][1] = end
    for item in subscription["items"]["data"]:
        item["current_period_end"] = end


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


def _belongs(invoice: dict[str, Any], subscription: dict[str, Any]) -> bool:
    details = (invoice["parent"] or {}).get("subscription_details") or {}
    return details.get("subscription") == subscription["id"]
