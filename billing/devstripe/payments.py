"""Charging cards, and giving money back. Source: docs.stripe.com/api/payment_intents, /charges, /refunds."""

import secrets
from typing import Any

from billing.devstripe.calendar import now_for
from billing.devstripe.customers import card_for
from billing.devstripe.errors import declined, invalid
from billing.devstripe.events import changed, emit
from billing.devstripe.invoices import note_failure, settle_paid
from billing.devstripe.models import Account
from billing.devstripe.params import Metadata, need
from billing.devstripe.store import all_of, get, put, shape

REFUND = {
    "payment_intent": str,
    "charge": str,
    "amount": int,
    "reason": ("duplicate", "fraudulent", "requested_by_customer"),
    "metadata": Metadata,
}


def try_to_pay(
    account: Account,
    invoice: dict[str, Any],
    subscription: dict[str, Any] | None,
    at: int,
    *,
    automatic: bool,
    card: dict[str, Any] | None = None,
) -> str:
    """'' when the invoice is paid, else why not: a decline code. card: instead of the one on file."""
    if invoice["amount_due"] == 0:
        settle_paid(account, invoice, at, 0)
        return ""
    card = card or card_for(account, subscription, invoice["customer"])
    refusal = "no_payment_method" if card is None else card.get("_outcome", "")
    intent = _intent(account, invoice, card, at, refusal)
    if card is not None:
        charge = _charge(account, invoice, intent, card, at, refusal)
        put(account, {**intent, "latest_charge": charge["id"]})
    if refusal:
        emit(account, "payment_intent.payment_failed", intent)
        note_failure(account, invoice, at, automatic=automatic)
        return refusal
    payment = shape(
        "invoice_payment",
        amount_paid=invoice["amount_due"],
        amount_requested=invoice["amount_due"],
        created=at,
        currency=invoice["currency"],
        invoice=invoice["id"],
        is_default=True,
        payment={"type": "payment_intent", "payment_intent": intent["id"]},
        status="paid",
        status_transitions={"canceled_at": None, "paid_at": at},
        customer=None,
    )
    payment.pop("customer")
    put(account, payment)
    emit(account, "payment_intent.succeeded", intent)
    settle_paid(account, invoice, at, invoice["amount_due"])
    emit(account, "invoice_payment.paid", payment)
    return ""


def create_refund(account: Account, given: dict[str, Any]) -> dict[str, Any]:
    """A part or all that is left. The invoice stays paid."""
    if "charge" in given:
        charge = get(account, "charge", given["charge"], param="charge")
    else:
        need(given, "payment_intent")
        intent = get(account, "payment_intent", given["payment_intent"], param="payment_intent")
        charge = get(account, "charge", intent["latest_charge"] or "", param="payment_intent")
    left = charge["amount"] - charge["amount_refunded"]
    amount = given.get("amount", left)
    if not charge["paid"] or left == 0:
        raise invalid(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    if not 0 < amount <= left:
        message = f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})"
        raise invalid(message, param="amount")
    before = dict(charge)
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    put(account, charge)
    refund = shape(
        "refund",
        amount=amount,
        charge=charge["id"],
        created=now_for(account, charge["customer"]),
        currency=charge["currency"],
        metadata=given.get("metadata", {}),
        payment_intent=charge["payment_intent"],
        reason=given.get("reason"),
        status="succeeded",
    )
    put(account, {**refund, "customer": charge["customer"]})
    emit(account, "refund.created", {**refund, "customer": charge["customer"]})
    emit(account, "charge.refunded", charge, {"amount_refunded": before["amount_refunded"]})
    changed(account, "charge.updated", before, charge)
    return refund


def refuse_unpaid(reason: str) -> None:
    """For requests that promise to change nothing when the money does not come."""
    if reason == "no_payment_method":
        raise invalid(
            "This customer has no attached payment source or default payment method.",
            code="resource_missing",
        )
    if reason:
        raise declined(reason)


def payments_of(account: Account, invoice_id: str) -> list[dict[str, Any]]:
    return all_of(account, "invoice_payment", invoice=invoice_id)


def _intent(
    account: Account, invoice: dict[str, Any], card: dict[str, Any] | None, at: int, refusal: str
) -> dict[str, Any]:
    states = {"": "succeeded", "authentication_required": "requires_action"}
    made = shape(
        "payment_intent",
        amount=invoice["amount_due"],
        amount_received=0 if refusal else invoice["amount_due"],
        automatic_payment_methods=None,
        capture_method="automatic",
        client_secret=f"pi_secret_{secrets.token_hex(8)}",
        confirmation_method="automatic",
        created=at,
        currency=invoice["currency"],
        customer=invoice["customer"],
        metadata={},
        payment_method=card["id"] if card else None,
        payment_method_types=["card"],
        status=states.get(refusal, "requires_payment_method"),
    )
    return put(account, made)


def _charge(
    account: Account,
    invoice: dict[str, Any],
    intent: dict[str, Any],
    card: dict[str, Any],
    at: int,
    refusal: str,
) -> dict[str, Any]:
    made = shape(
        "charge",
        amount=invoice["amount_due"],
        amount_captured=0 if refusal else invoice["amount_due"],
        captured=not refusal,
        created=at,
        currency=invoice["currency"],
        customer=invoice["customer"],
        failure_code="card_declined" if refusal else None,
        metadata={},
        paid=not refusal,
        payment_intent=intent["id"],
        payment_method=card["id"],
        refunded=False,
        status="failed" if refusal else "succeeded",
    )
    made["receipt_url"] = f"{account.settings.get('base', '')}/r/{made['id']}" if not refusal else None
    put(account, made)
    emit(account, "charge.failed" if refusal else "charge.succeeded", made)
    return made
