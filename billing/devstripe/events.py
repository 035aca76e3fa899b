"""Events, and where each is to go. Source: docs.stripe.com/webhooks, docs.stripe.com/api/events."""

import hashlib
import hmac
import json
import random
import threading
import time
from typing import Any

from django.db import transaction

from billing.devstripe.calendar import now_for
from billing.devstripe.models import Account, Delivery, Thing
from billing.devstripe.store import all_of, find, put, shape

API_VERSION = "2026-10-28.endive"
DELIVERY_MODES = ("normal", "hold", "drop", "double", "shuffle")
wake = threading.Event()


def emit(account: Account, kind: str, body: dict[str, Any], previous: dict[str, Any] | None = None) -> None:
    """An event with the object as it is now, on its way to every endpoint that wants it."""
    customer = _customer_of(account, body)
    data: dict[str, Any] = {"object": public(body)}
    if previous is not None:
        data["previous_attributes"] = previous
    event = shape(
        "event",
        api_version=API_VERSION,
        created=now_for(account, customer),
        data=data,
        type=kind,
        request={"id": None, "idempotency_key": None},
        pending_webhooks=0,
    )
    endpoints = [each for each in all_of(account, "webhook_endpoint") if _wants(each, kind)]
    mode = account.settings.get("delivery", "normal")
    for endpoint in endpoints:
        for _copy in range(2 if mode == "double" else 1):
            Delivery.objects.create(
                account=account,
                event=event["id"],
                url=endpoint["url"],
                secret=endpoint["_secret"],
                state={"hold": "held", "shuffle": "held", "drop": "dropped"}.get(mode, "waiting"),
            )
    event["pending_webhooks"] = len(endpoints)
    put(account, event)
    transaction.on_commit(wake.set)


def _customer_of(account: Account, body: dict[str, Any]) -> str:
    """Whose time it happens in; '' for real time."""
    if body["object"] == "customer":
        return str(body["id"])
    if body["object"] == "invoice_payment":
        return (find(account, "invoice", body["invoice"]) or {}).get("customer") or ""
    return body.get("customer") or body.get("_customer") or ""


def changed(account: Account, kind: str, before: dict[str, Any], after: dict[str, Any]) -> None:
    """An update's event, with what was different before."""
    emit(account, kind, after, _previous(public(before), public(after)))


def _previous(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """Of a mapping only the keys that differ, of a list all of it (docs.stripe.com/api/events/object, data)."""
    told: dict[str, Any] = {}
    for name in {**before, **after}:
        old, new = before.get(name), after.get(name)
        if isinstance(old, dict) and isinstance(new, dict) and old.get("object") != "list":
            if old != new:
                told[name] = _previous(old, new)
        elif old != new:
            told[name] = old
    return told


def public(body: Any) -> Any:
    """Without what is ours alone."""
    if isinstance(body, dict):
        return {name: public(value) for name, value in body.items() if not name.startswith("_")}
    if isinstance(body, list):
        return [public(each) for each in body]
    return body


def sign(payload: str, secret: str, at: int) -> str:
    """Source: docs.stripe.com/webhooks, "Verify manually"."""
    digest = hmac.new(secret.encode(), f"{at}.{payload}".encode(), hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


def payload_of(account: Account, event_id: str) -> str | None:
    event = find(account, "event", event_id)
    return None if event is None else json.dumps(public(event), ensure_ascii=False)


def is_one_of(kind: str, wanted: list[str]) -> bool:
    """wanted: names of events, or `charge.*`."""
    return any(kind == each or (each.endswith("*") and kind.startswith(each[:-1])) for each in wanted)


def with_pending(account: Account, events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """`pending_webhooks` as it is now: the endpoints that have not answered with success yet."""
    ids = [event["id"] for event in events]
    rows = Delivery.objects.filter(account=account, event__in=ids).exclude(state="done")
    left: dict[str, set[str]] = {}
    for event_id, url in rows.values_list("event", "url"):
        left.setdefault(event_id, set()).add(url)
    return [{**event, "pending_webhooks": len(left.get(event["id"], ()))} for event in events]


def all_events(account: Account, *, delivered: bool | None) -> list[dict[str, Any]]:
    """The newest first. delivered: only those whose every delivery succeeded, or those that wait or have failed."""
    if delivered is None:
        return all_of(account, "event")
    waiting = Delivery.objects.filter(account=account).exclude(state="done").values("event")
    found = Thing.objects.filter(account=account, kind="event")
    found = found.exclude(public_id__in=waiting) if delivered else found.filter(public_id__in=waiting)
    return list(found.order_by("-number").values_list("body", flat=True))


def release(account: Account, *, shuffled: bool, seed: int, order: list[str] | None = None) -> list[Delivery]:
    """Held deliveries become waiting ones; in the order in which they will go. order: ids of events, those alone."""
    held = list(Delivery.objects.filter(account=account, state="held").order_by("pk"))
    if order is not None:
        held = [each for event_id in order for each in held if each.event == event_id]
    elif shuffled:
        random.Random(seed).shuffle(held)
    for number, delivery in enumerate(held):
        delivery.state, delivery.next_at = "waiting", time.time() + number * 1e-3
        delivery.save(update_fields=["state", "next_at"])
    transaction.on_commit(wake.set)
    return held


def send_again(account: Account, event_id: str) -> int:
    """Once more to every endpoint, by the usual way; to how many. Source: the Dashboard's "Resend"."""
    endpoints = all_of(account, "webhook_endpoint")
    for endpoint in endpoints:
        Delivery.objects.create(
            account=account, event=event_id, url=endpoint["url"], secret=endpoint["_secret"], state="waiting"
        )
    transaction.on_commit(wake.set)
    return len(endpoints)


def _wants(endpoint: dict[str, Any], kind: str) -> bool:
    return endpoint["status"] == "enabled" and is_one_of(kind, endpoint["enabled_events"])
