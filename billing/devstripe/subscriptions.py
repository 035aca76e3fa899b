"""Subscriptions from the first day to the last. Source: docs.stripe.com/billing/subscriptions/overview."""

from copy import deepcopy
from typing import Any

from billing.devstripe.calendar import HOUR, interval_of, now_for
from billing.devstripe.catalog import merged_metadata, redeem
from billing.devstripe.cycles import (
    invoice_now,
    keep_for_next_invoice,
    pending_lines,
    period_lines,
    remember_debits,
)
from billing.devstripe.errors import invalid
from billing.devstripe.events import changed, emit
from billing.devstripe.items import (
    begin_period,
    change_items,
    coupon_of,
    end_discount,
    give_discount,
    new_subscription,
    tax_rates_of,
    trial_settings,
)
from billing.devstripe.models import Account
from billing.devstripe.params import Metadata, need
from billing.devstripe.payments import try_to_pay, unpaid
from billing.devstripe.store import all_of, get, put

ITEM = {"id": str, "price": str, "quantity": int, "deleted": bool, "tax_rates": [str], "metadata": Metadata}
_COMMON = {
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
        raise unpaid(refusal)
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


def _plain_changes(account: Account, subscription: dict[str, Any], given: dict[str, Any]) -> None:
    if "metadata" in given:
        subscription["metadata"] = merged_metadata(subscription["metadata"], given["metadata"])
    if "default_payment_method" in given:
        method = given["default_payment_method"] or None
        if method:
            own_card(account, method, subscription["customer"])
        subscription["default_payment_method"] = method
    if "description" in given:
        subscription["description"] = given["description"] or None
    if given.get("trial_settings"):
        subscription["trial_settings"] = trial_settings(given)
    if "default_tax_rates" in given:
        subscription["default_tax_rates"] = tax_rates_of(account, given["default_tax_rates"] or [])
    if {"cancel_at", "cancel_at_period_end"} & set(given):
        _change_end(account, subscription, given)


def _change_end(account: Account, subscription: dict[str, Any], given: dict[str, Any]) -> None:
    """When it ends, or that it goes on after all."""
    at = now_for(account, subscription["customer"])
    wish = given.get("cancel_at") or None
    if wish and given.get("cancel_at_period_end"):
        raise invalid("You cannot pass both cancel_at and cancel_at_period_end.", param="cancel_at")
    if wish and wish <= at:
        raise invalid("The cancel_at date must be in the future.", param="cancel_at")
    with_period = bool(given.get("cancel_at_period_end"))
    # "false" takes back "true"; a date of its own is taken back by an empty cancel_at.
    if not with_period and "cancel_at" not in given and not subscription["cancel_at_period_end"]:
        return
    end = subscription["_period"][1] if with_period else wish
    subscription["cancel_at_period_end"], subscription["cancel_at"] = with_period, end
    subscription["canceled_at"] = at if end else None
    reason = "cancellation_requested" if end else None
    subscription["cancellation_details"] = {"comment": None, "feedback": None, "reason": reason}


def _change_discounts(account: Account, subscription: dict[str, Any], discounts: Any, at: int) -> None:
    if len(discounts or []) > 1:
        raise invalid("This stand-in takes one discount.", param="discounts")
    end_discount(subscription)
    if discounts:
        need(discounts[0], "coupon")
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
