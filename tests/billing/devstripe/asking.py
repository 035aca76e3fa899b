"""What most tests of the stand-in do: prices, customers with a card and a clock, time that passes."""

import datetime as dt
from typing import Any

UTC = dt.UTC


def at(*moment: int) -> int:
    """Seconds since 1970 of a moment in UTC."""
    return int(dt.datetime(*moment, tzinfo=UTC).timestamp())


def price(v1: Any, amount: int = 1200, currency: str = "usd", interval: str = "month", **more: Any) -> str:
    product = v1.products.create({"name": "Seat"})
    details = {"product": product.id, "currency": currency, "recurring": {"interval": interval}, **more}
    if "unit_amount_decimal" not in more:
        details["unit_amount"] = amount
    return v1.prices.create(details).id


def customer(v1: Any, start: int, card: str = "pm_card_visa", **more: Any) -> tuple[str, str]:
    """(its id, its clock's); the card is charged."""
    clock = v1.test_helpers.test_clocks.create({"frozen_time": start})
    details = {"name": "Acme", "email": "a@b.example", "test_clock": clock.id, **more}
    if card:
        details |= {"payment_method": card, "invoice_settings": {"default_payment_method": card}}
    return v1.customers.create(details).id, clock.id


def subscribe(v1: Any, who: str, price_id: str, quantity: int = 1, **more: Any) -> Any:
    return v1.subscriptions.create(
        {"customer": who, "items": [{"price": price_id, "quantity": quantity}], **more}
    )


def use_card(v1: Any, who: str, subscription: str, card: str) -> str:
    """From now on this one is charged."""
    method = v1.payment_methods.attach(card, {"customer": who})
    v1.subscriptions.update(subscription, {"default_payment_method": method.id})
    return method.id


def advance(v1: Any, clock: str, to: int) -> None:
    """At once: Stripe allows two of the shortest intervals a step."""
    v1.test_helpers.test_clocks.advance(clock, {"frozen_time": to})


def totals(v1: Any, customer_id: str) -> list[tuple[int, str]]:
    """Of all invoices, the oldest first."""
    found = v1.invoices.list({"customer": customer_id, "limit": 100}).data
    return [(each.total, each.status) for each in found][::-1]


def kinds(v1: Any, **where: Any) -> list[str]:
    """Of events, the oldest first."""
    return [event.type for event in v1.events.list({"limit": 100, **where}).data][::-1]
