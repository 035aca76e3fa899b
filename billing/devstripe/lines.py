"""Lines of invoices: regular ones, prorations, their discounts and taxes. No writing.

Source: docs.stripe.com/billing/subscriptions/prorations, /billing/taxes/tax-rates. Differences: tax is rounded on
each line; an amount_off coupon is spread over the lines in proportion, the last taking what is left.
"""

from copy import deepcopy
from fractions import Fraction
from typing import Any

from billing.devstripe.rounding import rounded, share
from billing.devstripe.store import new_id, shape

Item = dict[str, Any]


def full_lines(subscription: dict[str, Any], items: list[Item], start: int, end: int) -> list[dict[str, Any]]:
    """A whole period of each item."""
    return [
        line(subscription, item, amount_of(item), start, end, text=text_of(item), proration=False)
        for item in items
    ]


def amount_of(item: Item) -> int:
    """A period's, before discounts."""
    price = item["price"]
    if price["unit_amount"] is not None:
        return int(price["unit_amount"] * item["quantity"])
    return rounded(Fraction(price["unit_amount_decimal"]) * item["quantity"])


def credit_line(subscription: dict[str, Any], item: Item, at: int) -> dict[str, Any] | None:
    """The unused part of what was charged for the item. Flexible billing credits the original debits."""
    debits = [each for each in item.get("_debits", []) if each["end"] > at]
    if not debits:
        return None
    unused = -sum(share(each["amount"], each["end"] - at, each["end"] - each["start"]) for each in debits)
    text = f"Unused time on {text_of(item)}"
    return line(subscription, item, unused, at, debits[0]["end"], text=text, proration=True)


def debit_line(
    subscription: dict[str, Any], item: Item, at: int, start: int, end: int, factor: Fraction
) -> dict[str, Any]:
    """The remaining part of the period at the item's price, net of the subscription's discount (factor)."""
    amount = rounded(Fraction(amount_of(item)) * (end - at) / (end - start) * factor)
    text = f"Remaining time on {text_of(item)}"
    return line(subscription, item, amount, at, end, text=text, proration=True)


def line(
    subscription: dict[str, Any], item: Item, amount: int, start: int, end: int, *, text: str, proration: bool
) -> dict[str, Any]:
    details = {
        "invoice_item": None,
        "proration": proration,
        "proration_details": {"credited_items": None},
        "subscription": subscription["id"] or None,
        "subscription_item": item["id"],
    }
    return shape(
        "line_item",
        amount=amount,
        currency=item["price"]["currency"],
        description=text,
        discount_amounts=[],
        # Proration lines are net of discounts already.
        discountable=not proration,
        discounts=[],
        metadata={},
        parent={
            "type": "subscription_item_details",
            "subscription_item_details": details,
            "invoice_item_details": None,
        },
        period={"start": start, "end": end},
        pretax_credit_amounts=[],
        pricing={
            "type": "price_details",
            "price_details": {"price": item["price"]["id"], "product": item["price"]["product"]},
            "unit_amount_decimal": item["price"]["unit_amount_decimal"],
        },
        quantity=item["quantity"],
        quantity_decimal=str(item["quantity"]),
        subscription=subscription["id"] or None,
        subtotal=amount,
        taxes=[],
    )


def total_up(
    lines: list[dict[str, Any]],
    coupon: dict[str, Any] | None,
    discount_id: str,
    tax_rates: list[dict[str, Any]],
) -> dict[str, Any]:
    """Discounts and taxes of each line, and the invoice's sums: subtotal, total and what makes them up."""
    for each, off in zip(lines, _reductions(lines, coupon), strict=True):
        each["discount_amounts"] = [{"amount": off, "discount": discount_id}] if off else []
        each["taxes"] = [_tax(each["amount"] - off, rate) for rate in tax_rates]
    subtotal = sum(each["amount"] for each in lines)
    reduced = sum(part["amount"] for each in lines for part in each["discount_amounts"])
    taxes = _totals_by_rate(lines)
    added = sum(each["amount"] for each in taxes if each["tax_behavior"] == "exclusive")
    contained = sum(each["amount"] for each in taxes if each["tax_behavior"] == "inclusive")
    total = subtotal - reduced + added
    return {
        "subtotal": subtotal,
        "subtotal_excluding_tax": subtotal - contained,
        "total": total,
        "total_excluding_tax": total - added - contained,
        "total_discount_amounts": [{"amount": reduced, "discount": discount_id}]
        if coupon and reduced
        else [],
        "total_taxes": taxes,
    }


def discount_factor(coupon: dict[str, Any] | None, items: list[Item]) -> Fraction:
    """What is left of an amount after the subscription's discount."""
    if coupon is None:
        return Fraction(1)
    if coupon["percent_off"] is not None:
        return 1 - Fraction(str(coupon["percent_off"])) / 100
    whole = sum(amount_of(item) for item in items)
    return Fraction(max(0, whole - coupon["amount_off"]), whole) if whole else Fraction(1)


def net_of(each: dict[str, Any]) -> int:
    """A line's amount after its discount: what a later credit goes back to."""
    return int(each["amount"] - sum(part["amount"] for part in each["discount_amounts"]))


def _reductions(lines: list[dict[str, Any]], coupon: dict[str, Any] | None) -> list[int]:
    if coupon is None:
        return [0] * len(lines)
    bases = [each["amount"] if each["discountable"] else 0 for each in lines]
    if coupon["percent_off"] is not None:
        percent = Fraction(str(coupon["percent_off"]))
        return [rounded(base * percent / 100) for base in bases]
    whole = sum(bases)
    left = min(coupon["amount_off"], whole)
    off = [share(left, base, whole) for base in bases]
    last = max((number for number, base in enumerate(bases) if base), default=None)
    if last is not None:
        off[last] += left - sum(off)
    return off


def _tax(base: int, rate: dict[str, Any]) -> dict[str, Any]:
    percent = Fraction(str(rate["percentage"]))
    part = percent / (100 + percent) if rate["inclusive"] else percent / 100
    amount = rounded(base * part)
    return {
        "amount": amount,
        "tax_behavior": "inclusive" if rate["inclusive"] else "exclusive",
        "tax_rate_details": {"tax_rate": rate["id"]},
        "taxability_reason": "standard_rated",
        "taxable_amount": base - amount if rate["inclusive"] else base,
        "type": "tax_rate_details",
    }


def _totals_by_rate(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    totals: dict[str, dict[str, Any]] = {}
    for each in lines:
        for tax in each["taxes"]:
            key = tax["tax_rate_details"]["tax_rate"]
            if key not in totals:
                totals[key] = deepcopy(tax)
            else:
                totals[key]["amount"] += tax["amount"]
                totals[key]["taxable_amount"] += tax["taxable_amount"]
    return list(totals.values())


def text_of(item: Item) -> str:
    name = item.get("_name") or item["price"]["nickname"] or item["price"]["product"]
    return f"{item['quantity']} × {name}"


def fresh_item(subscription_id: str, price: dict[str, Any], quantity: int, at: int, *, name: str) -> Item:
    """A subscription's item, without its period. name: of the product, for the lines of invoices."""
    return shape(
        "subscription_item",
        id=new_id("subscription_item"),
        created=at,
        discounts=[],
        metadata={},
        price=price,
        plan=plan_of(price),
        quantity=quantity,
        subscription=subscription_id,
        tax_rates=[],
        _debits=[],
        _name=name,
    )


def plan_of(price: dict[str, Any]) -> dict[str, Any]:
    """The older shape of a price that items still carry."""
    return shape(
        "plan",
        id=price["id"],
        active=price["active"],
        amount=price["unit_amount"],
        amount_decimal=price["unit_amount_decimal"],
        billing_scheme="per_unit",
        created=price["created"],
        currency=price["currency"],
        interval=price["recurring"]["interval"],
        interval_count=price["recurring"]["interval_count"],
        metadata={},
        nickname=price["nickname"],
        product=price["product"],
        usage_type="licensed",
    )
