"""Customers, their cards and tax numbers."""

import datetime as dt
import hashlib
import json
from dataclasses import dataclass
from typing import Any

from billing.gateway.client import api
from billing.gateway.plain import Card, stamp
from billing.gateway.refusals import refusals


@dataclass(frozen=True, slots=True)
class Payer:
    """Whom invoices are made out to. language: 'en' or 'zh-hans'; country: ISO 3166 alpha-2."""

    name: str
    mail: str
    language: str
    line1: str = ""
    line2: str = ""
    postal_code: str = ""
    city: str = ""
    region: str = ""
    country: str = ""


def create_customer(payer: Payer, *, tenant_id: str, clock_id: str = "") -> str:
    """Its id. One a tenant: asked twice, the same comes back."""
    details = _details(payer) | {"metadata": {"tenant": tenant_id}}
    key = f"guanxi-customer-{tenant_id}"
    if clock_id:
        details["test_clock"] = clock_id
    # The same key with other details would be refused for a day: another language or address is another try.
    key += f"-{hashlib.sha256(json.dumps(details, sort_keys=True).encode()).hexdigest()[:16]}"
    with refusals():
        return api().v1.customers.create(details, options={"idempotency_key": key}).id  # type: ignore[arg-type]


def change_customer(customer_id: str, payer: Payer) -> None:
    with refusals():
        api().v1.customers.update(customer_id, _details(payer))  # type: ignore[arg-type]


def set_tax_id(customer_id: str, kind: str, value: str) -> None:
    """Exactly this one, or none for ''. Raises Refused when it is no number of that kind."""
    with refusals():
        before = api().v1.customers.tax_ids.list(customer_id).data
        if any(each.type == kind and each.value == value for each in before) and len(before) == 1:
            return
        if value:
            api().v1.customers.tax_ids.create(customer_id, {"type": kind, "value": value})  # type: ignore[typeddict-item]
        for each in before:
            if not (each.type == kind and each.value == value):
                api().v1.customers.tax_ids.delete(customer_id, each.id)


def default_card(customer_id: str) -> Card | None:
    """What the next invoice is charged to unless its subscription says otherwise."""
    with refusals():
        found: Any = api().v1.customers.retrieve(
            customer_id, {"expand": ["invoice_settings.default_payment_method"]}
        )
    settings = found.invoice_settings
    return card_of(settings.default_payment_method if settings else None)


def use_card_of_setup(customer_id: str, setup_intent_id: str, subscription_id: str) -> Card | None:
    """Make the card that was just entered the one that everything is charged to."""
    with refusals():
        setup = api().v1.setup_intents.retrieve(setup_intent_id, {"expand": ["payment_method"]})
        method: Any = setup.payment_method
        if setup.status != "succeeded" or method is None or setup.customer != customer_id:
            return None
        api().v1.customers.update(customer_id, {"invoice_settings": {"default_payment_method": method.id}})
        if subscription_id:
            api().v1.subscriptions.update(subscription_id, {"default_payment_method": method.id})
    return card_of(method)


def card_of(method: Any) -> Card | None:
    """Of an expanded payment method."""
    card = getattr(method, "card", None)
    if card is None:
        return None
    return Card(card.brand, card.last4 or "", f"{card.exp_month:02d}/{card.exp_year}")


def create_test_clock(name: str, at: dt.datetime) -> str:
    """Only in test modes."""
    with refusals():
        return api().v1.test_helpers.test_clocks.create({"frozen_time": stamp(at), "name": name}).id


def clock_time(clock_id: str) -> int:
    """The clock's time in seconds since 1970 (UTC)."""
    with refusals():
        return api().v1.test_helpers.test_clocks.retrieve(clock_id).frozen_time


def _details(payer: Payer) -> dict[str, Any]:
    return {
        "name": payer.name,
        "email": payer.mail,
        "preferred_locales": ["zh" if payer.language.startswith("zh") else "en"],
        "address": {
            "line1": payer.line1,
            "line2": payer.line2,
            "postal_code": payer.postal_code,
            "city": payer.city,
            "state": payer.region,
            "country": payer.country,
        },
    }
