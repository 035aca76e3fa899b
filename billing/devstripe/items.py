"""A subscription's items and periods: what is booked, and the lines that a change of it makes.

Source: docs.stripe.com/billing/subscriptions/prorations, /quantities.
"""

from copy import deepcopy
from fractions import Fraction
from typing import Any

from billing.devstripe.calendar import add_interval, interval_of, period_after
from billing.devstripe.catalog import merged_metadata, redeem
from billing.devstripe.errors import invalid
from billing.devstripe.events import emit
from billing.devstripe.lines import credit_line, debit_line, discount_factor, fresh_item, plan_of
from billing.devstripe.models import Account
from billing.devstripe.params import need
from billing.devstripe.store import find, get, listed, put, shape


def new_subscription(account: Account, given: dict[str, Any], customer_id: str, at: int) -> dict[str, Any]:
    """Its fields and items; no period yet, nothing kept."""
    subscription = shape(
        "subscription",
        billing_cycle_anchor=at,
        billing_mode={"type": (given.get("billing_mode") or {}).get("type", "flexible"), "flexible": None},
        cancel_at=given.get("cancel_at") or None,
        cancel_at_period_end=given.get("cancel_at_period_end", False),
        collection_method="charge_automatically",
        created=at,
        customer=customer_id,
        default_payment_method=given.get("default_payment_method") or None,
        default_tax_rates=tax_rates_of(account, given.get("default_tax_rates") or []),
        description=given.get("description") or None,
        discounts=[],
        metadata=given.get("metadata", {}),
        start_date=at,
        status="active",
        trial_settings=trial_settings(given),
    )
    items = []
    for each in given["items"]:
        need(each, "price")
        price = get(account, "price", each["price"], param="items[0][price]")
        if not price["recurring"]:
            raise invalid("The price must be recurring.", param="items[0][price]")
        items.append(_new_item(account, subscription["id"], price, each, at))
    _check_items(items)
    subscription["currency"] = items[0]["price"]["currency"]
    subscription["items"] = listed(f"/v1/subscription_items?subscription={subscription['id']}", items)
    customer = find(account, "customer", customer_id) if customer_id else None
    subscription["test_clock"] = (customer or {}).get("test_clock")
    discounts = given.get("discounts") or []
    if len(discounts) > 1:
        raise invalid("This stand-in takes one discount.", param="discounts")
    if discounts:
        need(discounts[0], "coupon")
        coupon = redeem(account, discounts[0]["coupon"], subscription["currency"], at)
        give_discount(account, subscription, coupon, at)
    return subscription


def trial_settings(given: dict[str, Any]) -> dict[str, Any]:
    """What happens at the trial's end without a card; without a word an invoice is made."""
    end = (given.get("trial_settings") or {}).get("end_behavior") or {}
    return {"end_behavior": {"missing_payment_method": end.get("missing_payment_method") or "create_invoice"}}


def begin_period(subscription: dict[str, Any], at: int, *, trial_end: int | None = None) -> None:
    """From `at` to the trial's end, or to the next turn counted from the anchor."""
    items = subscription["items"]["data"]
    interval = interval_of(items[0]["price"])
    if trial_end:
        end = trial_end
        subscription.update(status="trialing", trial_start=at, trial_end=trial_end)
        subscription["billing_cycle_anchor"] = trial_end
    else:
        end = period_after(subscription["billing_cycle_anchor"], interval, at)
    subscription["_period"] = [at, end]
    if subscription["cancel_at_period_end"]:
        subscription["cancel_at"] = end
    for item in items:
        item["current_period_start"], item["current_period_end"] = at, end
        item["_debits"] = []


def change_items(
    account: Account,
    subscription: dict[str, Any],
    given: list[dict[str, Any]],
    at: int,
    *,
    behavior: str,
    new_period: bool,
) -> list[dict[str, Any]]:
    """Change the items of this copy; the proration lines that follow. Nothing is kept.

    An item whose price changes without a quantity has 1 again (docs.stripe.com/billing/subscriptions/quantities).
    """
    before = subscription["items"]["data"]
    start, end = subscription["_period"]
    prorates = behavior != "none" and subscription["status"] != "trialing" and start <= at < end
    factor = discount_factor(coupon_of(account, subscription), before)
    after = _apply(account, subscription, given, at)
    lines = _credits(subscription, before, after, at, all_of_them=new_period) if prorates else []
    for item in after:
        unchanged = any(_same(item, old) for old in before)
        if unchanged and not new_period:
            continue
        if not prorates:
            continue  # what was charged for the item stays what a later credit goes back to
        item["_debits"] = []
        if not new_period:
            debit = debit_line(subscription, item, at, start, end, Fraction(factor))
            lines.append(debit)
            item["_debits"] = [{"amount": debit["amount"], "start": at, "end": end}]
    _check_items(after)
    subscription["items"]["data"] = after
    return lines


def _credits(
    subscription: dict[str, Any],
    before: list[dict[str, Any]],
    after: list[dict[str, Any]],
    at: int,
    *,
    all_of_them: bool,
) -> list[dict[str, Any]]:
    """For what is unused of items that change, or of all."""
    kept = {item["id"] for item in after if any(_same(item, old) for old in before)}
    found = [credit_line(subscription, item, at) for item in before if all_of_them or item["id"] not in kept]
    return [line for line in found if line is not None]


def _apply(
    account: Account, subscription: dict[str, Any], given: list[dict[str, Any]], at: int
) -> list[dict[str, Any]]:
    """The items as they will be; the subscription's own stay as they are."""
    start, end = subscription["_period"]
    after: list[dict[str, Any]] = deepcopy(subscription["items"]["data"])
    for each in given:
        if each.get("id"):
            item = next((item for item in after if item["id"] == each["id"]), None)
            if item is None:
                raise invalid(
                    f"No such subscription item: '{each['id']}'", param="items", code="resource_missing"
                )
            if each.get("deleted"):
                after.remove(item)
                continue
            if each.get("price") and each["price"] != item["price"]["id"]:
                item["price"] = get(account, "price", each["price"], param="items[0][price]")
                item["plan"], item["_name"] = plan_of(item["price"]), _product_name(account, item["price"])
                item["quantity"] = 1
            item["quantity"] = _quantity(each.get("quantity", item["quantity"]))
            item["metadata"] = merged_metadata(item["metadata"], each.get("metadata"))
        else:
            need(each, "price")
            price = get(account, "price", each["price"], param="items[0][price]")
            item = _new_item(account, subscription["id"], price, each, at)
            item["current_period_start"], item["current_period_end"] = start, end
            after.append(item)
    return after


def _new_item(
    account: Account, subscription_id: str, price: dict[str, Any], given: dict[str, Any], at: int
) -> dict[str, Any]:
    quantity = _quantity(given.get("quantity", 1))
    made = fresh_item(subscription_id, price, quantity, at, name=_product_name(account, price))
    made["metadata"] = given.get("metadata") or {}
    return made


def _product_name(account: Account, price: dict[str, Any]) -> str:
    return str((find(account, "product", price["product"]) or {}).get("name") or "")


def _same(item: dict[str, Any], old: dict[str, Any]) -> bool:
    return (item["id"], item["price"]["id"], item["quantity"]) == (
        old["id"],
        old["price"]["id"],
        old["quantity"],
    )


def tax_rates_of(account: Account, ids: list[str]) -> list[dict[str, Any]]:
    return [get(account, "tax_rate", each, param="default_tax_rates") for each in ids]


def _quantity(wish: int) -> int:
    if wish < 0 or wish > 10**6:
        raise invalid("Invalid quantity.", param="items[0][quantity]")
    return wish


def _check_items(items: list[dict[str, Any]]) -> None:
    if not items:
        raise invalid("A subscription must have at least one item.", param="items")
    if len({interval_of(item["price"]) for item in items}) > 1:
        raise invalid("All prices must have the same interval here.", param="items")
    if len({item["price"]["currency"] for item in items}) > 1:
        raise invalid("All prices must have the same currency.", param="items")
    prices = [item["price"]["id"] for item in items]
    if len(set(prices)) != len(prices):
        raise invalid("Two items cannot have the same price.", param="items")


def coupon_of(account: Account, subscription: dict[str, Any]) -> dict[str, Any] | None:
    """The coupon of the discount that is in force."""
    discount = subscription.get("_discount")
    if not discount:
        return None
    found = find(account, "coupon", discount["source"]["coupon"])
    return found or discount.get("_coupon")


def give_discount(account: Account, subscription: dict[str, Any], coupon: dict[str, Any], at: int) -> None:
    end = (
        add_interval(at, "month", coupon["duration_in_months"]) if coupon["duration"] == "repeating" else None
    )
    discount = shape(
        "discount",
        customer=subscription["customer"] or None,
        end=end,
        source={"coupon": coupon["id"], "type": "coupon"},
        start=at,
        subscription=subscription["id"],
    )
    discount["_coupon"] = coupon
    subscription["_discount"] = discount
    subscription["discounts"] = [discount["id"]]
    if subscription["customer"]:
        put(account, discount)
        emit(account, "customer.discount.created", discount)


def end_discount(subscription: dict[str, Any]) -> None:
    subscription["_discount"], subscription["discounts"] = None, []
