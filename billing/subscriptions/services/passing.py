"""What time does by itself: steps down, reminders, and the end. Public scope; run by the scheduler."""

import datetime as dt
import logging
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from billing.gateway.client import mode
from billing.gateway.refusals import Refused
from billing.gateway.subscriptions import cancel_now
from billing.subscriptions.models import SentNotice, Subscription
from billing.subscriptions.rules.notices import (
    CLOSING_NOTICE_DAYS,
    closing_notice_key,
)
from billing.subscriptions.rules.standing import DAYS, Event, State
from billing.subscriptions.services.mailing import send_notices, send_receipts
from billing.subscriptions.services.standing import apply_event, billing_time, held
from billing.subscriptions.services.story import TIME
from billing.subscriptions.services.sweeping import for_each
from core.clock import now
from tenants.registry.hosts import forget_tenant
from tenants.registry.models import Tenant, TenantState

log = logging.getLogger(__name__)
BILLING_PATH = "/settings/billing/"


def pass_time() -> int:
    """Take every subscription whose deadline has come one step on, and send what is due. For how many it was done.

    A second run finds nothing to do. One that fails does not keep the others.
    """
    # No notice is older than the longest state; test clocks go their own way.
    near = Q(deadline_at__lte=now() + dt.timedelta(days=max(DAYS.values()) + 1)) | ~Q(clock_id="")
    open_ones = Subscription.objects.filter(near).exclude(state__in=[State.ACTIVE, State.CLOSED])
    # What somebody closed by hand is not dunned on top of it, and its removal is not put off.
    open_ones = open_ones.exclude(tenant__state=TenantState.CLOSED)
    return for_each(list(open_ones.values_list("pk", flat=True)), pass_time_for, doing="passing time")


def pass_time_for(tenant_id: UUID) -> Subscription:
    """Steps that are due, then mails that are due: after the commit, each once."""
    with transaction.atomic():
        subscription = held(tenant_id)
        at = billing_time(subscription)
        while _is_due(subscription, at):
            standing = subscription.standing
            assert standing.deadline is not None
            if standing.state == State.SUSPENDED:
                if not _may_close(subscription, at):
                    break
                _close(subscription)
            apply_event(subscription, Event.TIME_UP, standing.deadline, actor=TIME)
    at = billing_time(subscription)
    send_notices(subscription, at)
    send_receipts(subscription, at)
    return subscription


def _is_due(subscription: Subscription, at: dt.datetime) -> bool:
    return subscription.deadline_at is not None and subscription.deadline_at <= at


def _may_close(subscription: Subscription, at: dt.datetime) -> bool:
    """Nothing is removed that was not announced in time; a late announcement moves the day."""
    key = closing_notice_key(subscription.standing)
    told = (
        SentNotice.objects.filter(tenant_id=subscription.pk, key__startswith=f"{key}:").order_by("at").first()
    )
    if told is not None and at - told.at >= dt.timedelta(days=CLOSING_NOTICE_DAYS):
        return True
    announced = told.at if told is not None else at
    later = announced + dt.timedelta(days=CLOSING_NOTICE_DAYS, minutes=1)
    if subscription.deadline_at is None or later > subscription.deadline_at:
        subscription.deadline_at = later
        subscription.save(update_fields=["deadline_at"])
    return False


def _close(subscription: Subscription) -> None:
    """The workspace is closed; it is removed after the registry's waiting time."""
    tenant = Tenant.objects.select_for_update().get(pk=subscription.pk)
    tenant.state, tenant.closed_at = TenantState.CLOSED, now()
    tenant.save(update_fields=["state", "closed_at"])
    forget_tenant(tenant)
    end_at_stripe(subscription)


def end_at_stripe(subscription: Subscription) -> None:
    """Nothing is charged for a workspace that is closed. Raises StripeAway."""
    if not subscription.is_paying or subscription.mode != mode():
        return
    try:
        cancel_now(subscription.subscription_id)
    except Refused:
        log.info("the subscription of %s is over at Stripe already", subscription.pk)
