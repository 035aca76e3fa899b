"""Every answer against the types that the installed SDK declares: names, kinds, and the words of enumerations."""

import typing
from decimal import Decimal
from typing import Any

import pytest
import stripe as sdk

from tests.billing.devstripe.asking import advance, at, customer, price, use_card

# Declared by the SDK for other questions than those that were asked here: only an answer to a deletion has it.
_ONLY_SOMETIMES = {"deleted"}


def faults(thing: Any, path: str = "") -> list[str]:
    """What an answer lacks, invents or words otherwise than its class says."""
    path = path or type(thing).__name__
    declared = {
        name: kind
        for cls in type(thing).__mro__
        if issubclass(cls, sdk.StripeObject) and cls is not sdk.StripeObject
        for name, kind in cls.__dict__.get("__annotations__", {}).items()
        if not name.startswith("_") and typing.get_origin(kind) is not typing.ClassVar
    }
    if not declared:
        return []
    answered = thing.to_dict()
    found = [f"{path}.{name} is not declared" for name in answered if name not in declared]
    for name, kind in declared.items():
        if name in answered:
            found += value_faults(thing[name], kind, f"{path}.{name}")
        elif name not in _ONLY_SOMETIMES and not may_be_absent(kind):
            found.append(f"{path}.{name} is missing")
    return found


def value_faults(value: Any, kind: Any, path: str) -> list[str]:
    if value is None:
        return [] if may_be_absent(kind) else [f"{path} is null"]
    if isinstance(value, sdk.ListObject):
        return [
            fault for number, each in enumerate(value.data) for fault in faults(each, f"{path}[{number}]")
        ]
    if isinstance(value, sdk.StripeObject):
        return faults(value, path)
    if isinstance(value, list):
        inner = next(iter(typing.get_args(strip(kind))), Any)
        return [
            f for number, each in enumerate(value) for f in value_faults(each, inner, f"{path}[{number}]")
        ]
    words = literals(kind)
    if words and value not in words:
        return [f"{path} is {value!r}, not one of {sorted(words)}"]
    plain = strip(kind)
    if plain in (int, str, bool, float, Decimal) and type(value) is not plain:
        return [f"{path} is {value!r}, not {plain.__name__}"]
    return []


def may_be_absent(kind: Any) -> bool:
    return type(None) in typing.get_args(kind) or "None" in str(kind)


def literals(kind: Any) -> set[Any]:
    if typing.get_origin(kind) is typing.Literal or "Literal" in type(kind).__name__:
        return set(typing.get_args(kind))
    return {word for each in typing.get_args(kind) for word in literals(each)}


def strip(kind: Any) -> Any:
    """Without None."""
    rest = [each for each in typing.get_args(kind) if each is not type(None)]
    return rest[0] if len(rest) == 1 and type(None) in typing.get_args(kind) else kind


@pytest.fixture
def everything(v1: Any, stripe: Any) -> list[Any]:
    """One or more of each resource that the stand-in answers with, in more than one state."""
    who, clock = customer(
        v1, at(2026, 11, 1), address={"country": "DE", "city": "Berlin"}, phone="1", balance=-100
    )
    v1.customers.tax_ids.create(who, {"type": "eu_vat", "value": "DE123456789"})
    rate = v1.tax_rates.create({"display_name": "VAT", "percentage": 19, "inclusive": False})
    v1.coupons.create({"id": "HALF", "percent_off": 50, "duration": "repeating", "duration_in_months": 3})
    fraction = v1.prices.create(
        {"product": v1.products.create({"name": "P"}).id, "currency": "usd", "unit_amount_decimal": "0.5",
         "recurring": {"interval": "month"}, "lookup_key": "p"}
    )  # fmt: skip
    made = v1.subscriptions.create(
        {"customer": who, "items": [{"price": price(v1), "quantity": 3}, {"price": fraction.id, "quantity": 10}],
         "default_tax_rates": [rate.id], "discounts": [{"coupon": "HALF"}], "metadata": {"a": "b"}}
    )  # fmt: skip
    item = made["items"].data[0].id
    paid = v1.invoices.list({"customer": who}).data[0]
    payment = v1.invoice_payments.list({"invoice": paid.id}).data[0]
    intent = v1.payment_intents.retrieve(payment.payment.payment_intent)
    advance(v1, clock, at(2026, 11, 10))
    v1.subscriptions.update(made.id, {"items": [{"id": item, "quantity": 5}]})
    waiting = v1.invoice_items.list({"customer": who}).data
    preview = v1.invoices.create_preview({"subscription": made.id})
    failing = use_card(v1, who, made.id, "pm_card_chargeCustomerFail")
    advance(v1, clock, at(2026, 12, 1, 2))
    failed = v1.invoices.list({"customer": who}).data[0]
    refused = v1.payment_intents.list({"customer": who}).data[0]
    note = v1.credit_notes.create({"invoice": paid.id, "amount": 100, "out_of_band_amount": 100})
    lesser = v1.credit_notes.create({"invoice": failed.id, "amount": 100})
    other, _clock = customer(v1, at(2026, 11, 1), card="pm_card_createDispute")
    v1.subscriptions.create({"customer": other, "items": [{"price": price(v1)}]})
    disputes = v1.disputes.list().data
    schedule = v1.subscription_schedules.create({"from_subscription": made.id})
    session = v1.checkout.sessions.create(
        {"mode": "subscription", "customer": v1.customers.create({"email": "c@d.example"}).id, "locale": "zh",
         "line_items": [{"price": fraction.id, "quantity": 200}], "success_url": "http://x.example/"}
    )  # fmt: skip
    done = stripe.command("complete", session=session.id)
    setup = v1.checkout.sessions.create(
        {"mode": "setup", "currency": "usd", "customer": who, "success_url": "http://x.example/"}
    )
    expanded = [
        "latest_invoice.payments",
        "latest_invoice.confirmation_secret",
        "customer",
        "discounts",
        "schedule",
    ]
    return [
        v1.customers.retrieve(who), *v1.customers.tax_ids.list(who).data,
        *v1.payment_methods.list({"customer": who}).data,
        *v1.customers.balance_transactions.list(who).data, rate, v1.coupons.retrieve("HALF"), fraction,
        *v1.products.list().data, v1.subscriptions.retrieve(made.id, {"expand": expanded}),
        *v1.subscription_items.list({"subscription": made.id}).data, paid, failed, preview,
        *preview.lines.data, *waiting, payment, intent, refused,
        v1.charges.retrieve(intent.latest_charge), v1.charges.retrieve(refused.latest_charge),
        v1.refunds.create({"payment_intent": intent.id, "amount": 5}), schedule, session, setup,
        v1.checkout.sessions.retrieve(done["id"]), *v1.checkout.sessions.line_items.list(session.id).data,
        v1.setup_intents.retrieve(setup.setup_intent), *v1.events.list({"limit": 100}).data,
        v1.test_helpers.test_clocks.retrieve(clock), v1.billing_portal.sessions.create({"customer": who}),
        v1.payment_methods.retrieve(failing), note, lesser, *note.lines.data, *disputes,
        v1.webhook_endpoints.create({"url": "http://127.0.0.1:9/", "enabled_events": ["*"]}),
    ]  # fmt: skip


def test_answers_have_the_shapes_that_the_sdk_declares(everything: list[Any]):
    found = {fault for thing in everything for fault in faults(thing)}
    nameless = [
        each.type for each in everything if isinstance(each, sdk.Event) and "id" not in each.data.object
    ]
    # The one object that was never kept (docs.stripe.com/api/events/types, invoice.upcoming).
    assert nameless == ["invoice.upcoming"]
    found = sorted(found - {"Event.data.object.id is missing"})
    assert not found, "\n".join(found)
    assert len({type(thing) for thing in everything}) >= 24


def test_the_walk_finds_what_is_wrong(v1: Any):
    made = v1.customers.create({"name": "A"})
    made["livemode"] = "no"
    made["tax_exempt"] = "sometimes"
    made["wishes"] = 3
    del made["created"]
    assert sorted(fault.split(" ")[0] for fault in faults(made)) == [
        "Customer.created",
        "Customer.livemode",
        "Customer.tax_exempt",
        "Customer.wishes",
    ]
