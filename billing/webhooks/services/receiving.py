"""Events: stored before anything else, then followed under the subscription's lock. Public scope.

An event is only a hint that something changed. What is true is fetched, so it does not matter in which order events
come, how often, or whether some are missing: one look settles all that wait for the same customer.
"""

import datetime as dt
import logging
from uuid import UUID

from django.db import models, transaction

from billing.gateway.claims import customer_of_dispute
from billing.gateway.client import mode
from billing.gateway.events import read_webhook, undelivered_events
from billing.gateway.plain import EventAsIs
from billing.gateway.refusals import Refused
from billing.subscriptions.services.passing import pass_time_for
from billing.subscriptions.services.syncing import sync_subscription, tenants_of_clock, tenants_of_customer
from billing.webhooks.models import StripeEvent
from core.clock import now
from core.errors import DomainError, Unavailable

ATTEMPTS = 20
_BATCH = 200
# Stripe keeps events for 30 days; it gives up delivering after three.
RECONCILED_DAYS = 5
_NAMELESS = models.Q(customer_id="", kind__startswith="charge.dispute.")
log = logging.getLogger(__name__)


def take_in(payload: bytes, signature: str) -> StripeEvent:
    """Store the event of a signed delivery, once by its id. Raises BadSignature."""
    return store(read_webhook(payload, signature))


def store(event: EventAsIs) -> StripeEvent:
    """Once by its id; another delivery of it only counts."""
    row, fresh = StripeEvent.objects.get_or_create(
        pk=event.id,
        defaults={
            "mode": mode(),
            "kind": event.kind,
            "object_id": event.object_id,
            "customer_id": event.customer_id or event.test_clock_id,
            "created_at": event.created_at,
            "received_at": now(),
        },
    )
    if not fresh:
        StripeEvent.objects.filter(pk=event.id).update(times_received=models.F("times_received") + 1)
    return row


def follow_waiting() -> int:
    """Settle what waits, one look for each customer; how many events were settled.

    A second run at the same time waits at the same subscriptions' locks and then finds nothing new.
    """
    waiting = StripeEvent.objects.filter(state=StripeEvent.State.WAITING, mode=mode())
    _name_customers(waiting.filter(_NAMELESS))
    customers = list(
        waiting.exclude(_NAMELESS)
        .values_list("customer_id", flat=True)
        .annotate(first=models.Min("received_at"))
        .order_by("first")[:_BATCH]
    )
    return sum(follow_customer(customer_id) for customer_id in customers)


def follow_customer(customer_id: str) -> int:
    """Settle all that waits for one customer (or test clock); how many events."""
    events = StripeEvent.objects.filter(state=StripeEvent.State.WAITING, mode=mode(), customer_id=customer_id)
    ids = list(events.exclude(_NAMELESS).values_list("pk", flat=True))
    if not ids:
        return 0
    taken = StripeEvent.objects.filter(pk__in=ids)
    try:
        for tenant_id in _tenants(customer_id):
            sync_subscription(tenant_id)
            _let_time_pass(tenant_id)
    except Unavailable as error:
        # Stripe's outage is no fault of the event's: it waits as long as it takes.
        taken.update(error=f"{error.code}: {error}"[:500])
        log.warning("events of %s wait: %s", customer_id, error.code)
        return 0
    except Exception as error:  # whatever it is, it must not keep other customers' events
        told = error.code if isinstance(error, DomainError) else type(error).__name__
        taken.update(attempts=models.F("attempts") + 1, error=f"{told}: {error}"[:500])
        taken.filter(attempts__gte=ATTEMPTS).update(state=StripeEvent.State.FAILED)
        log.exception("events of %s wait: %s", customer_id, told)
        return 0
    return taken.update(state=StripeEvent.State.SETTLED, settled_at=now(), error="")


def replay(event_id: str) -> int:
    """Settle an event once more, whatever became of it: for the operator. Changes nothing that is right already."""
    StripeEvent.objects.filter(pk=event_id).update(state=StripeEvent.State.WAITING, attempts=0)
    event = StripeEvent.objects.get(pk=event_id)
    return follow_customer(event.customer_id)


def reconcile_undelivered() -> int:
    """Fetch what Stripe could not deliver and settle it; how many events were new. Raises StripeAway."""
    known = 0
    for event in undelivered_events(now() - dt.timedelta(days=RECONCILED_DAYS)):
        with transaction.atomic():
            fresh = not StripeEvent.objects.filter(pk=event.id).exists()
            store(event)
        known += fresh
    follow_waiting()
    return known


def forget_old() -> int:
    """Events that Stripe itself has forgotten."""
    before = now() - dt.timedelta(days=90)
    return StripeEvent.objects.filter(received_at__lt=before).delete()[0]


def _name_customers(events: models.QuerySet[StripeEvent]) -> None:
    """An event about a dispute does not say whose it is: its charge does. Without an answer it waits."""
    for event in events[:_BATCH]:
        try:
            found = customer_of_dispute(event.object_id)
        except Unavailable as error:
            log.warning("events about disputes wait: %s", error.code)
            return
        except Refused:
            found = ""
        # Where there is none it concerns nobody of ours, and waits no longer.
        StripeEvent.objects.filter(pk=event.pk).update(customer_id=found or "nobody")


def _tenants(customer_id: str) -> list[UUID]:
    """None for what concerns nobody of ours."""
    if not customer_id:
        return []
    return tenants_of_customer(customer_id) or tenants_of_clock(customer_id)


def _let_time_pass(tenant_id: UUID) -> None:
    """A test clock may have carried the subscription over a deadline. A mail server that is away holds nothing up."""
    try:
        pass_time_for(tenant_id)
    except OSError:
        log.warning("the notices of tenant %s wait: the mail server does not answer", tenant_id)
