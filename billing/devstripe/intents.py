"""What stands between an invoice and its money: one payment intent, and the entry that ties the two together.

Both are made when the invoice is finalized and serve for every attempt. Source: docs.stripe.com/api/invoices
(confirmation_secret: "the PaymentIntent that Stripe creates during invoice finalization"), /api/invoice-payment.
"""

import secrets
from typing import Any

from billing.devstripe.events import emit
from billing.devstripe.models import Account
from billing.devstripe.store import all_of, find, get, new_id, put, shape

_AFTER = {"": "succeeded", "authentication_required": "requires_action"}


def open_payment(account: Account, invoice: dict[str, Any], at: int) -> dict[str, Any]:
    """The intent of an invoice that has something to pay."""
    intent_id = new_id("payment_intent")
    intent = shape(
        "payment_intent",
        id=intent_id,
        amount=invoice["amount_due"],
        capture_method="automatic",
        client_secret=f"{intent_id}_secret_{secrets.token_hex(12)}",
        confirmation_method="automatic",
        created=at,
        currency=invoice["currency"],
        customer=invoice["customer"],
        metadata={},
        payment_method_types=["card"],
        status="requires_payment_method",
    )
    emit(account, "payment_intent.created", put(account, intent))
    payment = shape(
        "invoice_payment",
        amount_requested=invoice["amount_due"],
        created=at,
        currency=invoice["currency"],
        invoice=invoice["id"],
        is_default=True,
        payment={"type": "payment_intent", "payment_intent": intent["id"]},
        status="open",
        status_transitions={"canceled_at": None, "paid_at": None},
    )
    put(account, payment)
    return intent


def payments_of(account: Account, invoice_id: str) -> list[dict[str, Any]]:
    return all_of(account, "invoice_payment", invoice=invoice_id)


def intent_of(account: Account, invoice_id: str) -> dict[str, Any] | None:
    """The intent of an invoice that was finalized with something to pay."""
    found = payments_of(account, invoice_id)
    return get(account, "payment_intent", found[0]["payment"]["payment_intent"]) if found else None


def secret_of(account: Account, invoice_id: str) -> dict[str, str] | None:
    """What `confirmation_secret` of an invoice expands to."""
    intent = intent_of(account, invoice_id)
    return {"client_secret": intent["client_secret"], "type": "payment_intent"} if intent else None


def settle_intent(
    account: Account, intent: dict[str, Any], charge: dict[str, Any] | None, refusal: str
) -> dict[str, Any]:
    """What an attempt made of it. charge: None when there was no card to charge. refusal: '' or a decline code."""
    intent["status"] = _AFTER.get(refusal, "requires_payment_method")
    intent["amount_received"] = 0 if refusal else intent["amount"]
    intent["last_payment_error"] = None
    if charge is not None:
        intent["latest_charge"], intent["payment_method"] = charge["id"], charge["payment_method"]
    if refusal and charge is not None:
        method = find(account, "payment_method", charge["payment_method"])
        intent["last_payment_error"] = {
            "type": "card_error",
            "charge": charge["id"],
            "code": charge["failure_code"],
            "decline_code": refusal,
            "message": charge["failure_message"],
            "payment_method": method,
        }
        # After a refusal the intent waits for another card (docs.stripe.com/payments/paymentintents/lifecycle).
        intent["payment_method"] = None
    return put(account, intent)


def settle_payment(account: Account, invoice_id: str, at: int, *, paid: bool) -> dict[str, Any] | None:
    """The entry is paid, or canceled with its invoice."""
    found = payments_of(account, invoice_id)
    if not found:
        return None
    payment = found[0]
    payment["status"] = "paid" if paid else "canceled"
    payment["amount_paid"] = payment["amount_requested"] if paid else None
    payment["status_transitions"]["paid_at" if paid else "canceled_at"] = at
    return put(account, payment)


def cancel_payment(account: Account, invoice_id: str, at: int) -> None:
    """Of an invoice that is void."""
    intent = intent_of(account, invoice_id)
    if intent is None or intent["status"] == "succeeded":
        return
    intent.update(status="canceled", canceled_at=at, cancellation_reason="void_invoice")
    emit(account, "payment_intent.canceled", put(account, intent))
    settle_payment(account, invoice_id, at, paid=False)
