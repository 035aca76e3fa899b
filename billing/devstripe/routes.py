"""Every route of the API, by resource. `api` says what goes for all of them."""

import secrets
import time
from typing import Any

from django.db import transaction

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
from billing.devstripe.api import Handler, page, route
from billing.devstripe.calendar import now_for
from billing.devstripe.errors import invalid
from billing.devstripe.events import changed, list_undelivered
from billing.devstripe.invoices import finalize, mark_uncollectible, void
from billing.devstripe.models import Account
from billing.devstripe.params import Anything, Metadata, need
from billing.devstripe.store import all_of, find, get, put, remove, shape

_PAGE = {"limit": int, "starting_after": str, "ending_before": str, "expand": [str], "created": Anything}


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
