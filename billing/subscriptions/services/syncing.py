"""Making our copy say what Stripe says. Public scope.

Whatever brings us here (a webhook, somebody coming back from a payment page, the nightly look), the same is done:
under the subscription's lock all that matters is fetched, and the row is made to follow. So the order in which events
come, or how often, changes nothing.
"""

import datetime as dt
from collections.abc import Iterable
from uuid import UUID

from django.db import transaction

from billing.gateway.claims import credit_notes_of, disputes_of, payments_of
from billing.gateway.client import mode
from billing.gateway.customers import clock_time
from billing.gateway.invoices import charge_of, invoices_of, preview_next, waits_for_the_bank
from billing.gateway.plain import InvoiceAsIs, Item, SubscriptionAsIs, moment
from billing.gateway.refusals import Refused
from billing.gateway.subscriptions import newest_subscription, scheduled_items
from billing.plans.models import Coupon, PlanVersion
from billing.plans.rules import SEAT, Named, read_lookup_key
from billing.plans.selectors import version_of
from billing.subscriptions.models import BookedAddOn, CreditNote, Invoice, Subscription
from billing.subscriptions.rules.standing import Event
from billing.subscriptions.services.claims import note_credit_notes, note_disputes, note_refunds
from billing.subscriptions.services.invoicing import copy_invoice
from billing.subscriptions.services.revenue import OWED, note_revenue
from billing.subscriptions.services.standing import apply_event, billing_time, facts_of_booking, held, settle
from billing.subscriptions.services.story import STRIPE, tell
from core.clock import now

LIVING = ("active", "trialing", "past_due", "unpaid", "paused")
_RECENT = 24


def sync_subscription(tenant_id: UUID | str, *, actor: str = STRIPE) -> Subscription:
    """Fetch and follow. actor: who did it, for the story. Raises StripeAway: nothing changed.

    A second run changes nothing.
    """
    with transaction.atomic():
        subscription = held(tenant_id)
        if not subscription.customer_id or subscription.mode != mode():
            return subscription
        if subscription.clock_id:
            subscription.clock_at = moment(clock_time(subscription.clock_id))
        found = newest_subscription(subscription.customer_id)
        invoices = invoices_of(subscription.customer_id, most=_RECENT)
        for invoice in reversed(invoices):
            _copy(subscription, invoice)
        _copy_claims(subscription, invoices)
        if found is not None and found.status not in ("incomplete", "incomplete_expired"):
            _follow(subscription, found, invoices, actor=actor)
        subscription.synced_at = now()
        subscription.save()
        _move(subscription, found, invoices)
    return subscription


def tenants_of_customer(customer_id: str) -> list[UUID]:
    """At most one: customers are ours by their tenant."""
    found = Subscription.objects.filter(customer_id=customer_id, mode=mode())
    return list(found.values_list("pk", flat=True))


def tenants_of_clock(clock_id: str) -> list[UUID]:
    return list(Subscription.objects.filter(clock_id=clock_id, mode=mode()).values_list("pk", flat=True))


def _copy(subscription: Subscription, invoice: InvoiceAsIs) -> None:
    before = Invoice.objects.filter(pk=invoice.id).first()
    newly_paid = invoice.status == "paid" and (before is None or before.state != Invoice.State.PAID)
    charge = charge_of(invoice.id) if newly_paid and invoice.paid_minor else None
    needs_action = invoice.failed and waits_for_the_bank(invoice.id)
    copy_invoice(subscription, invoice, before, charge, needs_action=needs_action)


def _copy_claims(subscription: Subscription, invoices: list[InvoiceAsIs]) -> None:
    """What was given back, disputed or credited; asked only where there may be some."""
    if any(each.paid_minor for each in invoices):
        payments = payments_of(subscription.customer_id)
        note_refunds(subscription, payments)
        note_disputes(subscription, disputes_of(payments))
    credited = any(each.credited_minor for each in invoices)
    known = CreditNote.objects.filter(invoice__tenant_id=subscription.pk, state=CreditNote.State.ISSUED)
    if credited or known.exists():
        note_credit_notes(subscription, credit_notes_of(subscription.customer_id))


def _follow(
    subscription: Subscription, found: SubscriptionAsIs, invoices: list[InvoiceAsIs], *, actor: str
) -> None:
    """Copy what is paid for, and tell what is new about it."""
    was = _signature(subscription)
    is_new = subscription.subscription_id != found.id
    ended = found.status not in LIVING
    if not ended or not is_new:
        _copy_booking(subscription, found)
    subscription.subscription_id = found.id
    subscription.stripe_status = found.status
    subscription.period_start, subscription.period_end = found.period_start, found.period_end
    subscription.trial_until = found.trial_end
    if found.card is not None:
        shown = (found.card.brand, found.card.last4, found.card.expires)
        if shown != (subscription.card_brand, subscription.card_last4, subscription.card_expires):
            subscription.card_brand, subscription.card_last4, subscription.card_expires = shown
            tell(subscription.pk, "card", actor=actor, at=billing_time(subscription), card=f"•••• {shown[1]}")
    at = billing_time(subscription)
    if not ended and (is_new or _signature(subscription) != was):
        kind = "subscribed" if is_new else "changed"
        tell(subscription.pk, kind, actor=actor, at=at, **facts_of_booking(subscription))
    _follow_cancel(subscription, None if ended else found.cancel_at, actor=actor)
    _follow_schedule(subscription, "" if ended else found.schedule_id, actor=actor)
    _follow_next_charge(subscription, found)
    since = _unpaid_since(found, invoices) if found.status in OWED else None
    note_revenue(subscription, status=found.status, is_new=is_new, at=found.ended_at or since or at)


def _copy_booking(subscription: Subscription, found: SubscriptionAsIs) -> None:
    booked = _read_items(found.items)
    if booked is None:
        return
    version, interval, seats, add_ons = booked
    subscription.plan_version, subscription.interval, subscription.seats = version, interval, seats
    subscription.currency = found.currency
    subscription.coupon = Coupon.objects.filter(pk=found.coupon).first() if found.coupon else None
    for key, (quantity, price_version) in add_ons.items():
        BookedAddOn.objects.update_or_create(
            subscription=subscription,
            add_on_id=key,
            defaults={"quantity": quantity, "price_version": price_version},
        )
    subscription.add_ons.exclude(add_on_id__in=add_ons).delete()


def _read_items(
    items: Iterable[Item],
) -> tuple[PlanVersion, str, int, dict[str, tuple[int, int]]] | None:
    """(version, interval, seats, {add-on: (quantity, its price's version)}); None without a plan of ours."""
    named: list[tuple[Named, int]] = [
        (name, item.quantity) for item in items if (name := read_lookup_key(item.lookup_key)) is not None
    ]
    plan = next((name for name, _quantity in named if name.kind == "plan"), None)
    if plan is None:
        return None
    version = version_of(plan.key, plan.number)
    further = sum(quantity for name, quantity in named if name.kind == "plan" and name.role == SEAT)
    add_ons = {name.key: (quantity, name.number) for name, quantity in named if name.kind == "addon"}
    return version, plan.interval, version.included_seats + further, add_ons


def _signature(subscription: Subscription) -> tuple[object, ...]:
    add_ons = sorted(subscription.add_ons.values_list("add_on_id", "quantity"))
    return (subscription.plan_version_id, subscription.interval, subscription.seats, tuple(add_ons))


def _follow_cancel(subscription: Subscription, cancel_at: dt.datetime | None, *, actor: str) -> None:
    if cancel_at == subscription.cancel_at:
        return
    at = billing_time(subscription)
    if cancel_at is not None:
        tell(subscription.pk, "cancel_planned", actor=actor, at=at, day=cancel_at.isoformat())
    elif subscription.cancel_at is not None and subscription.cancel_at > at:
        tell(subscription.pk, "cancel_withdrawn", actor=actor, at=at)
    subscription.cancel_at = cancel_at


def _follow_schedule(subscription: Subscription, schedule_id: str, *, actor: str) -> None:
    """What is settled to come, read out of Stripe's schedule."""
    coming = scheduled_items(schedule_id) if schedule_id else None
    booked = _read_items(coming[1]) if coming else None
    before = (subscription.pending_at, subscription.pending_version_id, subscription.pending_seats)
    had_one = subscription.pending_at
    subscription.schedule_id = schedule_id
    at = billing_time(subscription)
    if coming is None or booked is None:
        subscription.pending_at = subscription.pending_version = subscription.pending_seats = None
        subscription.pending_interval, subscription.pending_add_ons = "", {}
        if had_one is not None and had_one > at:
            tell(subscription.pk, "change_withdrawn", actor=actor, at=at)
        return
    version, interval, seats, add_ons = booked
    subscription.pending_at, subscription.pending_version = coming[0], version
    subscription.pending_interval, subscription.pending_seats = interval, seats
    subscription.pending_add_ons = {key: quantity for key, (quantity, _version) in add_ons.items()}
    if before != (subscription.pending_at, version.pk, seats):
        facts = {
            "plan": version.plan.name_en,
            "plan_zh": version.plan.name_zh,
            "interval": interval,
            "seats": seats,
            "day": coming[0].isoformat(),
        }
        tell(subscription.pk, "change_planned", actor=actor, at=at, **facts)


def _follow_next_charge(subscription: Subscription, found: SubscriptionAsIs) -> None:
    """What Stripe would charge next, and when; nothing for one that ends."""
    subscription.next_charge_at = subscription.next_charge_minor = None
    ends_first = (
        found.cancel_at is not None and found.period_end is not None and found.cancel_at <= found.period_end
    )
    if found.status not in LIVING or found.status == "paused" or ends_first:
        return
    try:
        coming = preview_next(found.id)
    except Refused:
        return  # nothing will be charged any more
    subscription.next_charge_at = found.trial_end or found.period_end
    subscription.next_charge_minor = coming.due_minor


def _move(subscription: Subscription, found: SubscriptionAsIs | None, invoices: list[InvoiceAsIs]) -> None:
    """The state machine's part. Every moment comes from Stripe, so that late news has the same outcome."""
    moved = False
    if found is None:
        return
    if found.status in ("active", "trialing"):
        moved = apply_event(subscription, Event.PAID, billing_time(subscription), actor=STRIPE)
    elif found.status in OWED and (since := _unpaid_since(found, invoices)):
        moved = apply_event(subscription, Event.PAYMENT_FAILED, since, actor=STRIPE)
    elif found.status in ("canceled", "paused") and subscription.subscription_id == found.id:
        # Given up after failed payments: on the way down already, or put on it now if that news was missed.
        if since := _unpaid_since(found, invoices):
            moved = apply_event(subscription, Event.PAYMENT_FAILED, since, actor=STRIPE)
        elif found.status == "canceled":
            at = found.ended_at or billing_time(subscription)
            moved = apply_event(subscription, Event.ENDED, at, actor=STRIPE)
        else:
            # It pauses with the end of its trial, which Stripe leaves as the period's end.
            at = min(found.period_end or billing_time(subscription), billing_time(subscription))
            moved = apply_event(subscription, Event.PAUSED, at, actor=STRIPE)
    if not moved:
        settle(subscription)


def _unpaid_since(found: SubscriptionAsIs, invoices: list[InvoiceAsIs]) -> dt.datetime | None:
    """When the oldest of what is unpaid since the last payment was issued; None when nothing is.

    What was written off or failed before a later payment is over: it neither locks nor dates anything. invoices: the
    newest first.
    """
    since = None
    for each in invoices:
        if each.subscription_id != found.id or each.status in ("draft", "void"):
            continue
        if each.status == "paid":
            break
        if each.attempted:
            since = each.issued_at
    return since
