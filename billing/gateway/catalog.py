"""Products, prices, coupons, tax rates: made at Stripe from ours when first needed, found again by name."""

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.cache import caches

from billing.gateway.amounts import to_stripe
from billing.gateway.client import api, mode
from billing.gateway.plain import stamp
from billing.gateway.refusals import NotThere, refusals

_KEPT_SECONDS = 3600
# Stripe takes ten lookup keys a question.
_KEYS_A_QUESTION = 10


def ensure_product(product_id: str, name: str) -> None:
    """A product with an id of our own choice, under this name."""
    with refusals():
        try:
            with refusals():
                found = api().v1.products.retrieve(product_id)
        except NotThere:
            key = _key("product", product_id)
            api().v1.products.create({"id": product_id, "name": name}, options={"idempotency_key": key})
            return
        if found.name != name:
            api().v1.products.update(product_id, {"name": name})


@dataclass(frozen=True, slots=True)
class PriceThere:
    """A price as Stripe has it. unit: in Stripe's own minor units."""

    id: str
    unit: int
    currency: str
    active: bool


def prices_there(lookup_keys: Sequence[str]) -> dict[str, PriceThere]:
    """Which of our names Stripe knows as prices, asked now. Raises StripeAway."""
    found: dict[str, PriceThere] = {}
    with refusals():
        for start in range(0, len(lookup_keys), _KEYS_A_QUESTION):
            wanted = list(lookup_keys[start : start + _KEYS_A_QUESTION])
            answer = api().v1.prices.list({"lookup_keys": wanted, "limit": 100})
            for each in answer.data:
                found[each.lookup_key or ""] = PriceThere(
                    each.id, each.unit_amount or 0, each.currency.upper(), each.active
                )
    return found


def tax_rates_there() -> dict[str, str]:
    """Our ids → Stripe's, of the tax rates that carry one, asked now. Raises StripeAway."""
    with refusals():
        return {
            rate.metadata["guanxi"]: rate.id
            for rate in api().v1.tax_rates.list({"limit": 100}).auto_paging_iter()
            if rate.metadata and "guanxi" in rate.metadata
        }


def ensure_price(
    lookup_key: str,
    *,
    product_id: str,
    product_name: str,
    currency: str,
    unit_minor: int,
    interval: str,
    ask_again: bool = False,
) -> str:
    """The id of the price with this lookup key; made if there is none. Its amount never changes.

    ask_again: what was found within the last hour does not count.
    """
    known = None if ask_again else caches["registry"].get(_cache_key(lookup_key))
    if known:
        return str(known)
    with refusals():
        found = api().v1.prices.list({"lookup_keys": [lookup_key], "limit": 1}).data
        if not found:
            ensure_product(product_id, product_name)
            details: Any = {
                "product": product_id,
                "currency": currency.lower(),
                "unit_amount": to_stripe(unit_minor, currency),
                "recurring": {"interval": interval},
                "lookup_key": lookup_key,
                "nickname": lookup_key,
            }
            made = api().v1.prices.create(details, options={"idempotency_key": _key("price", lookup_key)})
            found = [made]
    caches["registry"].set(_cache_key(lookup_key), found[0].id, _KEPT_SECONDS)
    return found[0].id


def lookup_key_of(price_id: str) -> str:
    """Under which name we sell it; '' for a price that is not ours. It never changes, so it is asked once an hour."""
    known = caches["registry"].get(_cache_key(price_id))
    if known is None:
        with refusals():
            known = api().v1.prices.retrieve(price_id).lookup_key or ""
        caches["registry"].set(_cache_key(price_id), known, _KEPT_SECONDS)
    return str(known)


def ensure_coupon(
    code: str,
    *,
    name: str,
    percent_off: Decimal | None,
    amount_off_minor: int | None,
    currency: str,
    duration: str,
    months: int | None,
    max_redemptions: int | None,
    redeem_by: dt.datetime | None,
) -> None:
    """A coupon whose id is our code."""
    with refusals():
        try:
            with refusals():
                api().v1.coupons.retrieve(code)
                return
        except NotThere:
            details: dict[str, Any] = {"id": code, "name": name, "duration": duration}
            if percent_off is not None:
                details["percent_off"] = float(percent_off)
            else:
                details |= {
                    "amount_off": to_stripe(amount_off_minor or 0, currency),
                    "currency": currency.lower(),
                }
            optional = {"duration_in_months": months, "max_redemptions": max_redemptions}
            details |= {name: value for name, value in optional.items() if value is not None}
            if redeem_by:
                details["redeem_by"] = stamp(redeem_by)
            api().v1.coupons.create(details, options={"idempotency_key": _key("coupon", code)})  # type: ignore[arg-type]


def ensure_tax_rate(
    our_id: str, *, name: str, percent: Decimal, inclusive: bool, country: str, ask_again: bool = False
) -> str:
    """The id of Stripe's tax rate that carries ours in its metadata. ask_again: see ensure_price."""
    known = None if ask_again else caches["registry"].get(_cache_key(our_id))
    if known:
        return str(known)
    with refusals():
        found = tax_rates_there().get(our_id, "")
        if not found:
            made = api().v1.tax_rates.create(
                {
                    "display_name": name,
                    "percentage": float(percent),
                    "inclusive": inclusive,
                    "country": country,
                    "metadata": {"guanxi": our_id},
                },
                options={"idempotency_key": _key("tax", our_id)},
            )
            found = made.id
    caches["registry"].set(_cache_key(our_id), found, _KEPT_SECONDS)
    return found


def _cache_key(name: str) -> str:
    # The account too: a key that was exchanged leads to other ids.
    return f"stripe:{mode()}:{hash_of_key()}:{name}"


def hash_of_key() -> str:
    """Which account the key belongs to, without telling the key."""
    return hashlib.sha256(settings.BILLING["STRIPE_SECRET_KEY"].encode()).hexdigest()[:12]


def _key(what: str, name: str) -> str:
    return f"guanxi-{what}-{name}"
