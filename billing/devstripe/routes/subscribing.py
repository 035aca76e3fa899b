"""Subscriptions, their items and schedules, Checkout and the portal."""

from typing import Any

from billing.devstripe import changes, checkout, endings, schedules, subscriptions
from billing.devstripe.api import page, route
from billing.devstripe.calendar import now_for
from billing.devstripe.errors import invalid
from billing.devstripe.models import Account
from billing.devstripe.params import Metadata, need
from billing.devstripe.routes.common import PAGE, act, change, create, resource
from billing.devstripe.store import all_of, get

_STATES = (
    "incomplete",
    "incomplete_expired",
    "trialing",
    "active",
    "past_due",
    "canceled",
    "unpaid",
    "paused",
)
_OVER = ("canceled", "incomplete_expired")
_BEHAVIOR = {
    "proration_behavior": ("create_prorations", "always_invoice", "none"),
    "proration_date": int,
    "payment_behavior": changes.UPDATE["payment_behavior"],
}
_ITEM = {"price": str, "quantity": int, "metadata": Metadata, **_BEHAVIOR}

create("subscriptions", subscriptions.CREATE, subscriptions.create)
change("subscriptions/{object_id}", changes.UPDATE, changes.update)
change("subscriptions/{object_id}/resume", subscriptions.RESUME, subscriptions.resume)
create("subscription_schedules", schedules.CREATE, schedules.create)
change("subscription_schedules/{object_id}", schedules.UPDATE, schedules.update)
act("POST", "subscription_schedules/{object_id}/cancel", schedules.cancel)
act("POST", "subscription_schedules/{object_id}/release", schedules.release)
resource("subscription_schedules", "subscription_schedule", {"customer": str})
create("checkout/sessions", checkout.SESSION, checkout.create_session)
act("POST", "checkout/sessions/{object_id}/expire", checkout.expire)
act("GET", "checkout/sessions/{object_id}/line_items", checkout.line_items)
resource("checkout/sessions", "checkout.session", {"customer": str, "subscription": str, "status": str})
create("billing_portal/sessions", checkout.PORTAL, checkout.create_portal)


@route("GET", "subscriptions", {**PAGE, "customer": str, "status": (*_STATES, "all", "ended"), "price": str})
def list_subscriptions(account: Account, given: dict[str, Any]) -> Any:
    """Without a status all that are not canceled; source: docs.stripe.com/api/subscriptions/list."""
    where = {"customer": given["customer"]} if given.get("customer") else {}
    found = all_of(account, "subscription", **where)
    status = given.get("status")
    if status == "ended":
        found = [each for each in found if each["status"] in _OVER]
    elif not status:
        found = [each for each in found if each["status"] not in _OVER]
    elif status != "all":
        found = [each for each in found if each["status"] == status]
    if given.get("price"):
        found = [
            each for each in found if given["price"] in [i["price"]["id"] for i in each["items"]["data"]]
        ]
    return page(given, "/v1/subscriptions", found)


@route("GET", "subscriptions/{object_id}")
def read_subscription(account: Account, given: dict[str, Any], object_id: str) -> Any:
    return get(account, "subscription", object_id)


@route("DELETE", "subscriptions/{object_id}", {"invoice_now": bool, "prorate": bool})
def cancel_subscription(account: Account, given: dict[str, Any], object_id: str) -> Any:
    for name in ("invoice_now", "prorate"):
        if given.get(name):
            raise invalid(f"This stand-in cancels without {name}.", param=name)
    found = get(account, "subscription", object_id)
    at = now_for(account, found["customer"])
    return endings.cancel(account, found, at, reason="cancellation_requested")


@route("GET", "subscription_items", {**PAGE, "subscription": str})
def list_items(account: Account, given: dict[str, Any]) -> Any:
    need(given, "subscription")
    items = get(account, "subscription", given["subscription"], param="subscription")["items"]["data"]
    return page(given, "/v1/subscription_items", items)


@route("GET", "subscription_items/{object_id}")
def read_item(account: Account, given: dict[str, Any], object_id: str) -> Any:
    return _item(_subscription_with(account, object_id), object_id)


@route("POST", "subscription_items", {"subscription": str, **_ITEM})
def add_item(account: Account, given: dict[str, Any]) -> Any:
    need(given, "subscription", "price")
    before = get(account, "subscription", given["subscription"], param="subscription")
    after = _with_item(account, before["id"], {}, given)
    known = [item["id"] for item in before["items"]["data"]]
    return next(item for item in after["items"]["data"] if item["id"] not in known)


@route("POST", "subscription_items/{object_id}", _ITEM)
def update_item(account: Account, given: dict[str, Any], object_id: str) -> Any:
    found = _subscription_with(account, object_id)
    return _item(_with_item(account, found["id"], {"id": object_id}, given), object_id)


@route("DELETE", "subscription_items/{object_id}", _BEHAVIOR)
def delete_item(account: Account, given: dict[str, Any], object_id: str) -> Any:
    found = _subscription_with(account, object_id)
    _with_item(account, found["id"], {"id": object_id, "deleted": True}, given)
    return {"id": object_id, "object": "subscription_item", "deleted": True}


def _with_item(
    account: Account, subscription_id: str, item: dict[str, Any], given: dict[str, Any]
) -> dict[str, Any]:
    """The subscription, changed as by its own endpoint."""
    rest = {name: value for name, value in given.items() if name in _BEHAVIOR}
    told = {name: value for name, value in given.items() if name in ("price", "quantity", "metadata")}
    return changes.update(account, subscription_id, {**rest, "items": [{**told, **item}]})


def _subscription_with(account: Account, item_id: str) -> dict[str, Any]:
    for found in all_of(account, "subscription"):
        if any(item["id"] == item_id for item in found["items"]["data"]):
            return found
    return get(account, "subscription_item", item_id)  # raises: items are kept inside their subscriptions


def _item(subscription: dict[str, Any], item_id: str) -> dict[str, Any]:
    items: list[dict[str, Any]] = subscription["items"]["data"]
    return next(item for item in items if item["id"] == item_id)
