"""What is settled to come. Source: docs.stripe.com/billing/subscriptions/subscription-schedules."""

from copy import deepcopy
from typing import Any

from billing.devstripe import endings
from billing.devstripe.calendar import add_interval, now_for
from billing.devstripe.catalog import merged_metadata, redeem
from billing.devstripe.cycles import keep_for_next_invoice
from billing.devstripe.errors import invalid
from billing.devstripe.events import changed, emit
from billing.devstripe.items import change_items, coupon_of, give_discount, tax_rates_of
from billing.devstripe.models import Account
from billing.devstripe.params import Metadata, need
from billing.devstripe.store import get, put, shape

PHASE = {
    "items": [{"price": str, "quantity": int, "tax_rates": [str], "metadata": Metadata}],
    "start_date": int,
    "end_date": int,
    "duration": {"interval": ("day", "week", "month", "year"), "interval_count": int},
    "proration_behavior": ("create_prorations", "always_invoice", "none"),
    "discounts": [{"coupon": str}],
    "default_tax_rates": [str],
    "trial_end": int,
    "metadata": Metadata,
}
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
    coupon = coupon_of(account, subscription)
    as_now = {
        "items": items,
        "start_date": start,
        "end_date": end,
        "discounts": [{"coupon": coupon["id"]}] if coupon else [],
        "default_tax_rates": [rate["id"] for rate in subscription["default_tax_rates"]],
    }
    phase = _phase(as_now, subscription)
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
        schedule["phases"] = _changed_phases(account, before, subscription, given["phases"])
        schedule["current_phase"] = _span(_phase_at(schedule, before["current_phase"]["start_date"]))
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
    schedule["current_phase"] = _span(phase)
    put(account, schedule)
    changed(account, "subscription_schedule.updated", before, schedule)


def _end(account: Account, schedule: dict[str, Any], subscription: dict[str, Any], at: int) -> None:
    """The last phase is over: the subscription goes on by itself, or ends with it."""
    cancels = schedule["end_behavior"] == "cancel"
    release(account, schedule["id"], status="completed" if cancels else "released")
    subscription["schedule"] = None
    if cancels:
        subscription["cancel_at"] = at


def items_from(
    account: Account,
    subscription: dict[str, Any],
    phase: dict[str, Any],
    at: int,
    *,
    behavior: str = "none",
    preview: bool = False,
) -> list[dict[str, Any]]:
    """Make this copy's items those of the phase; the prorations, none where it begins with a period.

    preview: a coupon of the phase is not counted as used.
    """
    old = {item["price"]["id"]: item for item in subscription["items"]["data"]}
    wanted = {item["price"]: item["quantity"] for item in phase["items"]}
    changes: list[dict[str, Any]] = []
    for price_id, quantity in wanted.items():
        item = old.get(price_id)
        changes.append(
            {"id": item["id"], "quantity": quantity} if item else {"price": price_id, "quantity": quantity}
        )
    changes += [
        {"id": item["id"], "deleted": True} for price_id, item in old.items() if price_id not in wanted
    ]
    if phase["default_tax_rates"]:
        subscription["default_tax_rates"] = tax_rates_of(account, phase["default_tax_rates"])
    _take_discount(account, subscription, phase, at, preview=preview)
    new_interval = get(account, "price", next(iter(wanted)))["recurring"]["interval"]
    if new_interval != subscription["items"]["data"][0]["price"]["recurring"]["interval"]:
        subscription["billing_cycle_anchor"] = at
    return change_items(account, subscription, changes, at, behavior=behavior, new_period=False)


def _take_discount(
    account: Account, subscription: dict[str, Any], phase: dict[str, Any], at: int, *, preview: bool
) -> None:
    """A phase's coupon is redeemed when the phase begins, unless it is in force already."""
    if not phase["discounts"]:
        return
    wanted = phase["discounts"][0]["coupon"]
    now = coupon_of(account, subscription)
    if now is not None and now["id"] == wanted:
        return
    if preview:
        subscription["_discount"] = {"id": "di_preview", "end": None, "source": {"coupon": wanted}}
        return
    give_discount(account, subscription, redeem(account, wanted, subscription["currency"], at), at)


def _changed_phases(
    account: Account, schedule: dict[str, Any], subscription: dict[str, Any], given: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Past phases may be left out and cannot change; the current one keeps its start. Raises Refusal.

    Source: docs.stripe.com/api/subscription_schedules/update, phases.
    """
    phases = _chain(given, subscription)
    for number, phase in enumerate(phases):
        where = f"phases[{number}][items]"
        for item in phase["items"]:
            price = get(account, "price", item["price"], param=f"{where}[0][price]")
            if not price["recurring"] or price["currency"] != subscription["currency"]:
                raise invalid("A phase takes recurring prices of the subscription's currency.", param=where)
        if len(phase["discounts"]) > 1:
            raise invalid("This stand-in takes one discount.", param=f"phases[{number}][discounts]")
    started = schedule["current_phase"]["start_date"]
    past = [phase for phase in schedule["phases"] if phase["end_date"] <= started]
    spans = [_span(phase) for phase in past]
    rest = [phase for phase in phases if _span(phase) not in spans]
    if not rest or rest[0]["start_date"] != started:
        message = "You can not modify the start date of the current phase."
        raise invalid(message, param="phases[0][start_date]")
    if rest[0]["end_date"] <= now_for(account, subscription["customer"]):
        raise invalid("The current phase cannot end in the past.", param="phases[0][end_date]")
    return [*past, *rest]


def _phase_at(schedule: dict[str, Any], start: int) -> dict[str, Any]:
    found: dict[str, Any] = next(phase for phase in schedule["phases"] if phase["start_date"] == start)
    return found


def _span(phase: dict[str, Any]) -> dict[str, int]:
    return {"start_date": phase["start_date"], "end_date": phase["end_date"]}


def _chain(given: list[dict[str, Any]], subscription: dict[str, Any]) -> list[dict[str, Any]]:
    phases: list[dict[str, Any]] = []
    for each in given:
        start = each.get("start_date") or (phases[-1]["end_date"] if phases else None)
        if start is None:
            raise invalid("The first phase needs its start_date.", param="phases[0][start_date]")
        if phases and phases[-1]["end_date"] != start:
            raise invalid("Phases must follow each other.", param="phases[1][start_date]")
        if ("end_date" in each) == ("duration" in each):
            raise invalid("Give exactly one of end_date and duration.", param="phases[0][end_date]")
        if "duration" in each:
            duration = each["duration"]
            end = add_interval(start, duration["interval"], duration.get("interval_count", 1))
        else:
            end = each["end_date"]
        if end <= start:
            raise invalid("A phase ends after its start.", param="phases[0][end_date]")
        phases.append(_phase({**each, "start_date": start, "end_date": end}, subscription))
    return phases


def _phase(given: dict[str, Any], subscription: dict[str, Any]) -> dict[str, Any]:
    return {
        "add_invoice_items": [],
        "application_fee_percent": None,
        "billing_cycle_anchor": None,
        "billing_thresholds": None,
        "collection_method": None,
        "currency": subscription["currency"],
        "default_payment_method": None,
        "default_tax_rates": given.get("default_tax_rates") or [],
        "description": None,
        "discounts": [
            {"coupon": each["coupon"], "discount": None, "promotion_code": None}
            for each in given.get("discounts") or []
        ],
        "end_date": given["end_date"],
        "invoice_settings": None,
        "items": [
            {
                "billing_thresholds": None,
                "discounts": [],
                "metadata": {},
                "plan": item["price"],
                "price": item["price"],
                "quantity": item.get("quantity", 1),
                "tax_rates": [],
            }
            for item in given["items"]
        ],
        "metadata": given.get("metadata", {}),
        "on_behalf_of": None,
        "proration_behavior": given.get("proration_behavior", "create_prorations"),
        "start_date": given["start_date"],
        "transfer_data": None,
        "trial_end": given.get("trial_end"),
    }
