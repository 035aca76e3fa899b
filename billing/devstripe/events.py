"""Events and their delivery. Source: docs.stripe.com/webhooks, docs.stripe.com/api/events.

Differences: retries come within a minute instead of three days; deliveries can be held, dropped, doubled or shuffled.
"""

import hashlib
import hmac
import json
import logging
import random
import threading
import time
import urllib.error
import urllib.request
from copy import deepcopy
from typing import Any

from django.db import DatabaseError, connection, transaction

from billing.devstripe.calendar import now_for
from billing.devstripe.models import Account, Delivery
from billing.devstripe.store import LOCK, all_of, find, listed, put, shape

API_VERSION = "2026-10-28.endive"
_RETRY_SECONDS = (1, 3, 8, 20, 30)
_TIMEOUT_SECONDS = 10
log = logging.getLogger(__name__)
wake = threading.Event()


def emit(account: Account, kind: str, body: dict[str, Any], previous: dict[str, Any] | None = None) -> None:
    """An event with the object as it is now, on its way to every endpoint that wants it."""
    customer = body["id"] if body["object"] == "customer" else body.get("customer") or ""
    data: dict[str, Any] = {"object": public(body)}
    if previous is not None:
        data["previous_attributes"] = previous
    event = shape(
        "event",
        api_version=API_VERSION,
        created=now_for(account, customer if isinstance(customer, str) else ""),
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


def changed(account: Account, kind: str, before: dict[str, Any], after: dict[str, Any]) -> None:
    """An update's event, with what was different before."""
    previous = {
        name: before.get(name)
        for name in after
        if public_value(before.get(name)) != public_value(after[name])
    }
    emit(account, kind, after, {name: value for name, value in previous.items() if not name.startswith("_")})


def public(body: Any) -> Any:
    """Without what is ours alone."""
    if isinstance(body, dict):
        return {name: public(value) for name, value in body.items() if not name.startswith("_")}
    if isinstance(body, list):
        return [public(each) for each in body]
    return body


def public_value(value: Any) -> Any:
    return public(deepcopy(value))


def sign(payload: str, secret: str, at: int) -> str:
    """Source: docs.stripe.com/webhooks, "Verify manually"."""
    digest = hmac.new(secret.encode(), f"{at}.{payload}".encode(), hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


def payload_of(account: Account, event_id: str) -> str:
    event = find(account, "event", event_id)
    return json.dumps(public(event), ensure_ascii=False)


def list_undelivered(account: Account, events: list[dict[str, Any]], wanted: bool) -> list[dict[str, Any]]:
    """Those whose every delivery succeeded (wanted) or not."""
    done: dict[str, bool] = {}
    for delivery in Delivery.objects.filter(account=account):
        done[delivery.event] = done.get(delivery.event, True) and delivery.state == "done"
    return [event for event in events if done.get(event["id"], True) == wanted]


def release(account: Account, *, shuffled: bool, seed: int) -> list[Delivery]:
    """Held deliveries become waiting ones, in order or not; in the order in which they will go."""
    held = list(Delivery.objects.filter(account=account, state="held").order_by("pk"))
    if shuffled:
        random.Random(seed).shuffle(held)
    for number, delivery in enumerate(held):
        delivery.state, delivery.next_at = "waiting", time.time() + number * 1e-3
        delivery.save(update_fields=["state", "next_at"])
    wake.set()
    return held


def deliver_forever(host: str) -> None:
    """The background thread. host: the Host header of deliveries, where it must differ from the address."""
    while True:
        wake.wait(timeout=0.5)
        wake.clear()
        try:
            while _deliver_next(host):
                pass
        except (DatabaseError, ValueError):
            log.exception("a delivery waits: its row could not be read or written")
            connection.close()


def _deliver_next(host: str) -> bool:
    with LOCK:
        due = Delivery.objects.filter(state="waiting", next_at__lte=time.time())
        delivery = due.select_related("account").order_by("next_at", "pk").first()
        if delivery is None:
            return False
        payload = payload_of(delivery.account, delivery.event)
    answer, done = post(delivery.url, payload, sign(payload, delivery.secret, int(time.time())), host)
    with LOCK:
        delivery.attempts += 1
        delivery.answer = answer[:200]
        if done:
            delivery.state = "done"
        elif delivery.attempts > len(_RETRY_SECONDS):
            delivery.state = "failed"
        else:
            delivery.next_at = time.time() + _RETRY_SECONDS[delivery.attempts - 1]
        delivery.save(update_fields=["attempts", "answer", "state", "next_at"])
    return True


def post(url: str, payload: str, signature: str, host: str = "") -> tuple[str, bool]:
    """(what was answered, whether it was a 2xx)."""
    headers = {"Content-Type": "application/json", "Stripe-Signature": signature, "User-Agent": "devstripe"}
    if host:
        headers["Host"] = host
    request = urllib.request.Request(url, payload.encode(), headers, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS) as answer:
            return str(answer.status), 200 <= answer.status < 300
    except urllib.error.HTTPError as error:
        return str(error.code), False
    except (OSError, ValueError) as error:
        return type(error).__name__, False


def _wants(endpoint: dict[str, Any], kind: str) -> bool:
    wanted = endpoint["enabled_events"]
    return endpoint["status"] == "enabled" and ("*" in wanted or kind in wanted)


def event_list(account: Account) -> dict[str, Any]:
    return listed("/v1/events", all_of(account, "event"))
