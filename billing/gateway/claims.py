"""What is taken back of invoices: refunds and disputes of their payments, credit notes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from billing.gateway.amounts import from_stripe
from billing.gateway.client import api
from billing.gateway.plain import CreditNoteAsIs, DisputeAsIs, moment
from billing.gateway.refusals import refusals

# Stripe's words for what still waits for somebody, or for the bank (docs.stripe.com/api/disputes/object, status).
OPEN_DISPUTES = (
    "needs_response", "under_review", "warning_needs_response", "warning_under_review", "appeal_needs_response",
    "appeal_under_review",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PaymentAsIs:
    """A charge that succeeded. refunded_minor: given back in all."""

    charge_id: str
    payment_intent_id: str
    refunded_minor: int
    is_disputed: bool


def payments_of(customer_id: str) -> list[PaymentAsIs]:
    """The customer's newest payments."""
    with refusals():
        charges = api().v1.charges.list({"customer": customer_id, "limit": 100}).data
    return [
        PaymentAsIs(
            each.id,
            _id(each.payment_intent),
            from_stripe(each.amount_refunded, each.currency.upper()),
            bool(each.disputed),
        )
        for each in charges
        if each.paid
    ]


def disputes_of(payments: Sequence[PaymentAsIs]) -> list[DisputeAsIs]:
    """Of those payments that are disputed; one question each."""
    found: list[DisputeAsIs] = []
    with refusals():
        for payment in payments:
            if payment.is_disputed:
                answer = api().v1.disputes.list({"charge": payment.charge_id, "limit": 10})
                found.extend(_dispute(each, payment.payment_intent_id) for each in answer.data)
    return found


def customer_of_dispute(dispute_id: str) -> str:
    """An event about a dispute names no customer. '' where its charge has none. Raises NotThere, StripeAway."""
    with refusals():
        dispute: Any = api().v1.disputes.retrieve(dispute_id, {"expand": ["charge"]})
        charge = dispute.charge
        if isinstance(charge, str):
            charge = api().v1.charges.retrieve(charge)
    return _id(charge.customer)


def credit_notes_of(customer_id: str) -> list[CreditNoteAsIs]:
    """The newest first."""
    with refusals():
        return [
            _credit_note(each)
            for each in api().v1.credit_notes.list({"customer": customer_id, "limit": 100}).data
        ]


def read_credit_note(note_id: str) -> CreditNoteAsIs:
    """Raises NotThere, StripeAway."""
    with refusals():
        return _credit_note(api().v1.credit_notes.retrieve(note_id))


def _dispute(found: Any, payment_intent_id: str) -> DisputeAsIs:
    currency = found.currency.upper()
    details = found.evidence_details
    opened = moment(found.created)
    assert opened is not None
    return DisputeAsIs(
        id=found.id,
        payment_intent_id=payment_intent_id,
        status=found.status,
        reason=found.reason,
        currency=currency,
        amount_minor=from_stripe(found.amount, currency),
        opened_at=opened,
        answer_by=moment(details.due_by) if details else None,
        is_answered=bool(details and details.submission_count),
    )


def _credit_note(found: Any) -> CreditNoteAsIs:
    currency = found.currency.upper()
    issued = moment(found.effective_at or found.created)
    assert issued is not None
    return CreditNoteAsIs(
        id=found.id,
        number=found.number or "",
        invoice_id=_id(found.invoice),
        status=found.status,
        reason=found.reason or "",
        currency=currency,
        amount_minor=from_stripe(found.total, currency),
        issued_at=issued,
        pdf_url=found.pdf or "",
    )


def _id(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else value.id
