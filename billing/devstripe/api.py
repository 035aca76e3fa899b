"""The routes of the API, and what goes for all of them: keys, idempotency, pages. Source: docs.stripe.com/api."""

import contextlib
import hashlib
import json
import logging
import re
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import RequestDataTooBig
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
_CHUNK = 64 * 1024
MOST_DRAINED = 32 * 1024 * 1024
Handler = Callable[..., Any]
_ROUTES: list[tuple[str, re.Pattern[str], dict[str, Any], Handler]] = []
_CLAIMS = threading.Lock()
_claimed: set[tuple[str, str]] = set()
# What a fault of the stand-in's own raises: it is answered as Stripe answers its faults, and logged.
_DEFECTS = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError)
log = logging.getLogger(__name__)


@dataclass
class _Begun:
    """Whether an endpoint has started executing."""

    yes: bool = False


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
    replayed = False
    try:
        account = account_of(request)
        status, body, replayed = _answered(account, request)
    except Refusal as refusal:
        status, body = refusal.status, json.dumps(refusal.as_json())
    response = HttpResponse(body, status=status, content_type="application/json")
    response.headers["Request-Id"] = f"req_{secrets.token_hex(7)}"
    response.headers["Stripe-Version"] = API_VERSION
    response.headers["Server-Timing"] = f"app;dur={(time.time() - started) * 1000:.1f}"
    key = request.headers.get("Idempotency-Key")
    if key:
        response.headers["Idempotency-Key"] = key[:255].encode("ascii", "replace").decode()
    if replayed:
        response.headers["Idempotent-Replayed"] = "true"
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
    version = request.headers.get("Stripe-Version", API_VERSION)
    if version != API_VERSION:
        raise invalid(f"Invalid Stripe API version: {version}. This stand-in speaks {API_VERSION} alone.")
    base = f"{request.scheme}://{request.get_host()}"
    with LOCK:
        account, _made = Account.objects.get_or_create(key=key)
        if account.settings.get("base") != base:
            account.settings["base"] = base
            account.save(update_fields=["settings"])
    return account


def _answered(account: Account, request: HttpRequest) -> tuple[int, str, bool]:
    """(status, body, whether it is the answer of an earlier request)."""
    text = _text_of(request)
    key = request.headers.get("Idempotency-Key", "") if request.method == "POST" else ""
    if len(key) > 255:
        raise invalid("Keys for idempotent requests can only be up to 255 characters long.")
    fingerprint = hashlib.sha256(f"{request.path}\n{text}".encode()).hexdigest()
    if not key:
        return *_carried_out(account, request, text, None), False
    with _claim(account.key, key):
        before = Answer.objects.filter(account=account, key=key).first()
        if before is not None:
            return *_replayed(before, fingerprint), True
        kept = Answer(account=account, key=key, fingerprint=fingerprint)
        return *_carried_out(account, request, text, kept), False


def _text_of(request: HttpRequest) -> str:
    if request.method != "POST":
        return str(request.META.get("QUERY_STRING", ""))
    try:
        return body_of(request).decode()
    except UnicodeDecodeError:
        raise invalid("The request body could not be read as form data.")


def body_of(request: HttpRequest) -> bytes:
    """Raises Refusal 413. What is too large is read all the same, so that the sender comes to hear why."""
    try:
        return request.body
    except RequestDataTooBig:
        for _chunk in range(MOST_DRAINED // _CHUNK):
            if not request.META["wsgi.input"].read(_CHUNK):
                break
        raise Refusal(413, "invalid_request_error", "The request body is too large.")


@contextlib.contextmanager
def _claim(account_key: str, key: str) -> Iterator[None]:
    """Raises Refusal 409 while another request with this key is on its way (docs.stripe.com/error-codes)."""
    claim = (account_key, key)
    with _CLAIMS:
        if claim in _claimed:
            message = "There is currently another in-progress request using this Idempotent Key."
            raise Refusal(409, "invalid_request_error", message, code="idempotency_key_in_use")
        _claimed.add(claim)
    try:
        yield
    finally:
        with _CLAIMS:
            _claimed.discard(claim)


def _carried_out(account: Account, request: HttpRequest, text: str, kept: Answer | None) -> tuple[int, str]:
    """kept: where the answer is remembered, in the transaction of what it tells of.

    "Results are only saved if an endpoint started executing" (docs.stripe.com/api/idempotent_requests): what is wrong
    with the parameters is not kept, everything that comes later is, the 500s too.
    """
    begun = _Begun()
    try:
        _fail_on_purpose(account, begun)
        with LOCK, transaction.atomic():
            account.refresh_from_db()
            try:
                found = _dispatch(account, request, read_form(text), begun)
                status, body = 200, json.dumps(public(found), ensure_ascii=False)
            except Refusal as refusal:
                if not refusal.keeps:
                    raise
                status, body = _told(refusal)
            _remember(kept, status, body)
            return status, body
    except Refusal as refusal:
        status, body = _told(refusal)
    except _DEFECTS:
        log.exception("%s %s", request.method, request.path)
        status, body = _told(Refusal(500, "api_error", "The stand-in has a fault here; see its log."))
    if begun.yes:
        with LOCK:
            _remember(kept, status, body)
    return status, body


def _told(refusal: Refusal) -> tuple[int, str]:
    return refusal.status, json.dumps(refusal.as_json(), ensure_ascii=False)


def _remember(kept: Answer | None, status: int, body: str) -> None:
    if kept is not None:
        kept.status, kept.body = status, body
        kept.save(force_insert=True)


def _replayed(before: Answer, fingerprint: str) -> tuple[int, str]:
    if before.fingerprint != fingerprint:
        raise Refusal(
            400,
            "idempotency_error",
            "Keys for idempotent requests can only be used with the same parameters they were first used with.",
        )
    return before.status, before.body


def _dispatch(account: Account, request: HttpRequest, given: dict[str, Any], begun: _Begun) -> Any:
    for method, pattern, spec, handler in _ROUTES:
        found = pattern.match(request.path)
        if found and method == request.method:
            values = check(given, spec)
            paths = values.pop("expand", [])
            begun.yes = True
            result = handler(account, values, **found.groupdict())
            return expand(account, result, paths)
    raise Refusal(
        404, "invalid_request_error", f"Unrecognized request URL ({request.method}: {request.path})."
    )


def _fail_on_purpose(account: Account, begun: _Begun) -> None:
    """An outage that somebody asked for; `saved`: one that strikes while the endpoint is at work already."""
    with LOCK:
        account.refresh_from_db()
        wish = account.settings.pop("fail_next", None)
        if not wish:
            return
        left = wish.get("times", 1) - 1
        if left > 0:
            account.settings["fail_next"] = {**wish, "times": left}
        account.save(update_fields=["settings"])
    time.sleep(min(float(wish.get("hang_seconds", 0)), 60))
    if wish.get("status"):
        begun.yes = bool(wish.get("saved"))
        raise Refusal(int(wish["status"]), "api_error", "An outage that was asked for.")


def page(given: dict[str, Any], url: str, found: list[dict[str, Any]]) -> dict[str, Any]:
    """found: the newest first. Source: docs.stripe.com/api/pagination."""
    limit = 10 if given.get("limit") in (None, "") else given["limit"]
    if not 1 <= limit <= 100:
        raise invalid("Limit must be between 1 and 100.", param="limit")
    for name, bound in (given.get("created") or {}).items():
        found = [each for each in found if _compare(each["created"], name, bound)]
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
    """name: one of params.Range's."""
    return {"gt": value > bound, "gte": value >= bound, "lt": value < bound, "lte": value <= bound}[name]
