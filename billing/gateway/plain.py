"""What the gateway answers: plain values. Amounts are in our minor units (ISO 4217), moments in UTC."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


def moment(stamp: int | None) -> dt.datetime | None:
    return None if stamp is None else dt.datetime.fromtimestamp(stamp, dt.UTC)


def stamp(at: dt.datetime) -> int:
    return int(at.timestamp())


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a subscription. lookup_key: under which our price is known; id: '' for one still to be made."""

    lookup_key: str
    quantity: int
    id: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """expires: 'MM/YYYY'."""

    brand: str
    last4: str
    expires: str


@dataclass(frozen=True, slots=True)
class SubscriptionAsIs:
    """cancel_at: when it ends, whichever way that was asked for. schedule_id: '' without one.

    coupon, discount_id: of the discount in force; '' without one.
    """

    id: str
    customer_id: str
    status: str
    currency: str
    items: tuple[Item, ...]
    period_start: dt.datetime | None
    period_end: dt.datetime | None
    trial_end: dt.datetime | None
    cancel_at: dt.datetime | None
    ended_at: dt.datetime | None
    schedule_id: str
    latest_invoice_id: str
    card: Card | None
    coupon: str
    metadata: Mapping[str, str]
    discount_id: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """quantity: None where it has none. is_proration: a part of a period that has begun."""

    text: str
    amount_minor: int
    quantity: int | None
    start: dt.datetime
    end: dt.datetime
    is_proration: bool
    lookup_key: str = ""

    def as_json(self) -> dict[str, Any]:
        return {
            "text": self.text,
            "amount_minor": self.amount_minor,
            "quantity": self.quantity,
            "start": self.start.isoformat(),
            "end": self.end.isoformat(),
            "is_proration": self.is_proration,
            "lookup_key": self.lookup_key,
        }


@dataclass(frozen=True, slots=True)
class InvoiceAsIs:
    """total_minor: with tax, after discounts. due_minor: after credit. failed: the last charge was refused.

    credited_minor: by credit notes.
    """

    id: str
    number: str
    status: str
    currency: str
    customer_id: str
    subscription_id: str
    subtotal_minor: int
    discount_minor: int
    tax_minor: int
    total_minor: int
    due_minor: int
    paid_minor: int
    issued_at: dt.datetime
    paid_at: dt.datetime | None
    attempts: int
    attempted: bool
    next_attempt_at: dt.datetime | None
    page_url: str
    pdf_url: str
    lines: tuple[Line, ...] = field(default=())
    credited_minor: int = 0

    @property
    def failed(self) -> bool:
        return self.status == "open" and self.attempted


@dataclass(frozen=True, slots=True)
class ChargeAsIs:
    """What paid an invoice. refunded_minor: given back already."""

    payment_intent_id: str
    receipt_url: str
    refunded_minor: int


@dataclass(frozen=True, slots=True)
class DisputeAsIs:
    """A payment that the cardholder's bank takes back. answer_by: until when evidence is taken (UTC)."""

    id: str
    payment_intent_id: str
    status: str
    reason: str
    currency: str
    amount_minor: int
    opened_at: dt.datetime
    answer_by: dt.datetime | None
    is_answered: bool


@dataclass(frozen=True, slots=True)
class CreditNoteAsIs:
    """status: issued or void. amount_minor: with tax."""

    id: str
    number: str
    invoice_id: str
    status: str
    reason: str
    currency: str
    amount_minor: int
    issued_at: dt.datetime
    pdf_url: str


@dataclass(frozen=True, slots=True)
class EventAsIs:
    """An event's ids and kind; what it says of the object is not believed but fetched."""

    id: str
    kind: str
    created_at: dt.datetime
    object_id: str
    customer_id: str
    test_clock_id: str
