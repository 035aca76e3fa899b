"""What is for sale, and what it costs. Public scope."""

import re
from collections.abc import Mapping

from django.db.models import Max
from django.utils.translation import gettext as _

from billing.plans.models import AddOn, AddOnPrice, Coupon, Plan, PlanPrice, PlanVersion, TaxRate
from billing.plans.rules import (
    BASE,
    SEAT,
    Booking,
    Content,
    Sold,
    add_on_lookup_key,
    add_on_product,
    plan_lookup_key,
    plan_product,
)
from core.clock import now
from core.entitlements import Feature
from core.errors import DomainError
from core.tenancy.scope import public_scope

DEFAULT_CURRENCY = "USD"
_CODE = re.compile(r"[A-Z0-9_-]{1,40}")


class NotForSale(DomainError):
    """There is no such plan, price or add-on."""

    code = "not_for_sale"


def current_version(plan_key: str) -> PlanVersion:
    """The newest published one. Raises NotForSale."""
    found = (
        PlanVersion.objects.select_related("plan")
        .filter(plan=plan_key, published_at__isnull=False)
        .order_by("-number")
        .first()
    )
    if found is None:
        raise NotForSale(_("This plan is not on offer."))
    return found


def version_of(plan_key: str, number: int) -> PlanVersion:
    """That version, however old; a draft is not for sale. Raises NotForSale."""
    found = (
        PlanVersion.objects.select_related("plan")
        .filter(plan=plan_key, number=number, published_at__isnull=False)
        .first()
    )
    if found is None:
        raise NotForSale(_("This plan is not on offer."))
    return found


def offered_versions(*, keep: PlanVersion | None = None) -> list[PlanVersion]:
    """The current version of each public plan, in order. keep: an older one stays offered to who has it."""
    offered = []
    for plan in Plan.objects.filter(is_public=True):
        if keep is not None and keep.plan_id == plan.key:
            offered.append(keep)
            continue
        newest = plan.versions.filter(published_at__isnull=False).order_by("-number").first()
        if newest is not None:
            offered.append(newest)
    if keep is not None and not keep.plan.is_public:
        offered.append(keep)
    return offered


def content_of(version: PlanVersion) -> Content:
    """What it brings and costs, to compare and to begin the next draft from."""
    return Content(
        included_seats=version.included_seats,
        max_seats=version.max_seats,
        limits=version.limits,
        features=version.features,
        prices={
            (each.currency, each.interval): (each.base_minor, each.seat_minor)
            for each in version.prices.order_by("currency", "interval")
        },
    )


def published_version(plan: Plan) -> PlanVersion | None:
    """The newest published one, if any."""
    return plan.versions.filter(published_at__isnull=False).order_by("-number").first()


def draft_of(plan: Plan) -> PlanVersion | None:
    """What an operator prepares, if anything."""
    return plan.versions.filter(published_at__isnull=True).order_by("-number").first()


def newest_prices(add_on: AddOn) -> list[AddOnPrice]:
    """What new customers pay for it, by currency and interval."""
    newest = add_on.prices.aggregate(newest=Max("version"))["newest"]
    return list(add_on.prices.filter(version=newest).order_by("currency", "interval"))


def plans_bringing(feature: Feature) -> list[str]:
    """Names of the plans on offer that have it, in order. From whatever scope is open; no transaction may be."""
    with public_scope(switch=True, reason="plans that bring a feature"):
        return [str(each.plan) for each in offered_versions() if feature in each.features]


def price_of(version: PlanVersion, currency: str, interval: str) -> PlanPrice:
    """Raises NotForSale."""
    found = version.prices.filter(currency=currency, interval=interval).first()
    if found is None:
        raise NotForSale(_("This plan is not sold in this currency and interval."))
    return found


def sale_currency(version: PlanVersion, wished: str) -> str:
    """The wished currency where the plan is sold in it, else DEFAULT_CURRENCY, else the first there is."""
    sold = list(version.prices.order_by("currency").values_list("currency", flat=True).distinct())
    for currency in (wished, DEFAULT_CURRENCY):
        if currency in sold:
            return currency
    if not sold:
        raise NotForSale(_("This plan is not sold in this currency and interval."))
    return str(sold[0])


def sale_currencies() -> list[str]:
    """In which anything is sold, in alphabetical order."""
    sold = PlanPrice.objects.filter(version__published_at__isnull=False)
    return list(sold.order_by("currency").values_list("currency", flat=True).distinct())


def offered_add_ons() -> list[AddOn]:
    return list(AddOn.objects.filter(is_public=True))


def add_on_price(key: str, currency: str, interval: str, version: int | None = None) -> AddOnPrice:
    """Of that version, or the newest: what the newest has no price for is not sold any more. Raises NotForSale."""
    prices = AddOnPrice.objects.select_related("add_on").filter(add_on=key)
    if version is None:
        version = prices.aggregate(newest=Max("version"))["newest"]
    found = prices.filter(version=version, currency=currency, interval=interval).first()
    if found is None:
        raise NotForSale(_("This is not sold in this currency and interval."))
    return found


def sold_by(booking: Booking, *, add_on_versions: Mapping[str, int] | None = None) -> list[Sold]:
    """The lines of a booking, the plan's first. add_on_versions: prices that somebody keeps. Raises NotForSale."""
    version = version_of(booking.plan_key, booking.version)
    price = price_of(version, booking.currency, booking.interval)
    name = version.plan.name_en
    product = plan_product(booking.plan_key)

    def line(role: str, unit_minor: int, quantity: int) -> Sold:
        key = plan_lookup_key(booking.plan_key, booking.version, booking.currency, booking.interval, role)
        return Sold(key, product, name, role, unit_minor, quantity)

    lines = []
    if price.base_minor or version.included_seats:
        lines.append(line(BASE, price.base_minor, 1))
    further = booking.seats - version.included_seats
    if further > 0:
        lines.append(line(SEAT, price.seat_minor, further))
    for key, quantity in sorted(booking.add_ons.items()):
        if quantity > 0:
            found = add_on_price(key, booking.currency, booking.interval, (add_on_versions or {}).get(key))
            lookup = add_on_lookup_key(key, found.version, booking.currency, booking.interval)
            lines.append(
                Sold(lookup, add_on_product(key), found.add_on.name_en, key, found.unit_minor, quantity)
            )
    return lines


def usable_coupon(code: str, currency: str) -> Coupon:
    """Raises NotForSale where it is unknown, over, or for another currency. Stripe counts its redemptions."""
    wish = code.strip().upper()
    known = _CODE.fullmatch(wish) is not None
    found = Coupon.objects.filter(code=wish, is_active=True).first() if known else None
    over = found is not None and found.redeem_by is not None and found.redeem_by <= now()
    if found is None or over:
        message = _("This code is not known or can no longer be used.")
        raise NotForSale(message, fields={"coupon": message})
    if found.currency and found.currency != currency:
        message = _("This code is for payments in %(currency)s.") % {"currency": found.currency}
        raise NotForSale(message, fields={"coupon": message})
    return found


def tax_rate_for(country: str, *, has_tax_id: bool, home_country: str) -> TaxRate | None:
    """What is added for a customer there. With a tax number abroad the customer accounts for it, where so marked."""
    found = TaxRate.objects.filter(country=country, is_active=True).first() if country else None
    if found is not None and found.not_with_tax_id and has_tax_id and country != home_country:
        return None
    return found
