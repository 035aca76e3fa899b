"""Phases of schedules: what may be asked for, and what a phase makes of a subscription."""

from typing import Any

from billing.devstripe.calendar import add_interval, now_for
from billing.devstripe.catalog import merged_metadata, redeem
from billing.devstripe.errors import invalid
from billing.devstripe.items import change_items, end_discount, give_discount, tax_rates_of
from billing.devstripe.models import Account
from billing.devstripe.params import Metadata
from billing.devstripe.store import get

PHASE = {
    "items": [{"price": str, "quantity": int}],
    "start_date": int,
    "end_date": int,
    "duration": {"interval": ("day", "week", "month", "year"), "interval_count": int},
    "proration_behavior": ("create_prorations", "always_invoice", "none"),
    "discounts": [{"coupon": str, "discount": str}],
    "default_tax_rates": [str],
    "trial_end": int,
    "metadata": Metadata,
}


def changed_phases(
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
        _check_discounts(account, subscription, phase, f"phases[{number}][discounts]")
    started = schedule["current_phase"]["start_date"]
    past = [phase for phase in schedule["phases"] if phase["end_date"] <= started]
    spans = [span(phase) for phase in past]
    rest = [phase for phase in phases if span(phase) not in spans]
    if not rest or rest[0]["start_date"] != started:
        message = "You can not modify the start date of the current phase."
        raise invalid(message, param="phases[0][start_date]")
    _same_now(subscription, rest[0])
    if rest[0]["end_date"] <= now_for(account, subscription["customer"]):
        raise invalid("The current phase cannot end in the past.", param="phases[0][end_date]")
    return [*past, *rest]


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
    subscription["metadata"] = merged_metadata(subscription["metadata"], phase["metadata"])
    _take_discount(account, subscription, phase, at, preview=preview)
    new_interval = get(account, "price", next(iter(wanted)))["recurring"]["interval"]
    if new_interval != subscription["items"]["data"][0]["price"]["recurring"]["interval"]:
        subscription["billing_cycle_anchor"] = at
    return change_items(account, subscription, changes, at, behavior=behavior, new_period=False)


def _take_discount(
    account: Account, subscription: dict[str, Any], phase: dict[str, Any], at: int, *, preview: bool
) -> None:
    """A discount is carried on as far as it goes; a coupon becomes a new discount; without either there is none.

    Source: docs.stripe.com/api/subscription_schedules/update, phases.discounts: "discount: ID of an existing discount
    … to reuse", "coupon: ID of the coupon to create a new discount for".
    """
    if not phase["discounts"]:
        end_discount(subscription)
        return
    wish = phase["discounts"][0]
    if wish["discount"]:
        if (subscription.get("_discount") or {}).get("id") != wish["discount"]:
            end_discount(subscription)  # it has run out meanwhile
        return
    if preview:
        source = {"coupon": wish["coupon"]}
        subscription["_discount"] = {"id": "di_preview", "end": None, "source": source}
        return
    coupon = redeem(account, wish["coupon"], subscription["currency"], at)
    give_discount(account, subscription, coupon, at)


def _check_discounts(
    account: Account, subscription: dict[str, Any], phase: dict[str, Any], where: str
) -> None:
    if len(phase["discounts"]) > 1:
        raise invalid("This stand-in takes one discount.", param=where)
    for each in phase["discounts"]:
        if bool(each["coupon"]) == bool(each["discount"]):
            raise invalid("Give exactly one of coupon and discount.", param=where)
        if each["discount"]:
            found = get(account, "discount", each["discount"], param=f"{where}[0][discount]")
            if found["subscription"] != subscription["id"]:
                raise invalid("The discount is another subscription's.", param=f"{where}[0][discount]")
        else:
            get(account, "coupon", each["coupon"], param=f"{where}[0][coupon]")


def _same_now(subscription: dict[str, Any], phase: dict[str, Any]) -> None:
    """Stripe would change the subscription at once and prorate; here its own endpoint is there for that."""
    now = {item["price"]["id"]: item["quantity"] for item in subscription["items"]["data"]}
    if {item["price"]: item["quantity"] for item in phase["items"]} != now:
        message = "This stand-in changes later phases only: the current one has the subscription's items."
        raise invalid(message, param="phases[0][items]")
    kept = [each["discount"] for each in phase["discounts"]]
    if kept != subscription["discounts"]:
        message = "This stand-in keeps the current phase's discount: give it as the subscription has it."
        raise invalid(message, param="phases[0][discounts]")
    if phase["trial_end"] not in (None, subscription["trial_end"]):
        message = "This stand-in keeps the trial's end."
        raise invalid(message, param="phases[0][trial_end]")


def phase_at(schedule: dict[str, Any], start: int) -> dict[str, Any]:
    found: dict[str, Any] = next(phase for phase in schedule["phases"] if phase["start_date"] == start)
    return found


def span(phase: dict[str, Any]) -> dict[str, int]:
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
        phases.append(make_phase({**each, "start_date": start, "end_date": end}, subscription))
    return phases


def make_phase(given: dict[str, Any], subscription: dict[str, Any]) -> dict[str, Any]:
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
            {
                "coupon": each.get("coupon") or None,
                "discount": each.get("discount") or None,
                "promotion_code": None,
            }
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
