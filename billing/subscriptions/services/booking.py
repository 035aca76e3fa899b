"""Changing what is paid for: first the exact amounts, then the change with those very amounts. Public scope.

What an offer said travels through the person's browser under a signature and comes back to `accept`, which asks
again for the same moment: other amounts are not charged but shown. No row is locked meanwhile: see `turns`.
"""

import secrets
from collections.abc import Mapping

from django.utils.translation import gettext as _

from billing.gateway.plain import SubscriptionAsIs
from billing.gateway.subscriptions import (
    change_items,
    change_trial_items,
    item_changes,
    read_subscription,
    release_schedule,
    resume_paused,
    schedule_items,
    set_cancel,
)
from billing.subscriptions.models import Subscription
from billing.subscriptions.rules.changes import Kind
from billing.subscriptions.services.offers import Offer, current_booking, offer, priced, tax_rate_ids
from billing.subscriptions.services.syncing import sync_subscription
from billing.subscriptions.services.tokens import OfferChanged, amounts_of, payload_of, read_offer
from billing.subscriptions.services.turns import turn_at
from core.entitlements import Limit
from core.errors import Conflict, DomainError


def accept(
    subscription: Subscription, token: str, *, usage: Mapping[Limit, int], by: str
) -> tuple[Offer, Subscription]:
    """Do what was offered, once: a second call with the same token changes nothing more.

    by: whose doing it is. Raises OfferChanged, CardRefused (then nothing is changed), StripeAway, DomainError, and
    Conflict while another change of the subscription is under way.
    """
    wanted, at, nonce = read_offer(subscription.pk, token)
    with turn_at(subscription.pk) as turn:
        again = offer(turn.subscription, wanted, usage=usage, at=at)
        if again.kind == Kind.NONE:
            return again, turn.subscription
        shown = payload_of(token)["amounts"]
        if amounts_of(again.due_now, again.recurring, again.first) != shown or not turn.is_unchanged():
            raise OfferChanged(_("Meanwhile something has changed. Please look at the amounts once more."))
        if again.as_is is None:
            raise DomainError(_("There is no subscription to change yet."))
        _carry_out(turn.subscription, again.as_is, again, key=f"guanxi-change-{nonce}")
        return again, sync_subscription(subscription.pk, actor=by)


def withdraw_change(subscription: Subscription, *, by: str) -> Subscription:
    """What was settled to come does not. Without anything to come nothing happens. Raises Conflict."""
    with turn_at(subscription.pk) as turn:
        _release(turn.subscription)
        return sync_subscription(subscription.pk, actor=by)


def _release(subscription: Subscription) -> None:
    """By the schedule that Stripe knows, which another tab may have made a moment ago."""
    if subscription.is_paying:
        as_is = read_subscription(subscription.subscription_id)
        if as_is.schedule_id:
            release_schedule(as_is.schedule_id)


def cancel_at_period_end(subscription: Subscription, *, by: str) -> Subscription:
    """Nothing is charged any more; all works until the end of what is paid for. Twice is once. Raises Conflict."""
    with turn_at(subscription.pk) as turn:
        # While a schedule runs Stripe refuses to change the subscription itself.
        _release(turn.subscription)
        if turn.subscription.is_paying:
            known = turn.subscription.subscription_id
            key = f"guanxi-cancel-{known}-{secrets.token_hex(8)}"
            set_cancel(known, at_period_end=True, idempotency_key=key)
        return sync_subscription(subscription.pk, actor=by)


def resume(subscription: Subscription, *, by: str) -> Subscription:
    """Take the cancellation back, until its day, or begin to pay after a pause. Raises Conflict when it is over."""
    with turn_at(subscription.pk) as turn:
        if not turn.subscription.is_paying:
            raise Conflict(_("The subscription has ended. Choose a plan to begin again."))
        known = turn.subscription.subscription_id
        key = f"guanxi-resume-{known}-{secrets.token_hex(8)}"
        if turn.subscription.is_paused:
            resume_paused(known, idempotency_key=key)
        else:
            set_cancel(known, at_period_end=False, idempotency_key=key)
        return sync_subscription(subscription.pk, actor=by)


def _carry_out(subscription: Subscription, as_is: SubscriptionAsIs, accepted: Offer, *, key: str) -> None:
    wanted = priced(subscription, accepted.booking)
    if accepted.kind == Kind.LATER:
        _schedule(subscription, as_is, wanted, accepted.booking.interval, key)
        return
    if as_is.schedule_id:
        release_schedule(as_is.schedule_id)
    changes = item_changes(as_is.items, wanted)
    if accepted.kind == Kind.IN_TRIAL:
        change_trial_items(as_is.id, changes, idempotency_key=key)
        return
    change_items(
        as_is.id,
        changes,
        proration_at=accepted.at,
        new_period=accepted.booking.interval != subscription.interval,
        tax_rate_ids=tax_rate_ids(subscription),
        idempotency_key=key,
    )


def _schedule(
    subscription: Subscription,
    as_is: SubscriptionAsIs,
    wanted: list[tuple[str, str, int]],
    interval: str,
    key: str,
) -> None:
    now_items = [
        (price, quantity) for _key, price, quantity in priced(subscription, current_booking(subscription))
    ]
    then_items = [(price, quantity) for _key, price, quantity in wanted]
    schedule_items(
        as_is,
        now_items,
        then_items,
        interval=interval,
        tax_rate_ids=tax_rate_ids(subscription),
        idempotency_key=key,
    )
