"""Applying events to a subscription's standing, and what follows from it. Public scope."""

import datetime as dt
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from billing.entitlements.services import settle_entitlements
from billing.gateway.client import mode
from billing.plans.selectors import current_version
from billing.plans.services import TRIAL_PLAN, make_first_catalog
from billing.subscriptions.models import RevenueSpan, Subscription
from billing.subscriptions.rules.standing import Event, Standing, State, first_standing, step
from billing.subscriptions.services.story import TIME, tell
from core.clock import now
from core.errors import Conflict, DomainError
from tenants.registry.models import Tenant

# In a trial nobody has said how many seats they want.
TRIAL_SEATS = 10


def start_trial(tenant: Tenant) -> Subscription:
    """A new workspace's subscription: the trial plan with all it brings. Twice is once."""
    make_first_catalog()
    plan = current_version(TRIAL_PLAN)
    standing = _first_standing_of(tenant)
    with transaction.atomic():
        subscription, made = Subscription.objects.get_or_create(
            tenant=tenant,
            defaults={
                "state": standing.state,
                "since": standing.since,
                "deadline_at": standing.deadline,
                "plan_version": plan,
                "currency": tenant.currency,
                "country": tenant.country,
                "billing_name": tenant.name,
            },
        )
        if made:
            assert standing.deadline is not None
            tell(
                tenant.pk,
                "trial_started",
                actor=TIME,
                at=standing.since,
                until=standing.deadline.isoformat(),
            )
            settle(subscription)
    return subscription


def _first_standing_of(tenant: Tenant) -> Standing:
    """A workspace that is older than billing is not locked the day billing comes: its trial begins then."""
    ends = tenant.trial_ends_at
    if ends is None or ends <= now():
        return first_standing(now())
    return first_standing(tenant.opened_at or tenant.claimed_at or now(), ends)


def subscription_of(tenant_id: UUID | str) -> Subscription:
    """With plan, tenant and add-ons; begun now for a workspace that has none yet."""
    found = (
        Subscription.objects.select_related("tenant", "plan_version__plan", "pending_version__plan", "coupon")
        .prefetch_related("add_ons__add_on")
        .filter(pk=tenant_id)
        .first()
    )
    return found or start_trial(Tenant.objects.get(pk=tenant_id))


def start_missing_trials() -> int:
    """For workspaces whose sign-up died before its trial was written, or that are older than billing."""
    served = Tenant.objects.filter(subscription__isnull=True, opened_at__isnull=False)
    for tenant in served:
        start_trial(tenant)
    return len(served)


def billing_time(subscription: Subscription) -> dt.datetime:
    """Now for this subscription: its test clock's time, else the present (UTC)."""
    return subscription.clock_at or now()


def held(tenant_id: UUID | str) -> Subscription:
    """The row, locked until the end of the caller's transaction: every change begins here.

    Locked without its joins: had the lock to wait while another transaction changed the plan, PostgreSQL would look
    at the join once more with the old plan's row and find nothing.
    """
    Subscription.objects.select_for_update().only("pk").get(pk=tenant_id)
    return Subscription.objects.select_related("tenant", "plan_version__plan").get(pk=tenant_id)


def apply_event(
    subscription: Subscription, event: Event, at: dt.datetime, *, actor: str, until: dt.datetime | None = None
) -> bool:
    """Move the held subscription by the event; whether that changed anything. Its entitlements follow."""
    before = subscription.standing
    after = step(before, event, at, until=until)
    if after == before:
        return False
    subscription.standing = after
    subscription.save(update_fields=["state", "reason", "since", "deadline_at"])
    if event == Event.EXTENDED:
        assert until is not None
        tell(subscription.pk, "trial_extended", actor=actor, at=at, until=until.isoformat())
    else:
        tell(
            subscription.pk,
            "state",
            actor=actor,
            at=after.since,
            state=str(after.state),
            reason=str(after.reason),
        )
    settle(subscription)
    return True


def reopen(tenant_id: UUID) -> None:
    """The operator took a closing back: what was closed for want of payment can be read, and has its days again."""
    with transaction.atomic():
        found = Subscription.objects.filter(pk=tenant_id).exists()
        if found:
            subscription = held(tenant_id)
            apply_event(subscription, Event.REOPENED, billing_time(subscription), actor=TIME)


def leave_test_modes() -> int:
    """The installation has gone live: what was subscribed in a test begins anew with a trial. How many there were.

    Never the other way round: a key that is missing for a day must not make anybody's subscription forgotten.
    """
    if mode() == "local":
        return 0
    left_behind = ["local"] if mode() == "test" else ["local", "test"]
    ids = list(Subscription.objects.filter(mode__in=left_behind).values_list("pk", flat=True))
    for tenant_id in ids:
        with transaction.atomic():
            subscription = held(tenant_id)
            for name in _OF_STRIPE:
                field = Subscription._meta.get_field(name)
                setattr(subscription, field.attname, None if field.null else field.get_default())
            subscription.standing = first_standing(now())
            subscription.save()
            subscription.add_ons.all().delete()
            RevenueSpan.objects.filter(tenant_id=tenant_id, until=None).update(until=now())
            settle(subscription)
    return len(ids)


_OF_STRIPE = (
    "mode", "customer_id", "subscription_id", "schedule_id", "stripe_status", "card_brand", "card_last4",
    "card_expires", "clock_id", "clock_at", "synced_at", "period_start", "period_end", "trial_until", "cancel_at",
    "coupon", "next_charge_at", "next_charge_minor", "pending_version", "pending_interval", "pending_seats",
    "pending_add_ons", "pending_at",
)  # fmt: skip


def settle(subscription: Subscription) -> None:
    """Write the entitlements that follow from the subscription as it stands."""
    standing = subscription.standing
    version = subscription.plan_version
    trying = standing.state == State.TRIAL or not subscription.subscription_id
    seats = _trial_seats(version.max_seats) if trying else _bookable_seats(subscription)
    add_ons = [(each.add_on, each.quantity) for each in subscription.add_ons.select_related("add_on")]
    settle_entitlements(
        subscription.pk,
        plan=version,
        seats=seats,
        add_ons=add_ons,
        access=standing.access,
        state=standing.state,
        reason=standing.reason,
        until=standing.deadline,
    )


def extend_trial(*, tenant: Tenant, until: dt.datetime, by: str) -> None:
    """For the operator; also after the trial has ended. Raises DomainError for a day that has passed."""
    with transaction.atomic():
        subscription = held(tenant.pk)
        at = billing_time(subscription)
        if until <= at:
            message = _("Choose a day in the future.")
            raise DomainError(message, fields={"until": message})
        # A debt is not hidden behind a trial.
        paying = subscription.is_paying and subscription.trial_until is None
        if paying or not apply_event(subscription, Event.EXTENDED, at, actor=by, until=until):
            raise Conflict(_("There is no trial to extend: the workspace has subscribed."))
        Tenant.objects.filter(pk=tenant.pk).update(trial_ends_at=until)


def _bookable_seats(subscription: Subscription) -> int:
    """Once fewer are planned no more than those can be filled: who is there on that day would stay unpaid."""
    if subscription.pending_seats is not None and subscription.pending_at is not None:
        return min(subscription.seats, subscription.pending_seats)
    return subscription.seats


def _trial_seats(most: int | None) -> int:
    return TRIAL_SEATS if most is None else min(most, TRIAL_SEATS)


def facts_of_booking(subscription: Subscription) -> dict[str, Any]:
    """For the story: what is paid for."""
    return {
        "plan": subscription.plan_version.plan.name_en,
        "plan_zh": subscription.plan_version.plan.name_zh,
        "interval": subscription.interval,
        "seats": subscription.seats,
    }
