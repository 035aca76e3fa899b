"""The routes of the API, and what goes for all of them: keys, idempotency, pages. Source: docs.stripe.com/api."""

import hashlib
import json
import re
import secrets
import time
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from billing.devstripe.errors import Refusal, invalid, unauthorised
from billing.devstripe.events import API_VERSION, public
from billing.devstripe.expansion import expand
from billing.devstripe.models import Account, Answer
from billing.devstripe.params import check, read_form
from billing.devstripe.store import LOCK, listed

KEY_PREFIX = "sk_test_devstripe_"
Handler = Callable[..., Any]
_ROUTES: list[tuple[str, re.Pattern[str], dict[str, Any], Handler]] = []


def route(method: str, path: str, spec: dict[str, Any] | None = None) -> Callable[[Handler], Handler]:
    pattern = re.compile("/v1/" + re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path) + r"\Z")

    def add(handler: Handler) -> Handler:
        _ROUTES.append((method, pattern, {**(spec or {}), "expand": [str]}, handler))
        return handler

    return add


@csrf_exempt
def answer(request: HttpRequest) -> HttpResponse:
    """One request: in one transaction, under the process's lock."""
    started = time.time()
    try:
        account = account_of(request)
        _fail_on_purpose(account)
        status, body = _answered(account, request)
    except Refusal as refusal:
        status, body = refusal.status, json.dumps(refusal.as_json())
    response = HttpResponse(body, status=status, content_type="application/json")
    response.headers["Request-Id"] = f"req_{secrets.token_hex(7)}"
    response.headers["Stripe-Version"] = API_VERSION
    response.headers["Server-Timing"] = f"app;dur={(time.time() - started) * 1000:.1f}"
    key = request.headers.get("Idempotency-Key")
    if key:
        response.headers["Idempotency-Key"] = key[:255].encode("ascii", "replace").decode()
    return response


def account_of(request: HttpRequest) -> Account:
    """By the secret key; made when it is first seen. Raises Refusal 401 for keys of the real Stripe."""
    given = request.headers.get("Authorization", "")
    key = given.removeprefix("Bearer ").strip()
    if re.match(r"[a-z]k_live_", key):
        raise unauthorised(
            "This is the local stand-in: it must never be given a live key. No money moves here."
        )
    if not key.startswith(KEY_PREFIX) or len(key) > 200:
        raise unauthorised("Invalid API Key provided.")
    with LOCK:
        account, _made = Account.objects.get_or_create(key=key)
    base = f"{request.scheme}://{request.get_host()}"
    if account.settings.get("base") != base:
        account.settings["base"] = base
        with LOCK:
            account.save(update_fields=["settings"])
    return account


def _answered(account: Account, request: HttpRequest) -> tuple[int, str]:
    try:
        text = request.body.decode() if request.method == "POST" else request.META.get("QUERY_STRING", "")
    except UnicodeDecodeError:
        raise invalid("The request body could not be read as form data.")
    key = request.headers.get("Idempotency-Key", "") if request.method == "POST" else ""
    if len(key) > 255:
        raise invalid("Keys for idempotent requests can only be up to 255 characters long.")
    fingerprint = hashlib.sha256(f"{request.path}\n{text}".encode()).hexdigest()
    with LOCK:
        if key:
            before = Answer.objects.filter(account=account, key=key).first()
            if before is not None:
                return _replayed(before, fingerprint)
        status, body = _carried_out(account, request, text)
        # A request that was refused before it began to do anything may be tried again under its key.
        if key and status not in (400, 401, 404):
            Answer.objects.create(account=account, key=key, fingerprint=fingerprint, status=status, body=body)
        return status, body


def _carried_out(account: Account, request: HttpRequest, text: str) -> tuple[int, str]:
    try:
        with transaction.atomic():
            found = _dispatch(account, request, read_form(text))
        return 200, json.dumps(public(found), ensure_ascii=False)
    except Refusal as refusal:
        return refusal.status, json.dumps(refusal.as_json(), ensure_ascii=False)


def _replayed(before: Answer, fingerprint: str) -> tuple[int, str]:
    if before.fingerprint != fingerprint:
        raise Refusal(
            400,
            "idempotency_error",
            "Keys for idempotent requests can only be used with the same parameters they were first used with.",
        )
    return before.status, before.body


def _dispatch(account: Account, request: HttpRequest, given: dict[str, Any]) -> Any:
    for method, pattern, spec, handler in _ROUTES:
        found = pattern.match(request.path)
        if found and method == request.method:
            values = check(given, spec)
            paths = values.pop("expand", [])
            result = handler(account, values, **found.groupdict())
            return expand(account, result, paths)
    raise Refusal(
        404, "invalid_request_error", f"Unrecognized request URL ({request.method}: {request.path})."
    )


def _fail_on_purpose(account: Account) -> None:
    """An outage that somebody asked for."""
    wish = account.settings.pop("fail_next", None)
    if not wish:
        return
    left = wish.get("times", 1) - 1
    if left > 0:
        account.settings["fail_next"] = {**wish, "times": left}
    with LOCK:
        account.save(update_fields=["settings"])
    time.sleep(min(float(wish.get("hang_seconds", 0)), 60))
    if wish.get("status"):
        raise Refusal(int(wish["status"]), "api_error", "An outage that was asked for.")


def page(given: dict[str, Any], url: str, found: list[dict[str, Any]]) -> dict[str, Any]:
    """found: the newest first. Source: docs.stripe.com/api/pagination."""
    limit = given.get("limit") or 10
    if not 1 <= limit <= 100:
        raise invalid("Limit must be between 1 and 100.", param="limit")
    created = given.get("created")
    if isinstance(created, dict):
        for name, bound in created.items():
            found = [each for each in found if _compare(each["created"], name, int(bound))]
    ids = [each["id"] for each in found]
    for name in ("starting_after", "ending_before"):
        if given.get(name) and given[name] not in ids:
            raise invalid(f"No such object: '{given[name]}'", param=name, code="resource_missing")
    if given.get("ending_before"):
        before = found[: ids.index(given["ending_before"])]
        return listed(url, before[-limit:], has_more=len(before) > limit)
    start = ids.index(given["starting_after"]) + 1 if given.get("starting_after") else 0
    return listed(url, found[start : start + limit], has_more=len(found) > start + limit)


def _compare(value: int, name: str, bound: int) -> bool:
    return {"gt": value > bound, "gte": value >= bound, "lt": value < bound, "lte": value <= bound}.get(
        name, True
    )
