"""Coupons, known at Stripe before they are used. Public scope."""

from billing.gateway.catalog import ensure_coupon
from billing.plans.models import Coupon
from billing.plans.selectors import usable_coupon


def usable_code(wish: str, currency: str) -> str:
    """The coupon's code, known at Stripe too. Raises NotForSale."""
    return known_at_stripe(usable_coupon(wish, currency))


def known_at_stripe(coupon: Coupon) -> str:
    """Its code; made there when it is not there yet."""
    ensure_coupon(
        coupon.code,
        name=coupon.name,
        percent_off=coupon.percent_off,
        amount_off_minor=coupon.amount_off_minor,
        currency=coupon.currency,
        duration=coupon.duration,
        months=coupon.months,
        max_redemptions=coupon.max_redemptions,
        redeem_by=coupon.redeem_by,
    )
    return coupon.code
