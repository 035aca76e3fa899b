"""Keeping resources as the JSON they are answered with, in the request's transaction, under the process's lock."""

import json
import secrets
import threading
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

from django.db.models import F

from billing.devstripe.errors import missing
from billing.devstripe.models import Account, Thing

LOCK = threading.RLock()
"""One request at a time: this is a stand-in for one developer's machine and for tests."""

_SHAPES = json.loads(Path(__file__).with_name("shapes.json").read_text(encoding="utf-8"))
_PREFIXES = {
    "customer": "cus", "tax_id": "txi", "payment_method": "pm", "product": "prod", "price": "price",
    "discount": "di", "tax_rate": "txr", "checkout.session": "cs_test", "setup_intent": "seti",
    "payment_intent": "pi", "charge": "ch", "refund": "re", "subscription": "sub", "subscription_item": "si",
    "subscription_schedule": "sub_sched", "invoice": "in", "line_item": "il", "invoiceitem": "ii",
    "invoice_payment": "inpay", "event": "evt", "billing_portal.session": "bps", "webhook_endpoint": "we",
    "test_helpers.test_clock": "clock", "customer_balance_transaction": "cbtxn", "coupon": "coup",
    "credit_note": "cn", "credit_note_line_item": "cnli", "dispute": "du",
}  # fmt: skip
_LETTERS = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ0123456789"
# kind → what time will do with such an object: seconds since 1970, or None. Filled by `clocks`.
due_of: dict[str, Callable[[dict[str, Any]], int | None]] = {}


def new_id(kind: str) -> str:
    return f"{_PREFIXES[kind]}_{''.join(secrets.choice(_LETTERS) for _ in range(24))}"


def shape(kind: str, **values: Any) -> dict[str, Any]:
    """An object of the kind with these fields; all others empty, as the API's reference lists them."""
    made = deepcopy(_SHAPES[kind])
    made.update(values)
    if "id" in made and not made["id"]:
        made["id"] = new_id(kind)
    return made


def put(account: Account, body: dict[str, Any]) -> dict[str, Any]:
    """Keep it, new or changed."""
    kind = body["object"]
    key = f"{account.key}:{kind}:{body['id']}"
    due = due_of[kind](body) if kind in due_of else None
    # A dispute names its charge alone, and still belongs to a customer.
    customer = body.get("customer") or body.get("_customer") or ""
    values = {
        "kind": kind,
        "public_id": body["id"],
        "customer": body["id"] if kind == "customer" else customer,
        "clock": clock_of(account, body),
        "due_at": due,
        "body": body,
    }
    if not Thing.objects.filter(pk=key).update(**values):
        Account.objects.filter(pk=account.pk).update(sequence=F("sequence") + 1)
        number = Account.objects.values_list("sequence", flat=True).get(pk=account.pk)
        Thing.objects.create(pk=key, account=account, number=number, **values)
    return body


def find(account: Account, kind: str, object_id: str) -> dict[str, Any] | None:
    return Thing.objects.filter(pk=f"{account.key}:{kind}:{object_id}").values_list("body", flat=True).first()


def get(account: Account, kind: str, object_id: str, *, param: str = "id") -> dict[str, Any]:
    """Raises Refusal resource_missing."""
    found = find(account, kind, object_id)
    if found is None or found.get("deleted"):
        raise missing(kind, object_id, param=param)
    return found


def all_of(account: Account, kind: str, **where: Any) -> list[dict[str, Any]]:
    """The newest first. where: fields of the body that must be equal; customer is indexed."""
    found = Thing.objects.filter(account=account, kind=kind)
    if "customer" in where:
        found = found.filter(customer=where["customer"])
    bodies = found.order_by("-number").values_list("body", flat=True)
    return [body for body in bodies if all(body.get(name) == value for name, value in where.items())]


def remove(account: Account, kind: str, object_id: str) -> None:
    Thing.objects.filter(pk=f"{account.key}:{kind}:{object_id}").delete()


def clock_of(account: Account, body: dict[str, Any]) -> str:
    """The test clock that the object lives by; '' for real time, where Checkout's pages are always."""
    if body["object"] == "checkout.session":
        return ""
    if body.get("test_clock"):
        return str(body["test_clock"])
    customer_id = body.get("customer") or body.get("_customer")
    if customer_id and body["object"] != "customer":
        customer = find(account, "customer", customer_id)
        return (customer or {}).get("test_clock") or ""
    return ""


def listed(url: str, data: list[Any], *, has_more: bool = False) -> dict[str, Any]:
    return {"object": "list", "data": data, "has_more": has_more, "url": url}
