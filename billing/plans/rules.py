"""Under which names Stripe knows what we sell, and what a booking consists of. No database."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

BASE, SEAT = "base", "seat"
_LOOKUP_KEY = re.compile(
    r"(?P<kind>plan|addon)-(?P<key>[a-z0-9-]+)-v(?P<number>\d+)-(?P<currency>[a-z]{3})-(?P<interval>month|year)"
    r":(?P<role>[a-z0-9-]+)"
)


@dataclass(frozen=True, slots=True)
class Named:
    """What a lookup key says. kind: plan or addon. currency: ISO 4217."""

    kind: str
    key: str
    number: int
    currency: str
    interval: str
    role: str


@dataclass(frozen=True, slots=True)
class Sold:
    """One line of a booking. unit_minor: for one, in minor units. role: base, seat or the add-on's key."""

    lookup_key: str
    product_id: str
    product_name: str
    role: str
    unit_minor: int
    quantity: int

    @property
    def amount_minor(self) -> int:
        return self.unit_minor * self.quantity


@dataclass(frozen=True, slots=True)
class Booking:
    """What a workspace pays for. add_ons: how many by key. currency: ISO 4217."""

    plan_key: str
    version: int
    interval: str
    currency: str
    seats: int
    add_ons: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Content:
    """What a version of a plan brings and costs.

    limits: {Limit: most in its unit; None: no limit}. prices: (currency, interval) → (base, each further seat), minor
    units.
    """

    included_seats: int
    max_seats: int | None
    limits: Mapping[str, int | None]
    features: Sequence[str]
    prices: Mapping[tuple[str, str], tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Change:
    """One difference of two contents.

    kind: included_seats, max_seats, limit, feature or price. about: which limit or feature, or "currency interval
    role". before, after: None where there was or will be none, or no bound; a feature is True or False.
    """

    kind: str
    about: str
    before: int | bool | None
    after: int | bool | None


def differences(before: Content | None, after: Content) -> list[Change]:
    """Everything that a new version changes against the one before it (None: the first), in a fixed order."""
    old = before or Content(0, None, {}, (), {})
    found = [
        Change("included_seats", "", old.included_seats if before else None, after.included_seats),
        Change("max_seats", "", old.max_seats, after.max_seats),
        *(
            Change("limit", key, old.limits.get(key), after.limits.get(key))
            for key in sorted({*old.limits, *after.limits})
        ),
        *(
            Change("feature", key, key in old.features, key in after.features)
            for key in sorted({*old.features, *after.features})
        ),
    ]
    for currency, interval in sorted({*old.prices, *after.prices}):
        was = old.prices.get((currency, interval), (None, None))
        becomes = after.prices.get((currency, interval), (None, None))
        for role, minor, new_minor in zip((BASE, SEAT), was, becomes, strict=True):
            found.append(Change("price", f"{currency} {interval} {role}", minor, new_minor))
    return [each for each in found if each.before != each.after]


def plan_product(key: str) -> str:
    return f"plan-{key}"


def add_on_product(key: str) -> str:
    return f"addon-{key}"


def plan_lookup_key(key: str, number: int, currency: str, interval: str, role: str) -> str:
    """role: BASE or SEAT."""
    return f"plan-{key}-v{number}-{currency.lower()}-{interval}:{role}"


def add_on_lookup_key(key: str, number: int, currency: str, interval: str) -> str:
    return f"addon-{key}-v{number}-{currency.lower()}-{interval}:{key}"


def read_lookup_key(text: str) -> Named | None:
    """None for a price that is not of our catalogue."""
    found = _LOOKUP_KEY.fullmatch(text)
    if found is None:
        return None
    return Named(
        found["kind"],
        found["key"],
        int(found["number"]),
        found["currency"].upper(),
        found["interval"],
        found["role"],
    )


def monthly_minor(amount_minor: int, interval: str) -> int:
    """A recurring amount as one of a month: a year's divided by twelve, rounded half up."""
    return (2 * amount_minor + 12) // 24 if interval == "year" else amount_minor
