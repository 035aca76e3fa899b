"""What is settled to come. Source: docs.stripe.com/billing/subscriptions/subscription-schedules."""

from copy import deepcopy
from typing import Any

from billing.devstripe.calendar import add_interval, now_for
from billing.devstripe.errors import invalid
from billing.devstripe.events import changed, emit
from billing.devstripe.items import change_items
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
    if subscription["schedule"]:
        raise invalid("The subscription is already attached to a schedule.", param="from_subscription")
    start, end = subscription["_period"]
    items = [
        {"price": item["price"]["id"], "quantity": item["quantity"]} for item in subscription["items"]["data"]
    ]
    phase = _phase({"items": items, "start_date": start, "end_date": end}, subscription)
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
        phases = _chain(given["phases"], subscription)
        if phases[0]["start_date"] != before["phases"][0]["start_date"]:
            raise invalid(
                "You can not modify the start date of the current phase.", param="phases[0][start_date]"
            )
        for phase in phases:
            for item in phase["items"]:
                get(account, "price", item["price"], param="phases[0][items][0][price]")
        schedule["phases"] = phases
        schedule["current_phase"] = {
            "start_date": phases[0]["start_date"],
            "end_date": phases[0]["end_date"],
        }
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
        "released_subscription": subscription["id"],
        "subscription": None,
    }
    put(account, after)
    emit(account, f"subscription_schedule.{status}", after)
    old = deepcopy(subscription)
    put(account, {**subscription, "schedule": None})
    changed(account, "customer.subscription.updated", old, {**subscription, "schedule": None})
    return after


def enter_phase(account: Account, subscription: dict[str, Any], at: int) -> None:
    """At the end of a period: the items of the phase that begins, on this copy; or the schedule's own end."""
    if not subscription["schedule"]:
        return
    schedule = get(account, "subscription_schedule", subscription["schedule"])
    following = next((phase for phase in schedule["phases"] if phase["start_date"] == at), None)
    if following is not None:
        items_from(account, subscription, following, at)
        schedule["current_phase"] = {"start_date": at, "end_date": following["end_date"]}
        emit(account, "subscription_schedule.updated", put(account, schedule))
    elif schedule["phases"][-1]["end_date"] <= at:
        after = release(account, schedule["id"])
        subscription["schedule"] = None
        if after["end_behavior"] == "cancel":
            subscription["cancel_at"] = at


def items_from(account: Account, subscription: dict[str, Any], phase: dict[str, Any], at: int) -> None:
    """Make this copy's items those of the phase, without prorations: it begins with a period."""
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
    new_interval = get(account, "price", next(iter(wanted)))["recurring"]["interval"]
    if new_interval != subscription["items"]["data"][0]["price"]["recurring"]["interval"]:
        subscription["billing_cycle_anchor"] = at
    change_items(account, subscription, changes, at, behavior="none", new_period=False)


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
        "default_tax_rates": [],
        "description": None,
        "discounts": given.get("discounts", []),
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
