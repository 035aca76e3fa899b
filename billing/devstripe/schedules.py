"""What is settled to come. Source: docs.stripe.com/billing/subscriptions/subscription-schedules."""

from copy import deepcopy
from typing import Any

from billing.devstripe import endings
from billing.devstripe.calendar import now_for
from billing.devstripe.catalog import merged_metadata
from billing.devstripe.cycles import keep_for_next_invoice
from billing.devstripe.errors import invalid
from billing.devstripe.events import changed, emit
from billing.devstripe.models import Account
from billing.devstripe.params import Metadata, need
from billing.devstripe.phases import PHASE, changed_phases, items_from, make_phase, phase_at, span
from billing.devstripe.store import get, put, shape

CREATE = {"from_subscription": str, "metadata": Metadata}
UPDATE = {
    "phases": [PHASE],
    "end_behavior": ("release", "cancel"),
    "proration_behavior": ("create_prorations", "always_invoice", "none"),
    "metadata": Metadata,
}


def create(account: Account, given: dict[str, Any]) -> dict[str, Any]:
    """From a subscription: one phase, as it is now."""
    need(given, "from_subscription")
    subscription = get(account, "subscription", given["from_subscription"], param="from_subscription")
    if subscription["status"] not in endings.LIVING:
        raise invalid("The subscription has ended.", param="from_subscription")
    if subscription["schedule"]:
        raise invalid("The subscription is already attached to a schedule.", param="from_subscription")
    start, end = subscription["_period"]
    items = [
        {"price": item["price"]["id"], "quantity": item["quantity"]} for item in subscription["items"]["data"]
    ]
    as_now = {
        "items": items,
        "start_date": start,
        "end_date": end,
        "discounts": [{"discount": each} for each in subscription["discounts"]],
        "default_tax_rates": [rate["id"] for rate in subscription["default_tax_rates"]],
    }
    phase = make_phase(as_now, subscription)
    made = shape(
        "subscription_schedule",
        created=now_for(account, subscription["customer"]),
        current_phase={"start_date": start, "end_date": end},
        customer=subscription["customer"],
        end_behavior="release",
        metadata=given.get("metadata", {}),
        phases=[phase],
        status="active",
        subscription=subscription["id"],
        test_clock=subscription["test_clock"],
    )
    emit(account, "subscription_schedule.created", put(account, made))
    before = deepcopy(subscription)
    put(account, {**subscription, "schedule": made["id"]})
    changed(account, "customer.subscription.updated", before, {**subscription, "schedule": made["id"]})
    return made


def update(account: Account, schedule_id: str, given: dict[str, Any]) -> dict[str, Any]:
    """The phase at hand must be given again; later ones may change."""
    before = get(account, "subscription_schedule", schedule_id)
    if before["status"] not in ("not_started", "active"):
        raise invalid("This schedule has ended.")
    schedule = deepcopy(before)
    subscription = get(account, "subscription", schedule["subscription"])
    if given.get("phases"):
        schedule["phases"] = changed_phases(account, before, subscription, given["phases"])
        schedule["current_phase"] = span(phase_at(schedule, before["current_phase"]["start_date"]))
    schedule["metadata"] = merged_metadata(before["metadata"], given.get("metadata"))
    schedule["end_behavior"] = given.get("end_behavior", schedule["end_behavior"])
    put(account, schedule)
    changed(account, "subscription_schedule.updated", before, schedule)
    return schedule


def release(account: Account, schedule_id: str, *, status: str = "released") -> dict[str, Any]:
    """The subscription goes on as it is, by itself."""
    before = get(account, "subscription_schedule", schedule_id)
    if before["status"] not in ("not_started", "active"):
        raise invalid("This schedule has ended.")
    subscription = get(account, "subscription", before["subscription"])
    at = now_for(account, before["customer"])
    after = {
        **before,
        "status": status,
        "current_phase": None,
        "released_at": at if status == "released" else None,
        "completed_at": at if status == "completed" else None,
        "released_subscription": subscription["id"] if status == "released" else None,
        "subscription": None if status == "released" else subscription["id"],
    }
    put(account, after)
    emit(account, f"subscription_schedule.{status}", after)
    old = deepcopy(subscription)
    put(account, {**subscription, "schedule": None})
    changed(account, "customer.subscription.updated", old, {**subscription, "schedule": None})
    return after


def cancel(account: Account, schedule_id: str) -> dict[str, Any]:
    """The schedule and its subscription, at once. Source: docs.stripe.com/api/subscription_schedules/cancel."""
    schedule = get(account, "subscription_schedule", schedule_id)
    if schedule["status"] not in ("not_started", "active"):
        raise invalid("This schedule has ended.")
    subscription = get(account, "subscription", schedule["subscription"])
    at = now_for(account, schedule["customer"])
    endings.cancel(account, subscription, at, reason="cancellation_requested")
    return get(account, "subscription_schedule", schedule_id)


def enter_phase(account: Account, subscription: dict[str, Any], at: int) -> None:
    """At the end of a period: the items of the phase that begins, on this copy; or the schedule's own end."""
    if not subscription["schedule"]:
        return
    schedule = get(account, "subscription_schedule", subscription["schedule"])
    following = _following(schedule, at)
    if following is not None:
        items_from(account, subscription, following, at)
        _note_phase(account, schedule, following)
    elif schedule["phases"][-1]["end_date"] <= at:
        _end(account, schedule, subscription, at)


def enter_phase_within_period(account: Account, schedule_id: str, at: int) -> None:
    """A phase that begins while a period runs: its items at once, with the prorations that it asks for."""
    schedule = get(account, "subscription_schedule", schedule_id)
    before = get(account, "subscription", schedule["subscription"])
    subscription = deepcopy(before)
    following = _following(schedule, at)
    if following is None:
        _end(account, schedule, subscription, at)
        if subscription["cancel_at"] is not None and subscription["cancel_at"] <= at:
            endings.cancel(account, subscription, at, reason="cancellation_requested")
        return
    behavior = following["proration_behavior"]
    for each in items_from(account, subscription, following, at, behavior=behavior):
        keep_for_next_invoice(account, subscription, each, at)
    put(account, subscription)
    _note_phase(account, schedule, following)
    changed(account, "customer.subscription.updated", before, subscription)


def _following(schedule: dict[str, Any], at: int) -> dict[str, Any] | None:
    """The phase that has begun since the current one."""
    started = schedule["current_phase"]["start_date"]
    return next(
        (each for each in schedule["phases"] if started < each["start_date"] <= at < each["end_date"]), None
    )


def _note_phase(account: Account, schedule: dict[str, Any], phase: dict[str, Any]) -> None:
    before = deepcopy(schedule)
    schedule["current_phase"] = span(phase)
    put(account, schedule)
    changed(account, "subscription_schedule.updated", before, schedule)


def _end(account: Account, schedule: dict[str, Any], subscription: dict[str, Any], at: int) -> None:
    """The last phase is over: the subscription goes on by itself, or ends with it."""
    cancels = schedule["end_behavior"] == "cancel"
    release(account, schedule["id"], status="completed" if cancels else "released")
    subscription["schedule"] = None
    if cancels:
        subscription["cancel_at"] = at
