"""Changing a tenant's plan for it: with Stripe's own figures where it pays, at once where it tries. Public scope."""

from dataclasses import replace
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from billing.plans.models import Coupon
from billing.plans.rules import Booking
from billing.plans.selectors import current_version
from billing.plans.services import make_coupon
from billing.subscriptions.services.booking import accept
from billing.subscriptions.services.offers import Offer, current_booking, offer
from billing.subscriptions.services.standing import held, settle, subscription_of
from core.entitlements import Limit
from core.errors import DomainError
from tenants.registry.events import record_event
from tenants.registry.models import Tenant


def wish(tenant: Tenant, *, plan: str, interval: str, seats: int) -> Booking:
    """The present booking with another plan in its newest version. Raises NotForSale."""
    present = current_booking(subscription_of(tenant.pk))
    version = current_version(plan)
    return replace(present, plan_key=plan, version=version.number, interval=interval, seats=seats)


def plan_offer(tenant: Tenant, wanted: Booking) -> Offer | None:
    """What the change would cost a tenant that pays, by Stripe's preview; None for one that tries.

    Raises DomainError (seats that are in use), StripeAway.
    """
    subscription = subscription_of(tenant.pk)
    return offer(subscription, wanted, usage=_usage(tenant)) if subscription.is_paying else None


def take_plan(tenant: Tenant, *, token: str, by: Any) -> None:
    """What was offered and seen. Raises OfferChanged, CardRefused, StripeAway, DomainError."""
    done, _subscription = accept(subscription_of(tenant.pk), token, usage=_usage(tenant), by=by.name)
    record_event("plan_changed", tenant=tenant, actor=by.name, operator_id=by.pk, plan=done.booking.plan_key)


def try_plan(tenant: Tenant, *, wanted: Booking, by: Any) -> None:
    """Another plan for the rest of the trial, without a charge. Raises DomainError for a tenant that pays."""
    with transaction.atomic():
        subscription = held(tenant.pk)
        if subscription.is_paying:
            raise DomainError(_("This tenant pays: look at the price first."))
        subscription.plan_version = current_version(wanted.plan_key)
        subscription.seats = max(wanted.seats, _usage(tenant)[Limit.SEATS])
        subscription.save(update_fields=["plan_version", "seats"])
        settle(subscription)
        record_event("plan_changed", tenant=tenant, actor=by.name, operator_id=by.pk, plan=wanted.plan_key)


def add_coupon(*, by: Any, **details: Any) -> Coupon:
    """A code that customers give when they subscribe. Raises DomainError with messages by field, Conflict."""
    with transaction.atomic():
        given = {name: value for name, value in details.items() if value not in ("", None)}
        coupon = make_coupon(**{"name": "", **given})
        record_event("coupon_made", actor=by.name, operator_id=by.pk, code=coupon.code)
    return coupon


def _usage(tenant: Tenant) -> dict[Limit, int]:
    """As the facts say; Stripe's change is checked against it, and the workspace checks again by itself."""
    facts = getattr(tenant, "facts", None)
    if facts is None:
        return {Limit.SEATS: 1}
    return {
        Limit.SEATS: max(1, facts.people),
        Limit.RECORDS: facts.records,
        Limit.STORAGE_BYTES: facts.storage_bytes,
    }
