"""Whether Stripe knows what is for sale, and telling it again. Asks Stripe; public scope for our own rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from billing.gateway.amounts import to_stripe
from billing.gateway.catalog import (
    PriceThere,
    ensure_price,
    ensure_product,
    ensure_tax_rate,
    prices_there,
    tax_rates_there,
)
from billing.gateway.refusals import StripeAway
from billing.plans.models import AddOn, AddOnPrice, PlanVersion, TaxRate
from billing.plans.rules import (
    BASE,
    SEAT,
    add_on_lookup_key,
    add_on_product,
    plan_lookup_key,
    plan_product,
)


class Sync(StrEnum):
    """THERE: Stripe has it as we do. DIFFERS: another amount, or off there. UNKNOWN: Stripe did not answer."""

    THERE = "there"
    MISSING = "missing"
    DIFFERS = "differs"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Wanted:
    """One price that Stripe should have. unit_minor: ours (ISO 4217)."""

    lookup_key: str
    currency: str
    interval: str
    role: str
    unit_minor: int


def wanted_of_version(version: PlanVersion) -> list[Wanted]:
    """Two prices a currency and interval: with the included seats, and each further seat."""
    return [
        Wanted(
            plan_lookup_key(version.plan_id, version.number, each.currency, each.interval, role),
            each.currency,
            each.interval,
            role,
            unit_minor,
        )
        for each in version.prices.order_by("currency", "interval")
        for role, unit_minor in ((BASE, each.base_minor), (SEAT, each.seat_minor))
    ]


def wanted_of_add_on(prices: Sequence[AddOnPrice]) -> list[Wanted]:
    """One each."""
    return [
        Wanted(
            add_on_lookup_key(each.add_on_id, each.version, each.currency, each.interval),
            each.currency,
            each.interval,
            each.add_on_id,
            each.unit_minor,
        )
        for each in prices
    ]


def look_at_prices(wanted: Sequence[Wanted]) -> dict[str, Sync]:
    """By lookup key, asked now."""
    try:
        there = prices_there([each.lookup_key for each in wanted])
    except StripeAway:
        return {each.lookup_key: Sync.UNKNOWN for each in wanted}
    return {each.lookup_key: _compare(each, there.get(each.lookup_key)) for each in wanted}


def look_at_rates(rates: Sequence[TaxRate]) -> dict[str, Sync]:
    """By our id as text, asked now."""
    try:
        there = tax_rates_there()
    except StripeAway:
        return {str(each.pk): Sync.UNKNOWN for each in rates}
    return {str(each.pk): Sync.THERE if str(each.pk) in there else Sync.MISSING for each in rates}


def synchronise_version(version: PlanVersion) -> None:
    """Product, name and every price, made where they are missing. Twice is once. Raises StripeAway, Refused."""
    name = version.plan.name_en
    _synchronise(plan_product(version.plan_id), name, wanted_of_version(version))


def synchronise_add_on(add_on: AddOn, prices: Sequence[AddOnPrice]) -> None:
    """As synchronise_version."""
    _synchronise(add_on_product(add_on.key), add_on.name_en, wanted_of_add_on(prices))


def synchronise_rate(rate: TaxRate) -> None:
    """Made at Stripe if it is missing. Raises StripeAway."""
    ensure_tax_rate(
        str(rate.pk),
        name=rate.name,
        percent=rate.percent,
        inclusive=rate.inclusive,
        country=rate.country,
        ask_again=True,
    )


def _synchronise(product_id: str, name: str, wanted: Sequence[Wanted]) -> None:
    ensure_product(product_id, name)
    for each in wanted:
        ensure_price(
            each.lookup_key,
            product_id=product_id,
            product_name=name,
            currency=each.currency,
            unit_minor=each.unit_minor,
            interval=each.interval,
            ask_again=True,
        )


def _compare(wanted: Wanted, there: PriceThere | None) -> Sync:
    if there is None:
        return Sync.MISSING
    same = there.unit == to_stripe(wanted.unit_minor, wanted.currency) and there.currency == wanted.currency
    return Sync.THERE if same and there.active else Sync.DIFFERS
