"""Making what is for sale. Public scope; for the operator."""

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from billing.gateway.amounts import UnsendableAmount, to_stripe
from billing.plans.models import AddOn, AddOnPrice, Coupon, Interval, Plan, PlanPrice, PlanVersion
from billing.plans.rules import Content
from core.clock import now
from core.entitlements import Feature, Limit
from core.errors import Conflict, DomainError
from core.places import known_currency

TRIAL_PLAN = "growth"
_GB = 1024**3
_MOST_AT_STRIPE = 99_999_999
# A year costs ten months.
_MONTHS_OF_A_YEAR = 10
_PLANS: list[dict[str, Any]] = [
    {
        "key": "starter", "name_en": "Starter", "name_zh": "入门版", "included_seats": 2, "max_seats": 5,
        "limits": {Limit.RECORDS: 10_000, Limit.STORAGE_BYTES: 5 * _GB, Limit.MAILS: 1_000,
                   Limit.API_CALLS: 1_000, Limit.AUTOMATION_RUNS: 500},
        "features": [Feature.IMPORT, Feature.MAIL],
        "prices": {"USD": (1200, 600), "EUR": (1100, 500), "GBP": (1000, 500), "CNY": (6900, 2900),
                   "JPY": (1800, 900)},
    },
    {
        "key": "growth", "name_en": "Growth", "name_zh": "成长版", "included_seats": 3, "max_seats": 50,
        "limits": {Limit.RECORDS: 100_000, Limit.STORAGE_BYTES: 50 * _GB, Limit.MAILS: 10_000,
                   Limit.API_CALLS: 20_000, Limit.AUTOMATION_RUNS: 5_000},
        "features": list(Feature),
        "prices": {"USD": (3900, 1200), "EUR": (3600, 1100), "GBP": (3200, 1000), "CNY": (19900, 5900),
                   "JPY": (5800, 1800)},
    },
    {
        "key": "scale", "name_en": "Scale", "name_zh": "规模版", "included_seats": 10, "max_seats": None,
        "limits": {Limit.RECORDS: 1_000_000, Limit.STORAGE_BYTES: 500 * _GB, Limit.MAILS: 100_000,
                   Limit.API_CALLS: 200_000, Limit.AUTOMATION_RUNS: 50_000},
        "features": list(Feature),
        "prices": {"USD": (14900, 1500), "EUR": (13900, 1400), "GBP": (11900, 1200), "CNY": (79900, 7900),
                   "JPY": (22000, 2200)},
    },
]  # fmt: skip
_ADD_ONS: list[dict[str, Any]] = [
    {
        "key": "records-50k", "name_en": "50,000 more records", "name_zh": "增加 5 万条记录",
        "limit": Limit.RECORDS, "amount": 50_000, "feature": "",
        "prices": {"USD": 900, "EUR": 800, "GBP": 700, "CNY": 4900, "JPY": 1300},
    },
    {
        "key": "files-50gb", "name_en": "50 GB more for files", "name_zh": "增加 50 GB 文件空间",
        "limit": Limit.STORAGE_BYTES, "amount": 50 * _GB, "feature": "",
        "prices": {"USD": 800, "EUR": 700, "GBP": 600, "CNY": 3900, "JPY": 1200},
    },
]  # fmt: skip


def make_first_catalog() -> None:
    """What a new installation sells until its operator decides otherwise. Does nothing where there are plans."""
    if Plan.objects.exists():
        return
    with transaction.atomic():
        for position, details in enumerate(_PLANS):
            plan, made = Plan.objects.get_or_create(
                key=details["key"],
                defaults={
                    "name_en": details["name_en"],
                    "name_zh": details["name_zh"],
                    "position": position,
                },
            )
            if made:
                publish_version(
                    plan=plan,
                    included_seats=details["included_seats"],
                    max_seats=details["max_seats"],
                    limits=details["limits"],
                    features=details["features"],
                    prices=_both_intervals(details["prices"]),
                )
        for position, details in enumerate(_ADD_ONS):
            _make_add_on(position, details)


def publish_version(
    *,
    plan: Plan,
    included_seats: int,
    max_seats: int | None,
    limits: Mapping[str, int | None],
    features: Sequence[str],
    prices: Mapping[tuple[str, str], tuple[int, int]],
) -> PlanVersion:
    """From now on new customers get this; who has an older one keeps it.

    prices: (currency, interval) → (base, each further seat), minor units. Raises DomainError.
    """
    content = Content(included_seats, max_seats, limits, features, prices)
    check_content(content)
    with transaction.atomic():
        plan = Plan.objects.select_for_update().get(pk=plan.pk)
        newest = plan.versions.order_by("-number").values_list("number", flat=True).first() or 0
        return write_version(plan, newest + 1, content, published_at=now())


def write_version(
    plan: Plan, number: int, content: Content, *, published_at: dt.datetime | None
) -> PlanVersion:
    """Inside the transaction that holds the plan's row; the content was checked. published_at: None for a draft."""
    version = PlanVersion.objects.create(
        plan=plan,
        number=number,
        published_at=published_at,
        included_seats=content.included_seats,
        max_seats=content.max_seats,
        limits={str(key): most for key, most in content.limits.items()},
        features=[str(each) for each in content.features],
    )
    PlanPrice.objects.bulk_create(
        PlanPrice(version=version, currency=currency, interval=interval, base_minor=base, seat_minor=seat)
        for (currency, interval), (base, seat) in content.prices.items()
    )
    return version


def make_coupon(
    *,
    code: str,
    name: str,
    percent_off: Decimal | None = None,
    amount_off_minor: int | None = None,
    currency: str = "",
    duration: str = Coupon.Duration.ONCE,
    months: int | None = None,
    max_redemptions: int | None = None,
    redeem_by: dt.datetime | None = None,
) -> Coupon:
    """A code is written in capitals. Raises DomainError with messages by field, Conflict for a code that is taken."""
    code = code.strip().upper()
    problems: dict[str, str] = {}
    if not code.replace("-", "").replace("_", "").isalnum() or not code.isascii():
        problems["code"] = _("Use letters, digits and hyphens.")
    if (percent_off is None) == (amount_off_minor is None):
        problems["percent_off"] = _("Give either a percentage or an amount.")
    if percent_off is not None and not 0 < percent_off <= 100:
        problems["percent_off"] = _("A percentage lies between 0 and 100.")
    if amount_off_minor is not None and amount_off_minor < 1:
        problems["amount_off"] = _("An amount off is more than nothing.")
    if amount_off_minor is not None and not known_currency(currency):
        problems["currency"] = _("An amount needs its currency.")
    if (duration == Coupon.Duration.REPEATING) != (months is not None):
        problems["months"] = _("Say for how many months, or choose another duration.")
    if problems:
        raise DomainError(_("Please look at the marked fields."), fields=problems)
    if Coupon.objects.filter(code=code).exists():
        message = _("There is a coupon with this code already.")
        raise Conflict(message, fields={"code": message})
    return Coupon.objects.create(
        code=code,
        name=name.strip()[:40] or code,
        percent_off=percent_off,
        amount_off_minor=amount_off_minor,
        currency=currency if amount_off_minor is not None else "",
        duration=duration,
        months=months,
        max_redemptions=max_redemptions,
        redeem_by=redeem_by,
    )


def can_be_charged(minor: int, currency: str) -> bool:
    """Whether a price in our minor units can be one at Stripe, which takes eight digits at most.

    Source: docs.stripe.com/currencies, "Minimum and maximum charge amounts".
    """
    try:
        return 0 <= to_stripe(minor, currency) <= _MOST_AT_STRIPE
    except UnsendableAmount:
        return False


def check_content(content: Content) -> None:
    """Raises DomainError with messages by field."""
    problems = {}
    limits, prices = content.limits, content.prices
    if content.max_seats is not None and content.max_seats < max(1, content.included_seats):
        problems["max_seats"] = _("At least as many as are included.")
    if set(limits) - set(Limit) or Limit.SEATS in limits or any((most or 0) < 0 for most in limits.values()):
        problems["limits"] = _("One of the limits is not known.")
    if set(content.features) - set(Feature):
        problems["features"] = _("One of the features is not known.")
    if not prices or any(base < 0 or seat < 0 for base, seat in prices.values()):
        problems["prices"] = _("Give at least one price, and none below zero.")
    if any(not known_currency(currency) or interval not in Interval.values for currency, interval in prices):
        problems["prices"] = _("One of the currencies is not known.")
    elif not all(
        can_be_charged(minor, currency) for (currency, _i), pair in prices.items() for minor in pair
    ):
        problems["prices"] = _("One of the amounts cannot be charged in its currency.")
    if problems:
        raise DomainError(_("Please look at the marked fields."), fields=problems)


def _both_intervals(monthly: Mapping[str, tuple[int, int]]) -> dict[tuple[str, str], tuple[int, int]]:
    prices: dict[tuple[str, str], tuple[int, int]] = {}
    for currency, (base, seat) in monthly.items():
        prices[currency, "month"] = (base, seat)
        prices[currency, "year"] = (base * _MONTHS_OF_A_YEAR, seat * _MONTHS_OF_A_YEAR)
    return prices


def _make_add_on(position: int, details: Mapping[str, Any]) -> None:
    fields = {name: details[name] for name in ("name_en", "name_zh", "limit", "amount", "feature")}
    add_on, made = AddOn.objects.get_or_create(key=details["key"], defaults={**fields, "position": position})
    if made:
        AddOnPrice.objects.bulk_create(
            AddOnPrice(add_on=add_on, currency=currency, interval=interval, unit_minor=unit * months)
            for currency, unit in details["prices"].items()
            for interval, months in (("month", 1), ("year", _MONTHS_OF_A_YEAR))
        )
