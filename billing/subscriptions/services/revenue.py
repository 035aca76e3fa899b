"""Monthly recurring revenue, kept as spans of time. Public scope, under the subscription's lock."""

import datetime as dt

from billing.plans.models import Coupon
from billing.plans.rules import Booking, monthly_minor
from billing.plans.selectors import sold_by
from billing.subscriptions.models import RevenueSpan, Subscription


def note_revenue(subscription: Subscription, *, living: bool, at: dt.datetime) -> None:
    """End the span at hand and begin another where the amount changed. living: Stripe's subscription is not over."""
    monthly = recurring_minor(subscription) if living else 0
    current = RevenueSpan.objects.filter(tenant_id=subscription.pk, until__isnull=True).first()
    plan_key = subscription.plan_version.plan_id
    same = current is not None and (current.monthly_minor, current.currency, current.plan_key) == (
        monthly,
        subscription.currency,
        plan_key,
    )
    if same or (current is None and not living):
        return
    if current is not None:
        current.until = max(at, current.start)
        current.save(update_fields=["until"])
    if living:
        RevenueSpan.objects.create(
            tenant_id=subscription.pk,
            currency=subscription.currency,
            monthly_minor=monthly,
            plan_key=plan_key,
            start=at,
        )


def recurring_minor(subscription: Subscription) -> int:
    """A month's amount without tax, after a discount that lasts. Minor units of the subscription's currency."""
    booked = subscription.add_ons.all()
    booking = Booking(
        plan_key=subscription.plan_version.plan_id,
        version=subscription.plan_version.number,
        interval=subscription.interval,
        currency=subscription.currency,
        seats=subscription.seats,
        add_ons={each.add_on_id: each.quantity for each in booked},
    )
    versions = {each.add_on_id: each.price_version for each in booked}
    total = sum(line.amount_minor for line in sold_by(booking, add_on_versions=versions))
    return monthly_minor(_discounted(total, subscription.coupon), subscription.interval)


def _discounted(total: int, coupon: Coupon | None) -> int:
    if coupon is None or coupon.duration != Coupon.Duration.FOREVER:
        return total
    if coupon.percent_off is not None:
        return total - int((total * coupon.percent_off / 100).to_integral_value())
    return max(0, total - (coupon.amount_off_minor or 0))
