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

from billing.devstripe import (
    catalog,
    checkout,
    clocks,
    customers,
    payments,
    previews,
    schedules,
    subscriptions,
)
from billing.devstripe.calendar import now_for
from billing.devstripe.errors import Refusal, invalid, unauthorised
from billing.devstripe.events import API_VERSION, changed, list_undelivered, public
from billing.devstripe.expansion import expand
from billing.devstripe.invoices import finalize, mark_uncollectible, void
from billing.devstripe.models import Account, Answer
from billing.devstripe.params import Anything, Metadata, check, need, read_form
from billing.devstripe.store import LOCK, all_of, find, get, listed, put, remove, shape

KEY_PREFIX = "sk_test_devstripe_"
_PAGE = {"limit": int, "starting_after": str, "ending_before": str, "expand": [str], "created": Anything}
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


def _resource(path: str, kind: str, list_spec: dict[str, Any]) -> None:
    """Reading one and listing many."""

    @route("GET", path, {**_PAGE, **list_spec})
    def list_them(account: Account, given: dict[str, Any]) -> Any:
        where = {name: value for name, value in given.items() if name in list_spec}
        return page(given, f"/v1/{path}", all_of(account, kind, **where))

    @route("GET", f"{path}/{{object_id}}")
    def read_one(account: Account, given: dict[str, Any], object_id: str) -> Any:
        return get(account, kind, object_id)


def _simple(method: str, path: str, spec: dict[str, Any], function: Handler) -> None:
    @route(method, path, spec)
    def call(account: Account, given: dict[str, Any], **ids: str) -> Any:
        return (
            function(account, *ids.values(), given)
            if spec or method == "POST"
            else function(account, *ids.values())
        )


@route("GET", "events", {**_PAGE, "delivery_success": bool, "types": [str], "type": str})
def list_events(account: Account, given: dict[str, Any]) -> Any:
    found = all_of(account, "event")
    kinds = given.get("types") or ([given["type"]] if given.get("type") else [])
    if kinds:
        found = [event for event in found if event["type"] in kinds]
    if "delivery_success" in given:
        found = list_undelivered(account, found, given["delivery_success"])
    return page(given, "/v1/events", found)


@route("GET", "prices", {**_PAGE, "lookup_keys": [str], "active": bool, "product": str, "currency": str})
def list_prices(account: Account, given: dict[str, Any]) -> Any:
    where = {name: given[name] for name in ("active", "product", "currency") if name in given}
    found = all_of(account, "price", **where)
    if given.get("lookup_keys"):
        found = [price for price in found if price["lookup_key"] in given["lookup_keys"]]
    return page(given, "/v1/prices", found)


@route("GET", "subscriptions", {**_PAGE, "customer": str, "status": str, "price": str})
def list_subscriptions(account: Account, given: dict[str, Any]) -> Any:
    """Without a status all that are not over; source: docs.stripe.com/api/subscriptions/list."""
    where = {"customer": given["customer"]} if given.get("customer") else {}
    found = all_of(account, "subscription", **where)
    status = given.get("status")
    if status not in ("all", None, ""):
        found = [each for each in found if each["status"] == status]
    elif not status:
        found = [each for each in found if each["status"] not in ("canceled", "incomplete_expired")]
    return page(given, "/v1/subscriptions", found)


@route("POST", "subscriptions/{object_id}", subscriptions.UPDATE)
def update_subscription(account: Account, given: dict[str, Any], object_id: str) -> Any:
    return subscriptions.update(account, object_id, given)


@route("DELETE", "subscriptions/{object_id}", {"invoice_now": bool, "prorate": bool})
def cancel_subscription(account: Account, given: dict[str, Any], object_id: str) -> Any:
    found = get(account, "subscription", object_id)
    at = now_for(account, found["customer"])
    return subscriptions.cancel(account, found, at, reason="cancellation_requested")


@route("GET", "invoices", {**_PAGE, "customer": str, "subscription": str, "status": str})
def list_invoices(account: Account, given: dict[str, Any]) -> Any:
    where = {name: given[name] for name in ("customer", "status") if given.get(name)}
    found = all_of(account, "invoice", **where)
    if given.get("subscription"):
        found = [each for each in found if subscription_of(each) == given["subscription"]]
    return page(given, "/v1/invoices", [_short(each) for each in found])


@route("POST", "invoices/create_preview", previews.PREVIEW)
def preview(account: Account, given: dict[str, Any]) -> Any:
    return previews.create_preview(account, given)


@route("POST", "invoices/{object_id}/pay", {"off_session": bool, "payment_method": str})
def pay_invoice(account: Account, given: dict[str, Any], object_id: str) -> Any:
    """By hand: no automatic attempt. Raises Refusal 402 when the card is refused; the attempt stays known."""
    invoice = get(account, "invoice", object_id)
    if invoice["status"] == "paid":
        raise invalid("Invoice is already paid", code="invoice_already_paid")
    if invoice["status"] not in ("draft", "open"):
        raise invalid(f"Invoices with status {invoice['status']} cannot be paid.")
    at = now_for(account, invoice["customer"])
    if invoice["status"] == "draft":
        invoice = finalize(account, invoice, at)
    subscription = find(account, "subscription", subscription_of(invoice))
    with transaction.atomic():
        refusal = payments.try_to_pay(account, invoice, subscription, at, automatic=False)
        invoice = get(account, "invoice", object_id)
        subscriptions.follow_payment(account, invoice, at, refusal=refusal)
    if refusal:
        # The attempt must outlive the refusal: it is told once the transaction is kept.
        transaction.on_commit(lambda: payments.refuse_unpaid(refusal))
    return invoice


@route("POST", "invoices/{object_id}/finalize", {"auto_advance": bool})
def finalize_invoice(account: Account, given: dict[str, Any], object_id: str) -> Any:
    invoice = get(account, "invoice", object_id)
    return finalize(account, invoice, now_for(account, invoice["customer"]))


@route("POST", "invoices/{object_id}/void")
def void_invoice(account: Account, given: dict[str, Any], object_id: str) -> Any:
    invoice = get(account, "invoice", object_id)
    return void(account, invoice, now_for(account, invoice["customer"]))


@route("POST", "invoices/{object_id}/mark_uncollectible")
def give_up_invoice(account: Account, given: dict[str, Any], object_id: str) -> Any:
    invoice = get(account, "invoice", object_id)
    return mark_uncollectible(account, invoice, now_for(account, invoice["customer"]))


@route("GET", "invoices/{object_id}/lines", _PAGE)
def invoice_lines(account: Account, given: dict[str, Any], object_id: str) -> Any:
    lines = get(account, "invoice", object_id)["lines"]["data"]
    return page({**given, "created": None}, f"/v1/invoices/{object_id}/lines", lines)


@route("GET", "invoice_payments", {**_PAGE, "invoice": str, "status": str})
def list_invoice_payments(account: Account, given: dict[str, Any]) -> Any:
    where = {name: given[name] for name in ("invoice", "status") if given.get(name)}
    return page(given, "/v1/invoice_payments", all_of(account, "invoice_payment", **where))


@route(
    "POST",
    "webhook_endpoints",
    {"url": str, "enabled_events": [str], "description": str, "metadata": Metadata},
)
def create_endpoint(account: Account, given: dict[str, Any]) -> Any:
    """The one answer that holds the secret."""
    need(given, "url", "enabled_events")
    made = shape(
        "webhook_endpoint",
        created=int(time.time()),
        enabled_events=given["enabled_events"],
        metadata=given.get("metadata", {}),
        status="enabled",
        url=given["url"],
        _secret=f"whsec_{secrets.token_hex(16)}",
    )
    put(account, made)
    return {**made, "secret": made["_secret"]}


@route("DELETE", "webhook_endpoints/{object_id}")
def delete_endpoint(account: Account, given: dict[str, Any], object_id: str) -> Any:
    get(account, "webhook_endpoint", object_id)
    remove(account, "webhook_endpoint", object_id)
    return {"id": object_id, "object": "webhook_endpoint", "deleted": True}


@route("DELETE", "test_helpers/test_clocks/{object_id}")
def delete_clock(account: Account, given: dict[str, Any], object_id: str) -> Any:
    """Its customers go with it."""
    get(account, "test_helpers.test_clock", object_id)
    for customer in all_of(account, "customer", test_clock=object_id):
        customers.delete_customer(account, customer["id"])
    remove(account, "test_helpers.test_clock", object_id)
    return {"id": object_id, "object": "test_helpers.test_clock", "deleted": True}


@route(
    "POST", "subscriptions/{object_id}/resume", {"billing_cycle_anchor": Anything, "proration_behavior": str}
)
def resume_subscription(account: Account, given: dict[str, Any], object_id: str) -> Any:
    before = get(account, "subscription", object_id)
    if before["status"] != "paused":
        raise invalid("Only a paused subscription can be resumed.")
    after = put(account, {**before, "status": "active"})
    changed(account, "customer.subscription.resumed", before, after)
    return after


def subscription_of(invoice: dict[str, Any]) -> str:
    details = (invoice["parent"] or {}).get("subscription_details") or {}
    return details.get("subscription") or ""


def _short(invoice: dict[str, Any]) -> dict[str, Any]:
    """The first ten lines, as Stripe sends them with an invoice."""
    lines = invoice["lines"]
    if len(lines["data"]) <= 10:
        return invoice
    return {**invoice, "lines": {**lines, "data": lines["data"][:10], "has_more": True}}


_simple("POST", "products", catalog.PRODUCT, catalog.create_product)
_simple("POST", "products/{object_id}", catalog.PRODUCT, catalog.update_product)
_simple("POST", "prices", catalog.PRICE, catalog.create_price)
_simple("POST", "prices/{object_id}", catalog.PRICE_UPDATE, catalog.update_price)
_simple("POST", "coupons", catalog.COUPON, catalog.create_coupon)
_simple("DELETE", "coupons/{object_id}", {}, catalog.delete_coupon)
_simple("POST", "tax_rates", catalog.TAX_RATE, catalog.create_tax_rate)
_simple("POST", "tax_rates/{object_id}", catalog.TAX_RATE, catalog.update_tax_rate)
_simple("POST", "customers", customers.CUSTOMER, customers.create_customer)
_simple("POST", "customers/{object_id}", customers.CUSTOMER, customers.update_customer)
_simple("DELETE", "customers/{object_id}", {}, customers.delete_customer)
_simple("POST", "customers/{customer_id}/tax_ids", customers.TAX_ID, customers.create_tax_id)
_simple("GET", "customers/{customer_id}/tax_ids", {}, customers.list_tax_ids)
_simple("DELETE", "customers/{customer_id}/tax_ids/{object_id}", {}, customers.delete_tax_id)
_simple("DELETE", "payment_methods/{object_id}/detach", {}, customers.detach)
_simple("POST", "subscriptions", subscriptions.CREATE, subscriptions.create)
_simple("POST", "subscription_schedules", schedules.CREATE, schedules.create)
_simple("POST", "subscription_schedules/{object_id}", schedules.UPDATE, schedules.update)
_simple("POST", "checkout/sessions", checkout.SESSION, checkout.create_session)
_simple("POST", "billing_portal/sessions", checkout.PORTAL, checkout.create_portal)
_simple("POST", "refunds", payments.REFUND, payments.create_refund)
_simple("POST", "test_helpers/test_clocks", clocks.CLOCK, clocks.create_clock)
_simple("POST", "test_helpers/test_clocks/{object_id}/advance", clocks.ADVANCE, clocks.advance)


@route("POST", "payment_methods/{object_id}/attach", {"customer": str})
def attach_card(account: Account, given: dict[str, Any], object_id: str) -> Any:
    need(given, "customer")
    get(account, "customer", given["customer"], param="customer")
    return customers.attach(account, object_id, given["customer"])


@route("POST", "payment_methods/{object_id}/detach")
def detach_card(account: Account, given: dict[str, Any], object_id: str) -> Any:
    return customers.detach(account, object_id)


@route("POST", "subscription_schedules/{object_id}/release", {"preserve_cancel_date": bool})
def release_schedule(account: Account, given: dict[str, Any], object_id: str) -> Any:
    return schedules.release(account, object_id)


@route("POST", "checkout/sessions/{object_id}/expire")
def expire_session(account: Account, given: dict[str, Any], object_id: str) -> Any:
    return checkout.expire(account, object_id)


for _path, _kind, _spec in (
    ("customers", "customer", {"email": str, "test_clock": str}),
    ("products", "product", {"active": bool}),
    ("prices", "price", {}),
    ("coupons", "coupon", {}),
    ("tax_rates", "tax_rate", {"active": bool, "inclusive": bool}),
    ("checkout/sessions", "checkout.session", {"customer": str, "subscription": str}),
    ("setup_intents", "setup_intent", {"customer": str}),
    ("payment_intents", "payment_intent", {"customer": str}),
    ("charges", "charge", {"customer": str, "payment_intent": str}),
    ("payment_methods", "payment_method", {"customer": str, "type": str}),
    ("subscriptions", "subscription", {}),
    ("subscription_schedules", "subscription_schedule", {"customer": str}),
    ("invoices", "invoice", {}),
    ("invoiceitems", "invoiceitem", {"customer": str}),
    ("refunds", "refund", {"charge": str, "payment_intent": str}),
    ("events", "event", {}),
    ("webhook_endpoints", "webhook_endpoint", {}),
    ("test_helpers/test_clocks", "test_helpers.test_clock", {}),
):
    _resource(_path, _kind, _spec)
