"""Products, prices, coupons and tax rates. Source: docs.stripe.com/api of each."""

import re
from decimal import Decimal
from typing import Any

from billing.devstripe.calendar import now_for
from billing.devstripe.currencies import known_currency, whole_amount
from billing.devstripe.errors import invalid
from billing.devstripe.events import changed, emit
from billing.devstripe.models import Account
from billing.devstripe.params import Metadata, need
from billing.devstripe.store import all_of, find, get, put, remove, shape

PRODUCT = {"id": str, "name": str, "active": bool, "description": str, "metadata": Metadata}
PRICE = {
    "product": str,
    "currency": str,
    "unit_amount": int,
    "unit_amount_decimal": str,
    "recurring": {"interval": ("day", "week", "month", "year"), "interval_count": int},
    "lookup_key": str,
    "transfer_lookup_key": bool,
    "nickname": str,
    "active": bool,
    "tax_behavior": ("exclusive", "inclusive", "unspecified"),
    "metadata": Metadata,
}
PRICE_UPDATE = {
    "lookup_key": str,
    "transfer_lookup_key": bool,
    "nickname": str,
    "active": bool,
    "metadata": Metadata,
}
COUPON = {
    "id": str,
    "name": str,
    "percent_off": float,
    "amount_off": int,
    "currency": str,
    "duration": ("once", "repeating", "forever"),
    "duration_in_months": int,
    "max_redemptions": int,
    "redeem_by": int,
    "metadata": Metadata,
}
COUPON_UPDATE = {"name": str, "metadata": Metadata}
TAX_RATE = {
    "display_name": str,
    "percentage": float,
    "inclusive": bool,
    "country": str,
    "active": bool,
    "description": str,
    "jurisdiction": str,
    "metadata": Metadata,
}


_NEVER_EMPTY = {"name", "active", "display_name"}


def create_product(account: Account, given: dict[str, Any]) -> dict[str, Any]:
    need(given, "name")
    if given.get("id") and find(account, "product", given["id"]):
        raise invalid(f"Product already exists: {given['id']}", param="id", code="resource_already_exists")
    at = now_for(account, "")
    made = shape("product", **{**given, "created": at, "updated": at, "active": given.get("active", True)})
    made["type"] = "service"
    emit(account, "product.created", put(account, made))
    return made


def update_product(account: Account, object_id: str, given: dict[str, Any]) -> dict[str, Any]:
    return _update(account, "product", object_id, given)


def create_price(account: Account, given: dict[str, Any]) -> dict[str, Any]:
    """Exactly one of unit_amount and unit_amount_decimal."""
    need(given, "product", "currency")
    product = get(account, "product", given["product"], param="product")
    currency = known_currency(given["currency"])
    amount = _unit_amount(given, currency)
    recurring = given.get("recurring") or None
    made = shape(
        "price",
        active=given.get("active", True),
        billing_scheme="per_unit",
        created=now_for(account, ""),
        currency=currency,
        nickname=given.get("nickname"),
        product=product["id"],
        recurring=_recurring(recurring) if recurring else None,
        type="recurring" if recurring else "one_time",
        unit_amount=amount,
        unit_amount_decimal=str(given.get("unit_amount_decimal", amount)),
        tax_behavior=given.get("tax_behavior", "unspecified"),
        metadata=given.get("metadata", {}),
    )
    _take_lookup_key(account, made, given)
    emit(account, "price.created", put(account, made))
    return made


def _unit_amount(given: dict[str, Any], currency: str) -> int | None:
    """Whole minor units; None for a price of fractions of one. Raises Refusal."""
    if ("unit_amount" in given) == ("unit_amount_decimal" in given):
        raise invalid("Specify exactly one of unit_amount and unit_amount_decimal.", param="unit_amount")
    if "unit_amount" in given:
        return whole_amount(given["unit_amount"], currency, param="unit_amount")
    exact = given["unit_amount_decimal"]
    if not re.fullmatch(r"\d{1,8}(\.\d{1,12})?", exact):
        message = "unit_amount_decimal is a decimal of at most 12 places, not below 0."
        raise invalid(message, param="unit_amount_decimal")
    if Decimal(exact) % 1:
        return None
    return whole_amount(int(Decimal(exact)), currency, param="unit_amount_decimal")


def update_price(account: Account, object_id: str, given: dict[str, Any]) -> dict[str, Any]:
    price = get(account, "price", object_id)
    _take_lookup_key(account, price, given)
    plain = {name: value for name, value in given.items() if "lookup_key" not in name}
    return _update(account, "price", object_id, {**plain, "lookup_key": price["lookup_key"]})


def create_coupon(account: Account, given: dict[str, Any]) -> dict[str, Any]:
    need(given, "duration")
    if ("percent_off" in given) == ("amount_off" in given):
        raise invalid("Specify exactly one of percent_off and amount_off.", param="percent_off")
    if "amount_off" in given:
        need(given, "currency")
        given["currency"] = known_currency(given["currency"])
        whole_amount(given["amount_off"], given["currency"], param="amount_off")
    if given["duration"] == "repeating":
        need(given, "duration_in_months")
    if not 0 < given.get("percent_off", 1) <= 100:
        raise invalid("percent_off must lie between 0 and 100.", param="percent_off")
    for name in ("amount_off", "duration_in_months", "max_redemptions"):
        if given.get(name, 1) in ("", None) or given.get(name, 1) < 1:
            raise invalid(f"{name} must be at least 1.", param=name)
    if given.get("id") and find(account, "coupon", given["id"]):
        raise invalid("Coupon already exists.", param="id", code="resource_already_exists")
    values = {"created": now_for(account, ""), "times_redeemed": 0, "valid": True, "metadata": {}}
    made = shape("coupon", **{**values, **given})
    emit(account, "coupon.created", put(account, made))
    return made


def update_coupon(account: Account, object_id: str, given: dict[str, Any]) -> dict[str, Any]:
    return _update(account, "coupon", object_id, given)


def delete_coupon(account: Account, object_id: str) -> dict[str, Any]:
    emit(account, "coupon.deleted", get(account, "coupon", object_id))
    remove(account, "coupon", object_id)
    return {"id": object_id, "object": "coupon", "deleted": True}


def redeem(account: Account, coupon_id: str, currency: str, at: int) -> dict[str, Any]:
    """Count one more use. Raises Refusal when it is over, used up or of another currency."""
    coupon = get(account, "coupon", coupon_id, param="discounts[0][coupon]")
    over = coupon["redeem_by"] is not None and coupon["redeem_by"] <= at
    used_up = coupon["max_redemptions"] is not None and coupon["times_redeemed"] >= coupon["max_redemptions"]
    if over or used_up or not coupon["valid"]:
        raise invalid("This coupon has expired.", param="discounts", code="coupon_expired")
    if coupon["amount_off"] is not None and coupon["currency"] != currency:
        raise invalid(f"This coupon can only be used with {coupon['currency']}.", param="discounts")
    coupon["times_redeemed"] += 1
    if coupon["times_redeemed"] == coupon["max_redemptions"]:
        coupon["valid"] = False
    return put(account, coupon)


def create_tax_rate(account: Account, given: dict[str, Any]) -> dict[str, Any]:
    need(given, "display_name", "percentage")
    if not 0 <= given["percentage"] <= 100:
        raise invalid("percentage must lie between 0 and 100.", param="percentage")
    values = {"active": True, "inclusive": False, "created": now_for(account, ""), "metadata": {}}
    made = shape("tax_rate", **{**values, **given})
    made["effective_percentage"], made["rate_type"] = made["percentage"], "percentage"
    emit(account, "tax_rate.created", put(account, made))
    return made


def update_tax_rate(account: Account, object_id: str, given: dict[str, Any]) -> dict[str, Any]:
    if {"percentage", "inclusive"} & set(given):
        raise invalid("A tax rate's percentage cannot be changed.", param="percentage")
    return _update(account, "tax_rate", object_id, given)


def _update(account: Account, kind: str, object_id: str, given: dict[str, Any]) -> dict[str, Any]:
    before = get(account, kind, object_id)
    for name in _NEVER_EMPTY & set(given):
        if given[name] == "":
            message = f"You passed an empty string for '{name}'."
            raise invalid(message, param=name, code="parameter_invalid_empty")
    plain = {name: None if value == "" else value for name, value in given.items() if name != "metadata"}
    after = {**before, **plain, "metadata": merged_metadata(before.get("metadata"), given.get("metadata"))}
    if "updated" in after:
        after["updated"] = now_for(account, "")
    put(account, after)
    changed(account, f"{kind}.updated", before, after)
    return after


def merged_metadata(before: dict[str, str] | None, given: Any) -> dict[str, str]:
    """given: None leaves it, '' clears it, an empty text takes one key away. Source: docs.stripe.com/metadata."""
    if given == "":
        return {}
    merged = {**(before or {}), **(given or {})}
    return {name: text for name, text in merged.items() if text != ""}


def _recurring(given: dict[str, Any]) -> dict[str, Any]:
    need(given, "interval")
    count = given.get("interval_count", 1)
    # "Maximum of three years interval allowed" (docs.stripe.com/api/prices/create, recurring.interval_count).
    if not 1 <= count <= {"year": 3, "month": 36, "week": 156, "day": 1095}[given["interval"]]:
        raise invalid(
            "The interval must be between one and three years' worth.", param="recurring[interval_count]"
        )
    return {
        "interval": given["interval"],
        "interval_count": count,
        "meter": None,
        "trial_period_days": None,
        "usage_type": "licensed",
    }


def _take_lookup_key(account: Account, price: dict[str, Any], given: dict[str, Any]) -> None:
    key = given.get("lookup_key")
    if not key:
        return
    for other in all_of(account, "price", lookup_key=key):
        if other["id"] == price["id"]:
            continue
        if not given.get("transfer_lookup_key"):
            message = f"A price (`{other['id']}`) already uses that lookup key."
            raise invalid(message, param="lookup_key", code="resource_already_exists")
        put(account, {**other, "lookup_key": None})
    price["lookup_key"] = key
