"""Charging cards, and giving money back. Source: docs.stripe.com/api/payment_intents, /charges, /refunds."""

from typing import Any

from billing.devstripe.calendar import now_for
from billing.devstripe.cards import card_for
from billing.devstripe.disputes import open_dispute
from billing.devstripe.errors import Refusal, declined, invalid
from billing.devstripe.events import changed, emit
from billing.devstripe.intents import intent_of, open_payment, settle_intent, settle_payment
from billing.devstripe.invoices import note_failure, settle_paid
from billing.devstripe.models import Account
from billing.devstripe.params import Metadata, need
from billing.devstripe.store import get, put, shape

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
    intent = intent_of(account, invoice["id"]) or open_payment(account, invoice, at)
    charge = _charge(account, invoice, intent, card, at, refusal) if card is not None else None
    intent = settle_intent(account, intent, charge, refusal)
    if refusal:
        waits = refusal == "authentication_required"
        emit(account, "payment_intent.requires_action" if waits else "payment_intent.payment_failed", intent)
        note_failure(account, invoice, at, automatic=automatic)
        if waits:
            emit(account, "invoice.payment_action_required", invoice)
        return refusal
    emit(account, "payment_intent.succeeded", intent)
    settle_paid(account, invoice, at, invoice["amount_due"])
    emit(account, "invoice_payment.paid", settle_payment(account, invoice["id"], at, paid=True) or {})
    if charge is not None and card is not None and card.get("_disputed"):
        open_dispute(account, charge, reason=card["_disputed"])
    return ""


def fail_confirmation(account: Account, invoice: dict[str, Any], at: int) -> None:
    """The bank asked, and it was not the owner. Source: docs.stripe.com/payments/paymentintents/lifecycle."""
    intent = intent_of(account, invoice["id"]) or open_payment(account, invoice, at)
    intent["status"], intent["payment_method"] = "requires_payment_method", None
    emit(account, "payment_intent.payment_failed", put(account, intent))
    note_failure(account, invoice, at, automatic=False)


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
    if not charge["paid"]:
        raise invalid("Only a charge that succeeded can be refunded.", param="charge")
    if charge["disputed"]:
        message = f"Charge {charge['id']} has been charged back; cannot issue a refund."
        raise invalid(message, code="charge_disputed")
    if left == 0:
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


def unpaid(reason: str) -> Refusal:
    """The refusal of a request whose money did not come. reason: as `try_to_pay` gives it."""
    if reason == "no_payment_method":
        message = "This customer has no attached payment source or default payment method."
        return invalid(message, code="resource_missing")
    return declined(reason)


def _charge(
    account: Account,
    invoice: dict[str, Any],
    intent: dict[str, Any],
    card: dict[str, Any],
    at: int,
    refusal: str,
) -> dict[str, Any]:
    told = declined(refusal) if refusal else None
    made = shape(
        "charge",
        amount=invoice["amount_due"],
        amount_captured=0 if refusal else invoice["amount_due"],
        captured=not refusal,
        created=at,
        currency=invoice["currency"],
        customer=invoice["customer"],
        failure_code=told.code if told else None,
        failure_message=str(told) if told else None,
        outcome=_outcome(told),
        payment_method_details={
            "type": "card",
            "card": _card_as_charged(card["card"], invoice["amount_due"]),
        },
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


def _card_as_charged(card: dict[str, Any], amount: int) -> dict[str, Any]:
    """What a charge tells of its card. Source: docs.stripe.com/api/charges/object, payment_method_details.card."""
    same = (
        "brand",
        "checks",
        "country",
        "exp_month",
        "exp_year",
        "fingerprint",
        "funding",
        "last4",
        "wallet",
    )
    told = {name: card[name] for name in same}
    return {
        **told,
        "amount_authorized": amount,
        "network": card["brand"],
        "regulated_status": card["regulated_status"],
    }


def _outcome(told: Refusal | None) -> dict[str, Any]:
    """What the card's network said. Source: docs.stripe.com/api/charges/object, outcome."""
    reason = told.more["decline_code"] if told else None
    return {
        "advice_code": None,
        "network_advice_code": None,
        "network_decline_code": None,
        "network_status": "declined_by_network" if told else "approved_by_network",
        "reason": reason,
        "risk_level": "normal",
        "rule": None,
        "seller_message": "The bank refused the card." if told else "Payment complete.",
        "type": "issuer_declined" if told else "authorized",
    }
