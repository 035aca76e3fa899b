"""Monthly recurring revenue, kept as spans of time. Public scope, under the subscription's lock."""

import datetime as dt

from billing.plans.models import Coupon
from billing.plans.rules import Booking, monthly_minor
from billing.plans.selectors import sold_by
from billing.subscriptions.models import RevenueSpan, Subscription

# Stripe's statuses: what it only tries to charge, or will charge after a trial, is no revenue.
PAID = "active"
OWED = ("past_due", "unpaid")


def note_revenue(subscription: Subscription, *, status: str, is_new: bool, at: dt.datetime) -> None:
    """End the span at hand and begin another where the amount changed.

    status: of Stripe's subscription; is_new: it is another than last time. at: since when (UTC); of a debt, when its
    invoice was issued. What was owed and is paid after all was never lost: its span goes on as if there had been no
    gap.
    """
    monthly = recurring_minor(subscription) if status == PAID else 0
    wanted = (monthly, subscription.currency, subscription.plan_version.plan_id)
    current = RevenueSpan.objects.filter(tenant_id=subscription.pk, until__isnull=True).first()
    if status == PAID and current is None and not is_new:
        current = _taken_up(subscription)
    if current is not None and status == PAID and wanted == _amount_of(current):
        return
    if current is not None:
        current.until, current.is_owed = max(at, current.start), status in OWED
        current.save(update_fields=["until", "is_owed"])
    if status == PAID:
        RevenueSpan.objects.create(
            tenant_id=subscription.pk,
            monthly_minor=monthly,
            currency=subscription.currency,
            plan_key=subscription.plan_version.plan_id,
            start=at,
        )


def _amount_of(span: RevenueSpan) -> tuple[int, str, str]:
    return span.monthly_minor, span.currency, span.plan_key


def _taken_up(subscription: Subscription) -> RevenueSpan | None:
    """The span that a debt had ended, running again; None when the last one ended for another reason."""
    last = RevenueSpan.objects.filter(tenant_id=subscription.pk).order_by("-start", "-id").first()
    if last is None or not last.is_owed:
        return None
    last.until, last.is_owed = None, False
    last.save(update_fields=["until", "is_owed"])
    return last


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
