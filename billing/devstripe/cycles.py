"""What a subscription puts on invoices: periods, what waits, and what later credits go back to."""

from copy import deepcopy
from typing import Any

from billing.devstripe.events import emit
from billing.devstripe.invoices import finalize, make_invoice
from billing.devstripe.items import coupon_of, end_discount
from billing.devstripe.lines import full_lines, net_of
from billing.devstripe.models import Account
from billing.devstripe.store import all_of, put, remove, shape


def period_lines(subscription: dict[str, Any]) -> list[dict[str, Any]]:
    start, end = subscription["_period"]
    return full_lines(subscription, subscription["items"]["data"], start, end)


def invoice_now(
    account: Account,
    subscription: dict[str, Any],
    lines: list[dict[str, Any]],
    reason: str,
    at: int,
    coupon: dict[str, Any] | None,
) -> dict[str, Any]:
    invoice = make_invoice(
        account,
        subscription["customer"],
        lines,
        reason=reason,
        subscription=subscription,
        at=at,
        coupon=coupon,
        tax_rates=subscription["default_tax_rates"],
    )
    if coupon is not None and coupon["duration"] == "once":
        end_discount(subscription)
    return finalize(account, invoice, at)


def renewal_invoice(account: Account, subscription: dict[str, Any], at: int) -> dict[str, Any]:
    """A draft for the period that begins; finalized and charged about an hour later."""
    lines = [*pending_lines(account, subscription, take=True), *period_lines(subscription)]
    discount = subscription.get("_discount")
    if discount and discount["end"] is not None and discount["end"] <= at:
        end_discount(subscription)
    coupon = coupon_of(account, subscription)
    invoice = make_invoice(
        account,
        subscription["customer"],
        lines,
        reason="subscription_cycle",
        subscription=subscription,
        at=at,
        coupon=coupon,
        tax_rates=subscription["default_tax_rates"],
    )
    if coupon is not None and coupon["duration"] == "once":
        end_discount(subscription)
    if subscription["status"] == "unpaid":
        # "Invoices are left as drafts" while it is unpaid (docs.stripe.com/billing/subscriptions/overview).
        invoice["auto_advance"] = False
        invoice["automatically_finalizes_at"] = invoice["_finalize_at"] = None
    put(account, invoice)
    remember_debits(subscription, invoice)
    subscription["latest_invoice"] = invoice["id"]
    return invoice


def keep_for_next_invoice(
    account: Account, subscription: dict[str, Any], line: dict[str, Any], at: int
) -> None:
    made = shape(
        "invoiceitem",
        amount=line["amount"],
        currency=line["currency"],
        customer=subscription["customer"],
        date=at,
        description=line["description"],
        discountable=False,
        discounts=[],
        metadata={},
        period=line["period"],
        proration=True,
        quantity=line["quantity"],
        quantity_decimal=line["quantity_decimal"],
        invoice=None,
        _subscription=subscription["id"],
        _line=line,
    )
    emit(account, "invoiceitem.created", put(account, made))


def pending_lines(account: Account, subscription: dict[str, Any], *, take: bool) -> list[dict[str, Any]]:
    """Lines that wait for the next invoice. take: they are on one now."""
    waiting = [
        each
        for each in reversed(all_of(account, "invoiceitem", customer=subscription["customer"]))
        if each["invoice"] is None and each.get("_subscription") == subscription["id"]
    ]
    if take:
        for each in waiting:
            remove(account, "invoiceitem", each["id"])
    return [deepcopy(each["_line"]) for each in waiting]


def remember_debits(subscription: dict[str, Any], invoice: dict[str, Any]) -> None:
    """What was charged for each item's period, net: a later credit goes back to it."""
    for each in invoice["lines"]["data"]:
        details = each["parent"]["subscription_item_details"]
        if details is None or details["proration"]:
            continue
        for item in subscription["items"]["data"]:
            if item["id"] == details["subscription_item"]:
                item["_debits"] = [{"amount": net_of(each), **each["period"]}]
