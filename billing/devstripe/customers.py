"""Customers, their tax numbers and cards. Source: docs.stripe.com/api/customers, /tax_ids, /payment_methods."""

import re
import secrets
from typing import Any

from billing.devstripe.calendar import now_for
from billing.devstripe.cards import attach
from billing.devstripe.catalog import merged_metadata
from billing.devstripe.errors import invalid
from billing.devstripe.events import changed, emit
from billing.devstripe.models import Account
from billing.devstripe.params import Anything, Metadata, need
from billing.devstripe.store import all_of, find, get, listed, put, remove, shape

ADDRESS = {"line1": str, "line2": str, "postal_code": str, "city": str, "state": str, "country": str}
CUSTOMER = {
    "name": str,
    "email": str,
    "phone": str,
    "description": str,
    "address": ADDRESS,
    "preferred_locales": [str],
    "metadata": Metadata,
    "test_clock": str,
    "payment_method": str,
    "tax_exempt": ("none", "exempt", "reverse"),
    "balance": int,
    "invoice_settings": {"default_payment_method": str, "footer": str, "custom_fields": Anything},
}
TAX_ID = {"type": str, "value": str}
# docs.stripe.com/billing/customer/tax-ids: the forms of those that the product offers.
_TAX_ID_FORMS = {
    "eu_vat": r"[A-Z]{2}[0-9A-Z]{2,12}",
    "gb_vat": r"(GB|XI)\d{9}(\d{3})?",
    "us_ein": r"\d{2}-\d{7}",
    "cn_tin": r"\d{15}|\d{17}[\dX]|[0-9A-Z]{18}|\d{20}",
    "hk_br": r"\d{8}",
    "sg_gst": r"[A-Z]\d{8}[A-Z]|[0-9A-Z-]{9,12}",
    "jp_trn": r"T\d{13}",
    "au_abn": r"\d{11}",
    "ca_bn": r"\d{9}",
    "in_gst": r"\d{2}[A-Z]{5}\d{4}[A-Z][0-9A-Z]Z[0-9A-Z]",
    "ch_vat": r"CHE-?[\d.]{9,11}( ?(MWST|TVA|IVA))?",
    "no_vat": r"\d{9}MVA",
}


def create_customer(account: Account, given: dict[str, Any]) -> dict[str, Any]:
    clock = given.get("test_clock")
    if clock:
        get(account, "test_helpers.test_clock", clock, param="test_clock")
    _check_mail(given)
    method = given.pop("payment_method", None)
    settings = given.pop("invoice_settings", {}) or {}
    made = shape(
        "customer",
        **{
            "balance": 0,
            "currency": None,
            "delinquent": False,
            "invoice_prefix": secrets.token_hex(4).upper(),
            "next_invoice_sequence": 1,
            "metadata": {},
            "preferred_locales": [],
            "tax_exempt": "none",
            **{name: value for name, value in given.items() if value != ""},
            "invoice_settings": _invoice_settings({**settings, "default_payment_method": None}),
        },
    )
    # Only there when they are asked for.
    del made["sources"], made["subscriptions"], made["tax_ids"]
    put(account, made)
    made["created"] = now_for(account, made["id"])
    put(account, made)
    emit(account, "customer.created", made)
    if method:
        # Attached; charged only when it is named as the default too (docs.stripe.com/api/customers/create).
        card = attach(account, method, made["id"])
        if settings.get("default_payment_method") == method:
            made["invoice_settings"]["default_payment_method"] = card["id"]
            put(account, made)
    elif settings.get("default_payment_method"):
        raise invalid(
            "A default payment method must be attached first.",
            param="invoice_settings[default_payment_method]",
        )
    return made


def update_customer(account: Account, object_id: str, given: dict[str, Any]) -> dict[str, Any]:
    before = get(account, "customer", object_id)
    _check_mail(given)
    if "test_clock" in given:
        raise invalid("A test clock is set when the customer is made.", param="test_clock")
    after = {**before}
    for name, value in given.items():
        if name == "metadata":
            after["metadata"] = merged_metadata(before["metadata"], value)
        elif name == "invoice_settings":
            after["invoice_settings"] = _changed_settings(account, before, value or {})
        elif name == "balance":
            if value == "":
                raise invalid("You passed an empty string for 'balance'.", param="balance")
            after["balance"] = value
        else:
            after[name] = None if value == "" else value
    if after["balance"] != before["balance"]:
        note_balance(account, after, after["balance"] - before["balance"], kind="adjustment")
    put(account, after)
    changed(account, "customer.updated", before, after)
    return after


def read_customer(account: Account, object_id: str) -> dict[str, Any]:
    """One that was deleted answers so (docs.stripe.com/api/customers/retrieve)."""
    found = find(account, "customer", object_id)
    if found is not None and found.get("deleted"):
        return {"id": object_id, "object": "customer", "deleted": True}
    return get(account, "customer", object_id)


def create_tax_id(account: Account, customer_id: str, given: dict[str, Any]) -> dict[str, Any]:
    need(given, "type", "value")
    customer = get(account, "customer", customer_id)
    form = _TAX_ID_FORMS.get(given["type"])
    if form is None:
        raise invalid(f"Invalid type: {given['type']}", param="type")
    if not re.fullmatch(form, given["value"].replace(" ", "")):
        raise invalid(f"Invalid value for {given['type']}.", param="value", code="tax_id_invalid")
    made = shape(
        "tax_id",
        created=now_for(account, customer_id),
        customer=customer["id"],
        country=given["value"][:2] if given["type"] == "eu_vat" else given["type"][:2].upper(),
        owner={"type": "customer", "customer": customer["id"], "account": None, "application": None},
        verification={"status": "pending", "verified_name": None, "verified_address": None},
        **given,
    )
    emit(account, "customer.tax_id.created", put(account, made))
    return made


def delete_tax_id(account: Account, customer_id: str, object_id: str) -> dict[str, Any]:
    found = get(account, "tax_id", object_id)
    remove(account, "tax_id", object_id)
    emit(account, "customer.tax_id.deleted", found)
    return {"id": object_id, "object": "tax_id", "deleted": True}


def list_tax_ids(account: Account, customer_id: str) -> dict[str, Any]:
    get(account, "customer", customer_id)
    return listed(f"/v1/customers/{customer_id}/tax_ids", all_of(account, "tax_id", customer=customer_id))


def book_balance(
    account: Account,
    customer_id: str,
    amount: int,
    invoice: dict[str, Any],
    *,
    kind: str = "applied_to_invoice",
) -> None:
    """amount: negative is a credit to the customer. Source: docs.stripe.com/billing/customer/balance."""
    customer = get(account, "customer", customer_id)
    customer["balance"] += amount
    customer["currency"] = customer["currency"] or invoice["currency"]
    put(account, customer)
    note_balance(account, customer, amount, kind=kind, invoice=invoice)


def note_balance(
    account: Account,
    customer: dict[str, Any],
    amount: int,
    *,
    kind: str,
    invoice: dict[str, Any] | None = None,
) -> None:
    """The entry of a change that is made already."""
    made = shape(
        "customer_balance_transaction",
        amount=amount,
        created=now_for(account, customer["id"]),
        currency=invoice["currency"] if invoice else customer["currency"] or "usd",
        customer=customer["id"],
        ending_balance=customer["balance"],
        invoice=invoice["id"] if invoice else None,
        metadata={},
        type=kind,
    )
    put(account, made)


def _changed_settings(account: Account, customer: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    method = given.get("default_payment_method")
    if method:
        _own_method(account, method, customer["id"])
    changes = {name: None if value == "" else value for name, value in given.items()}
    return {**customer["invoice_settings"], **changes}


def _own_method(account: Account, method_id: str, customer_id: str) -> None:
    method = get(account, "payment_method", method_id, param="invoice_settings[default_payment_method]")
    if method["customer"] != customer_id:
        message = "The customer does not have a payment method with this ID."
        raise invalid(message, param="invoice_settings[default_payment_method]", code="resource_missing")


def _invoice_settings(given: dict[str, Any]) -> dict[str, Any]:
    empty = {"custom_fields": None, "default_payment_method": None, "footer": None, "rendering_options": None}
    return {**empty, **given}


def _check_mail(given: dict[str, Any]) -> None:
    mail = given.get("email")
    if mail and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", mail):
        raise invalid(f"Invalid email address: {mail}", param="email", code="email_invalid")
