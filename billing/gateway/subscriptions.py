"""Subscriptions as they are, and their changes."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from billing.gateway.client import api
from billing.gateway.customers import card_of
from billing.gateway.plain import Item, SubscriptionAsIs, moment, stamp
from billing.gateway.refusals import refusals

_EXPANDED = ["default_payment_method", "customer.invoice_settings.default_payment_method", "discounts"]


def read_subscription(subscription_id: str) -> SubscriptionAsIs:
    """Raises NotThere, StripeAway."""
    with refusals():
        found = api().v1.subscriptions.retrieve(subscription_id, {"expand": _EXPANDED})
    return as_is(found)


def newest_subscription(customer_id: str) -> SubscriptionAsIs | None:
    """The one that counts: a living one before an ended one, then the newest."""
    with refusals():
        found = api().v1.subscriptions.list(
            {
                "customer": customer_id,
                "status": "all",
                "limit": 20,
                "expand": [f"data.{e}" for e in _EXPANDED],
            }
        )
    all_of_them = [as_is(each) for each in found.data]
    living = [
        each for each in all_of_them if each.status not in ("canceled", "incomplete_expired", "incomplete")
    ]
    return next(iter(living or all_of_them), None)


def change_items(
    subscription_id: str,
    items: Sequence[dict[str, Any]],
    *,
    proration_at: dt.datetime,
    new_period: bool,
    tax_rate_ids: Sequence[str],
    idempotency_key: str,
) -> SubscriptionAsIs:
    """Change at once and charge the difference at once; if that payment fails nothing is changed.

    items: as `item_changes` makes them. new_period: the interval changes, so a period begins now. Raises CardRefused.
    """
    details: dict[str, Any] = {
        "items": list(items),
        "proration_behavior": "always_invoice",
        "proration_date": stamp(proration_at),
        "payment_behavior": "error_if_incomplete",
        "default_tax_rates": list(tax_rate_ids) or "",
        "off_session": True,
        "expand": _EXPANDED,
    }
    if new_period:
        details["billing_cycle_anchor"] = {"type": "now"}
    with refusals():
        changed = api().v1.subscriptions.update(
            subscription_id,
            details,  # type: ignore[arg-type]
            options={"idempotency_key": idempotency_key},
        )
    return as_is(changed)


def change_trial_items(
    subscription_id: str, items: Sequence[dict[str, Any]], *, idempotency_key: str
) -> SubscriptionAsIs:
    """While Stripe's first charge lies ahead: nothing is charged or credited for the change."""
    with refusals():
        changed = api().v1.subscriptions.update(
            subscription_id,
            {"items": list(items), "proration_behavior": "none", "expand": _EXPANDED},  # type: ignore[arg-type]
            options={"idempotency_key": idempotency_key},
        )
    return as_is(changed)


def schedule_items(
    subscription: SubscriptionAsIs,
    now_items: Sequence[tuple[str, int]],
    then_items: Sequence[tuple[str, int]],
    *,
    interval: str,
    tax_rate_ids: Sequence[str],
    idempotency_key: str,
) -> str:
    """Other items from the end of the period on; the schedule's id. items: (price id, quantity)."""
    assert subscription.period_end is not None and subscription.period_start is not None
    schedule_id = subscription.schedule_id
    with refusals():
        if not schedule_id:
            made = api().v1.subscription_schedules.create(
                {"from_subscription": subscription.id}, options={"idempotency_key": f"{idempotency_key}-from"}
            )
            schedule_id = made.id
        else:
            made = api().v1.subscription_schedules.retrieve(schedule_id)
        # Phases that are over need not be said again, and must not: the one at hand comes first.
        first = next(
            phase
            for phase in made.phases
            if made.current_phase and phase.start_date == made.current_phase.start_date
        )
        phases = _phases(
            subscription,
            first.start_date,
            (now_items, then_items),
            interval=interval,
            tax_rate_ids=tax_rate_ids,
        )
        api().v1.subscription_schedules.update(
            schedule_id,
            {"phases": phases, "end_behavior": "release", "proration_behavior": "none"},  # type: ignore[arg-type]
            options={"idempotency_key": f"{idempotency_key}-phases"},
        )
    return schedule_id


def _phases(
    subscription: SubscriptionAsIs,
    start: int,
    items: tuple[Sequence[tuple[str, int]], Sequence[tuple[str, int]]],
    *,
    interval: str,
    tax_rate_ids: Sequence[str],
) -> list[dict[str, Any]]:
    """The phase at hand, begun at `start`, and the one that follows. items: of each."""
    assert subscription.period_end is not None
    turn = stamp(subscription.period_end)
    now_phase: dict[str, Any] = {"items": _phase_items(items[0]), "start_date": start, "end_date": turn}
    then_phase: dict[str, Any] = {
        "items": _phase_items(items[1]),
        "start_date": turn,
        "duration": {"interval": interval, "interval_count": 1},
    }
    if subscription.trial_end and subscription.trial_end >= subscription.period_end:
        now_phase["trial_end"] = stamp(subscription.trial_end)
    for phase in (now_phase, then_phase):
        phase["proration_behavior"] = "none"
        if tax_rate_ids:
            phase["default_tax_rates"] = list(tax_rate_ids)
        if subscription.discount_id:
            # The discount at hand goes on for as long as it lasts; the coupon again would be another one, from its
            # beginning.
            phase["discounts"] = [{"discount": subscription.discount_id}]
    return [now_phase, then_phase]


def release_schedule(schedule_id: str) -> None:
    """What was to come does not; the subscription goes on as it is."""
    with refusals():
        found = api().v1.subscription_schedules.retrieve(schedule_id)
        if found.status in ("not_started", "active"):
            api().v1.subscription_schedules.release(schedule_id)


def scheduled_items(schedule_id: str) -> tuple[dt.datetime, tuple[Item, ...]] | None:
    """(when, what) follows the phase at hand; None when nothing does."""
    with refusals():
        found: Any = api().v1.subscription_schedules.retrieve(schedule_id, {"expand": ["phases.items.price"]})
    if found.status not in ("not_started", "active") or found.current_phase is None:
        return None
    following = [phase for phase in found.phases if phase.start_date >= found.current_phase.end_date]
    if not following:
        return None
    items = tuple(Item(each.price.lookup_key or "", each.quantity or 0) for each in following[0]["items"])
    at = moment(following[0].start_date)
    assert at is not None
    return at, items


def set_cancel(subscription_id: str, *, at_period_end: bool, idempotency_key: str) -> SubscriptionAsIs:
    """End with the period, or go on after all. The portal sets `cancel_at` instead: going on clears both."""
    details: dict[str, Any] = {"cancel_at_period_end": at_period_end, "expand": _EXPANDED}
    with refusals():
        if not at_period_end:
            found = api().v1.subscriptions.retrieve(subscription_id)
            if found.cancel_at and not found.cancel_at_period_end:
                details = {"cancel_at": "", "expand": _EXPANDED}
        changed = api().v1.subscriptions.update(
            subscription_id,
            details,  # type: ignore[arg-type]
            options={"idempotency_key": idempotency_key},
        )
    return as_is(changed)


def resume_paused(subscription_id: str, *, idempotency_key: str) -> None:
    """A period begins now and is charged to the card at hand; until that is paid it stays paused."""
    with refusals():
        api().v1.subscriptions.resume(
            subscription_id,
            {"billing_cycle_anchor": {"type": "now"}, "proration_behavior": "none"},
            options={"idempotency_key": idempotency_key},
        )


def set_tax_rates(subscription_id: str, tax_rate_ids: Sequence[str]) -> None:
    """From the next invoice on."""
    wanted: Any = list(tax_rate_ids) or ""
    with refusals():
        api().v1.subscriptions.update(subscription_id, {"default_tax_rates": wanted})


def set_coupon(subscription_id: str, code: str, *, idempotency_key: str) -> SubscriptionAsIs:
    """From the next invoice on, in the place of the one at hand."""
    with refusals():
        changed = api().v1.subscriptions.update(
            subscription_id,
            {"discounts": [{"coupon": code}], "expand": _EXPANDED},
            options={"idempotency_key": idempotency_key},
        )
    return as_is(changed)


def cancel_now(subscription_id: str) -> None:
    """At once, without a refund: for a workspace that is closed."""
    with refusals():
        api().v1.subscriptions.cancel(subscription_id)


def item_changes(before: Sequence[Item], wanted: Sequence[tuple[str, str, int]]) -> list[dict[str, Any]]:
    """Stripe's instructions that turn the items `before` into `wanted`: (lookup key, price id, quantity).

    An item of the same product line keeps its id: matched by lookup key first, then one by one, so that a plan's base
    becomes the other plan's base. Quantities are always said: Stripe would reset them to 1.
    """
    left = {item.lookup_key: item for item in before}
    changes: list[dict[str, Any]] = []
    new: list[tuple[str, str, int]] = []
    for lookup_key, price_id, quantity in wanted:
        same = left.pop(lookup_key, None)
        if same is not None:
            changes.append({"id": same.id, "price": price_id, "quantity": quantity})
        else:
            new.append((lookup_key, price_id, quantity))
    for lookup_key, price_id, quantity in new:
        role = lookup_key.rpartition(":")[2]
        alike = next((each for each in left.values() if each.lookup_key.rpartition(":")[2] == role), None)
        if alike is not None:
            del left[alike.lookup_key]
            changes.append({"id": alike.id, "price": price_id, "quantity": quantity})
        else:
            changes.append({"price": price_id, "quantity": quantity})
    changes.extend({"id": item.id, "deleted": True} for item in left.values())
    return changes


def _phase_items(items: Sequence[tuple[str, int]]) -> list[dict[str, Any]]:
    return [{"price": price_id, "quantity": quantity} for price_id, quantity in items]


def as_is(found: Any) -> SubscriptionAsIs:
    """From the SDK's object, expanded as `_EXPANDED` says."""
    items = found["items"].data  # `items` is a method of the SDK's mapping
    customer = found.customer
    customer_card = None
    if not isinstance(customer, str) and customer.invoice_settings:
        customer_card = card_of(customer.invoice_settings.default_payment_method)
    cancel_at = found.cancel_at
    if found.cancel_at_period_end and items:
        cancel_at = cancel_at or items[0].current_period_end
    return SubscriptionAsIs(
        id=found.id,
        customer_id=customer if isinstance(customer, str) else customer.id,
        status=found.status,
        currency=found.currency.upper(),
        items=tuple(Item(each.price.lookup_key or "", each.quantity or 0, each.id) for each in items),
        period_start=moment(items[0].current_period_start) if items else None,
        period_end=moment(items[0].current_period_end) if items else None,
        trial_end=moment(found.trial_end) if found.status == "trialing" else None,
        cancel_at=moment(cancel_at),
        ended_at=moment(found.ended_at),
        schedule_id=_id(found.schedule),
        latest_invoice_id=_id(found.latest_invoice),
        # One that is over charges nothing more: what counts is the customer's card.
        card=(None if found.status == "canceled" else card_of(found.default_payment_method)) or customer_card,
        coupon=_coupon(found.discounts),
        metadata=dict(found.metadata.to_dict()) if found.metadata else {},
        discount_id=next((_id(each) for each in found.discounts or ()), ""),
    )


def _id(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else value.id


def _coupon(discounts: Any) -> str:
    for each in discounts or ():
        if isinstance(each, str):
            continue
        source = getattr(each, "source", None)
        coupon = getattr(source, "coupon", None) if source is not None else getattr(each, "coupon", None)
        if coupon is not None:
            return _id(coupon)
    return ""
