"""Invoices that would be, worked out by the same steps on a copy.

Source: docs.stripe.com/api/invoices/create_preview.
"""

from copy import deepcopy
from typing import Any

from billing.devstripe.calendar import now_for
from billing.devstripe.changes import starts_anew
from billing.devstripe.cycles import pending_lines, period_lines
from billing.devstripe.errors import Refusal, invalid
from billing.devstripe.invoices import make_invoice
from billing.devstripe.items import begin_period, change_items, coupon_of, end_discount, new_subscription
from billing.devstripe.models import Account
from billing.devstripe.phases import items_from
from billing.devstripe.store import all_of, find, get
from billing.devstripe.subscriptions import ITEM

PREVIEW = {
    "customer": str,
    "currency": str,
    "subscription": str,
    "preview_mode": ("next", "recurring"),
    "discounts": [{"coupon": str}],
    "subscription_details": {
        "items": [ITEM],
        "proration_behavior": ("create_prorations", "always_invoice", "none"),
        "proration_date": int,
        "billing_cycle_anchor": {"type": ("now", "unchanged")},
        "default_tax_rates": [str],
        "trial_end": str,
        "cancel_at": int,
        "cancel_at_period_end": bool,
    },
}


def create_preview(account: Account, given: dict[str, Any]) -> dict[str, Any]:
    """For a subscription as it is or would be, or for one that is still to be made. Nothing is kept."""
    details = given.get("subscription_details") or {}
    recurring = given.get("preview_mode") == "recurring"
    if given.get("subscription"):
        found = get(account, "subscription", given["subscription"])
        return _of_existing(account, _with_discount(account, found, given), details, recurring)
    if not details.get("items"):
        raise invalid("Give a subscription, or the items of one.", param="subscription_details[items]")
    return _of_new(account, given, details, recurring)


def _of_existing(
    account: Account, found: dict[str, Any], details: dict[str, Any], recurring: bool
) -> dict[str, Any]:
    if found["status"] in ("canceled", "incomplete_expired"):
        raise _nothing_comes()
    subscription = deepcopy(found)
    at = now_for(account, subscription["customer"])
    if "default_tax_rates" in details:
        rates = details["default_tax_rates"] or []
        subscription["default_tax_rates"] = [get(account, "tax_rate", each) for each in rates]
    if details.get("trial_end") and not recurring:
        message = "This stand-in previews no other trial of a subscription."
        raise invalid(message, param="subscription_details[trial_end]")
    _preview_end(subscription, details)
    behavior = details.get("proration_behavior") or "create_prorations"
    new_period = starts_anew(account, subscription, details)
    when = details.get("proration_date") or at
    if not subscription["_period"][0] <= when <= subscription["_period"][1]:
        message = "Invalid timestamp: must lie in the current period."
        raise invalid(message, param="subscription_details[proration_date]")
    lines = change_items(
        account, subscription, details.get("items") or [], when, behavior=behavior, new_period=new_period
    )
    if recurring:
        return _whole_period(account, subscription)
    if new_period:
        subscription["billing_cycle_anchor"] = at
        begin_period(subscription, at)
        waiting = pending_lines(account, subscription, take=False)
        return _made(account, subscription, [*waiting, *lines, *period_lines(subscription)], at)
    if behavior == "always_invoice" and details.get("items"):
        return _made(account, subscription, [*pending_lines(account, subscription, take=False), *lines], at)
    ends = subscription["cancel_at"]
    if ends is not None and ends <= subscription["_period"][1]:
        raise _nothing_comes()
    return _next(account, subscription, lines)


def _with_discount(account: Account, found: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """As if this coupon were the subscription's."""
    if not given.get("discounts"):
        return found
    coupon = get(account, "coupon", given["discounts"][0]["coupon"], param="discounts")
    source = {"coupon": coupon["id"]}
    return {**found, "_discount": {"id": "di_preview", "end": None, "source": source}}


def _nothing_comes() -> Refusal:
    return invalid("No upcoming invoices for customer", code="invoice_upcoming_none")


def _preview_end(subscription: dict[str, Any], details: dict[str, Any]) -> None:
    if "cancel_at_period_end" in details:
        with_period = bool(details["cancel_at_period_end"])
        subscription["cancel_at_period_end"] = with_period
        subscription["cancel_at"] = subscription["_period"][1] if with_period else None
    if details.get("cancel_at"):
        subscription["cancel_at"] = details["cancel_at"]


def _next(account: Account, subscription: dict[str, Any], lines: list[dict[str, Any]]) -> dict[str, Any]:
    """What the end of the period will bring: a draft that waits already, or the renewal."""
    for invoice in all_of(account, "invoice", customer=subscription["customer"]):
        if invoice["status"] == "draft" and invoice["id"] == subscription["latest_invoice"]:
            return {**invoice}
    waiting = pending_lines(account, subscription, take=False)
    end = subscription["_period"][1]
    _follow_schedule(account, subscription, end)
    begin_period(subscription, end)
    discount = subscription.get("_discount")
    if discount and discount["end"] is not None and discount["end"] <= end:
        end_discount(subscription)
    return _made(account, subscription, [*waiting, *lines, *period_lines(subscription)], end)


def _follow_schedule(account: Account, subscription: dict[str, Any], end: int) -> None:
    schedule = find(account, "subscription_schedule", subscription["schedule"] or "")
    if schedule is None:
        return
    for phase in schedule["phases"]:
        if phase["start_date"] == end:
            items_from(account, subscription, phase, end, preview=True)


def _whole_period(account: Account, subscription: dict[str, Any]) -> dict[str, Any]:
    """Nothing of the period at hand; a discount only if it is still there then."""
    coupon, end = coupon_of(account, subscription), subscription["_period"][1]
    runs_out = (subscription.get("_discount") or {}).get("end")
    if coupon is not None and (coupon["duration"] == "once" or (runs_out is not None and runs_out <= end)):
        end_discount(subscription)
    begin_period(subscription, end)
    return _made(account, subscription, period_lines(subscription), end, balance=False)


def _of_new(
    account: Account, given: dict[str, Any], details: dict[str, Any], recurring: bool
) -> dict[str, Any]:
    customer_id = given.get("customer") or ""
    if customer_id:
        get(account, "customer", customer_id, param="customer")
    at = now_for(account, customer_id)
    wanted = {
        "items": [{name: value for name, value in each.items() if name != "id"} for each in details["items"]],
        "default_tax_rates": details.get("default_tax_rates") or [],
    }
    subscription = new_subscription(account, wanted, customer_id, at)
    coupon = None
    if given.get("discounts"):
        coupon = get(account, "coupon", given["discounts"][0]["coupon"], param="discounts")
    begin_period(subscription, at)
    if coupon is not None and not (recurring and coupon["duration"] == "once"):
        subscription["_discount"] = {"id": "di_preview", "end": None, "source": {"coupon": coupon["id"]}}
    subscription["id"] = ""
    if given.get("currency") and given["currency"].lower() != subscription["currency"]:
        raise invalid("The prices are of another currency.", param="currency")
    lines = period_lines(subscription)
    if details.get("trial_end") and not recurring:
        lines = [{**each, "amount": 0, "subtotal": 0} for each in lines]
    return _made(account, subscription, lines, at, balance=not recurring)


def _made(
    account: Account,
    subscription: dict[str, Any],
    lines: list[dict[str, Any]],
    at: int,
    *,
    balance: bool = True,
) -> dict[str, Any]:
    invoice = make_invoice(
        account,
        subscription["customer"],
        lines,
        reason="upcoming",
        subscription=subscription,
        at=at,
        coupon=coupon_of(account, subscription),
        tax_rates=subscription["default_tax_rates"],
        preview=True,
    )
    if not balance:
        invoice["starting_balance"] = invoice["ending_balance"] = 0
        invoice["amount_due"] = invoice["amount_remaining"] = max(0, invoice["total"])
    invoice["id"] = f"upcoming_{invoice['id']}"
    return invoice
