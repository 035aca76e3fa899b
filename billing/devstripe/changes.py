"""Changes of a subscription that lives. Source: docs.stripe.com/billing/subscriptions/change."""

from copy import deepcopy
from typing import Any

from billing.devstripe.calendar import interval_of, now_for
from billing.devstripe.catalog import merged_metadata, redeem
from billing.devstripe.cycles import (
    invoice_now,
    keep_for_next_invoice,
    pending_lines,
    period_lines,
    remember_debits,
)
from billing.devstripe.errors import invalid
from billing.devstripe.events import changed
from billing.devstripe.items import (
    begin_period,
    change_items,
    coupon_of,
    end_discount,
    give_discount,
    tax_rates_of,
    trial_settings,
)
from billing.devstripe.models import Account
from billing.devstripe.params import need
from billing.devstripe.payments import try_to_pay, unpaid
from billing.devstripe.store import get, put
from billing.devstripe.subscriptions import COMMON, own_card

UPDATE = {
    **COMMON,
    "proration_date": int,
    "trial_end": str,
    "billing_cycle_anchor": {"type": ("now", "unchanged")},
}


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
