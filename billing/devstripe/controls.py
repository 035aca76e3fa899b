"""What only the stand-in has: disturbing deliveries on purpose, filling Checkout without a browser, outages.

Under /devstripe/, JSON, with the same key as the API.
"""

import json
import re
import time
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from billing.devstripe import checkout, delivery, disputes, events
from billing.devstripe.api import account_of, body_of
from billing.devstripe.errors import Refusal, invalid
from billing.devstripe.events import DELIVERY_MODES
from billing.devstripe.models import Account, Answer, Delivery, Thing
from billing.devstripe.store import LOCK, all_of


@csrf_exempt
def control(request: HttpRequest, what: str) -> HttpResponse:
    """One command. Refusals have the API's shape."""
    try:
        account = account_of(request)
        given = json.loads(body_of(request) or b"{}") if request.method == "POST" else request.GET.dict()
        if not isinstance(given, dict):
            raise invalid("A command takes a JSON object.")
        if parts := re.fullmatch(r"checkout/([^/]+)/complete", what):
            what, given = "complete", {**given, "session": parts[1]}
        command = COMMANDS.get(what)
        if command is None or (request.method != "POST" and what not in _READING):
            raise Refusal(404, "invalid_request_error", f"No such command: {request.method} {what}")
        with LOCK, transaction.atomic():
            account.refresh_from_db()
            told = command(account, given)
        # What is sent by hand goes out without the lock: who receives it may ask us something.
        return JsonResponse(told() if callable(told) else told)
    except (json.JSONDecodeError, UnicodeDecodeError):
        return JsonResponse({"error": {"type": "invalid_request_error", "message": "No JSON."}}, status=400)
    except (TypeError, ValueError):
        return JsonResponse(invalid("A value is of the wrong kind.").as_json(), status=400)
    except Refusal as refusal:
        return JsonResponse(refusal.as_json(), status=refusal.status)


def set_delivery(account: Account, given: dict[str, Any]) -> dict[str, Any]:
    """{mode}: normal; hold and shuffle keep deliveries until `deliver`; drop loses them; double sends two.

    {seed}: of the order in which shuffled ones go, unless `deliver` brings its own.
    """
    if given.get("mode") not in DELIVERY_MODES:
        raise invalid(f"mode must be one of {', '.join(DELIVERY_MODES)}", param="mode")
    account.settings["delivery"], account.settings["seed"] = given["mode"], int(given.get("seed", 0))
    account.save(update_fields=["settings"])
    return {"mode": given["mode"]}


def deliver(account: Account, given: dict[str, Any]) -> dict[str, Any] | Callable[[], dict[str, Any]]:
    """{} sends what is held, {seed} in a random order, {events} these in this order; {event} one event once more.

    With {age_seconds} or {wrong_signature} the signature of that one is long past or a stranger's.
    """
    if given.get("event"):
        return _by_hand(account, given)
    shuffled = "seed" in given or account.settings.get("delivery") == "shuffle"
    seed = int(given.get("seed", account.settings.get("seed", 0)))
    sent = events.release(account, shuffled=shuffled, seed=seed, order=given.get("events"))
    return {"sent": [each.event for each in sent]}


def _by_hand(account: Account, given: dict[str, Any]) -> Callable[[], dict[str, Any]]:
    endpoint = next(iter(all_of(account, "webhook_endpoint")), None)
    payload = events.payload_of(account, str(given["event"]))
    if endpoint is None or payload is None:
        raise invalid("There is no such event, or nowhere to send it.", param="event")
    secret = "whsec_of_a_stranger" if given.get("wrong_signature") else endpoint["_secret"]
    signature = events.sign(payload, secret, int(time.time()) - int(given.get("age_seconds", 0)))
    url, host = endpoint["url"], delivery.host_for(account.key)
    return lambda: {"answer": delivery.post(url, payload, signature, host=host)[0]}


def signed(account: Account, given: dict[str, Any]) -> dict[str, Any]:
    """Every event so far with its signature, the oldest first, for whoever delivers by hand. {secret}, {after}."""
    found = list(reversed(all_of(account, "event")))
    ids = [event["id"] for event in found]
    start = ids.index(given["after"]) + 1 if given.get("after") in ids else 0
    parcels = []
    for event in found[start:]:
        payload = json.dumps(events.public(event), ensure_ascii=False)
        signature = events.sign(payload, given.get("secret", ""), int(time.time()))
        parcels.append({"id": event["id"], "type": event["type"], "payload": payload, "signature": signature})
    return {"parcels": parcels}


def deliveries(account: Account, given: dict[str, Any]) -> dict[str, Any]:
    """Every delivery with its state, the oldest first."""
    rows = Delivery.objects.filter(account=account).order_by("pk")
    return {"deliveries": list(rows.values("event", "url", "state", "attempts", "answer"))}


def settings(account: Account, given: dict[str, Any]) -> dict[str, Any]:
    """{after_retries}: cancel, unpaid or past_due."""
    if given.get("after_retries") not in ("cancel", "unpaid", "past_due"):
        raise invalid("after_retries must be cancel, unpaid or past_due", param="after_retries")
    account.settings["after_retries"] = given["after_retries"]
    account.save(update_fields=["settings"])
    return {"after_retries": given["after_retries"]}


def reset(account: Account, given: dict[str, Any]) -> dict[str, Any]:
    """Everything of this key is gone."""
    for model in (Delivery, Answer, Thing):
        model.objects.filter(account=account).delete()
    account.settings = {}
    account.save(update_fields=["settings"])
    return {}


def complete(account: Account, given: dict[str, Any]) -> dict[str, Any]:
    """{session, card}: what the Checkout page does with this card number."""
    session = checkout.complete(
        account,
        str(given.get("session")),
        str(given.get("card", "4242424242424242")),
        authenticated=bool(given.get("authenticated")),
    )
    return events.public(session)  # type: ignore[no-any-return]


def dispute(account: Account, given: dict[str, Any]) -> dict[str, Any]:
    """{invoice} or {charge}, {reason}, {amount}: the cardholder's bank takes a payment back."""
    return events.public(disputes.dispute_payment(account, given))  # type: ignore[no-any-return]


def fail_next(account: Account, given: dict[str, Any]) -> dict[str, Any]:
    """{status, times, hang_seconds, saved}: the next requests to the API fail, or hang first.

    saved: the failure strikes while the endpoint is at work, so that it is remembered under the idempotency key.
    """
    wish: dict[str, Any] = {}
    for name in ("status", "times"):
        if name in given:
            wish[name] = int(given[name])
    if "hang_seconds" in given:
        wish["hang_seconds"] = float(given["hang_seconds"])
    wish["saved"] = bool(given.get("saved"))
    account.settings["fail_next"] = wish
    account.save(update_fields=["settings"])
    return {}


Command = Callable[[Account, dict[str, Any]], dict[str, Any] | Callable[[], dict[str, Any]]]
_READING = ("deliveries", "signed")
COMMANDS: dict[str, Command] = {
    "delivery": set_delivery,
    "deliver": deliver,
    "signed": signed,
    "deliveries": deliveries,
    "settings": settings,
    "reset": reset,
    "complete": complete,
    "fail_next": fail_next,
    "dispute": dispute,
}
