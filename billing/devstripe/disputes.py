"""Disputes: a cardholder's bank takes a payment back. Source: docs.stripe.com/disputes, docs.stripe.com/testing."""

from copy import deepcopy
from typing import Any

from billing.devstripe.calendar import DAY, now_for
from billing.devstripe.errors import invalid
from billing.devstripe.events import changed, emit
from billing.devstripe.models import Account
from billing.devstripe.params import Metadata
from billing.devstripe.store import all_of, get, put, shape

# Networks leave 7 to 21 days (docs.stripe.com/disputes/responding); here it is always so many.
ANSWER_WITHIN = 10 * DAY
# docs.stripe.com/testing#disputes, "Evidence": what is written decides.
_WINNING, _LOSING = "winning_evidence", "losing_evidence"
DISPUTE = {"evidence": {"uncategorized_text": str}, "submit": bool, "metadata": Metadata}
REASONS = (
    "duplicate",
    "fraudulent",
    "product_not_received",
    "product_unacceptable",
    "subscription_canceled",
    "unrecognized",
)


def open_dispute(
    account: Account, charge: dict[str, Any], *, reason: str = "fraudulent", amount: int | None = None
) -> dict[str, Any]:
    """What Stripe has no request for: the bank begins it. The money is withdrawn at once."""
    if not charge["paid"] or charge["disputed"]:
        raise invalid("Only a charge that succeeded, and once, can be disputed.", param="charge")
    if reason not in REASONS:
        raise invalid(f"reason must be one of {', '.join(REASONS)}", param="reason")
    amount = charge["amount"] if amount is None else amount
    if not 0 < amount <= charge["amount"]:
        raise invalid("The amount must be a part of the charge.", param="amount")
    at = now_for(account, charge["customer"])
    made = _dispute_of(charge, reason, amount, at)
    put(account, {**charge, "disputed": True})
    emit(account, "charge.dispute.created", put(account, made))
    emit(account, "charge.dispute.funds_withdrawn", made)
    return made


def dispute_payment(account: Account, given: dict[str, Any]) -> dict[str, Any]:
    """A command of ours: {invoice} or {charge}, {reason}, {amount}."""
    charge_id = str(given.get("charge") or "")
    if given.get("invoice"):
        paid = all_of(account, "invoice_payment", invoice=str(given["invoice"]), status="paid")
        if not paid:
            raise invalid("Nothing was charged for this invoice.", param="invoice")
        charge_id = get(account, "payment_intent", paid[0]["payment"]["payment_intent"])["latest_charge"]
    charge = get(account, "charge", charge_id, param="charge")
    amount = int(given["amount"]) if given.get("amount") else None
    return open_dispute(account, charge, reason=str(given.get("reason") or "fraudulent"), amount=amount)


def update_dispute(account: Account, dispute_id: str, given: dict[str, Any]) -> dict[str, Any]:
    """With evidence it is handed to the bank, which here answers at once."""
    before = get(account, "dispute", dispute_id)
    if before["status"] != "needs_response":
        raise invalid("This dispute no longer takes evidence.")
    dispute = deepcopy(before)
    text = (given.get("evidence") or {}).get("uncategorized_text")
    if text:
        dispute["evidence"]["uncategorized_text"] = text
        dispute["evidence_details"]["has_evidence"] = True
    if text and given.get("submit", True):
        dispute["evidence_details"]["submission_count"] += 1
        dispute["status"] = "under_review"
    put(account, dispute)
    changed(account, "charge.dispute.updated", before, dispute)
    if dispute["status"] == "under_review" and text in (_WINNING, _LOSING):
        return settle(account, dispute, won=text == _WINNING)
    return dispute


def close_dispute(account: Account, dispute_id: str) -> dict[str, Any]:
    """Given up: lost (docs.stripe.com/api/disputes/close)."""
    dispute = get(account, "dispute", dispute_id)
    if dispute["status"] != "needs_response":
        raise invalid("This dispute can no longer be closed.")
    return settle(account, dispute, won=False)


def settle(account: Account, dispute: dict[str, Any], *, won: bool) -> dict[str, Any]:
    """What the bank decided; won, the money comes back."""
    dispute = {**dispute, "status": "won" if won else "lost", "is_charge_refundable": False}
    dispute["evidence_details"] = {**dispute["evidence_details"], "past_due": not won}
    emit(account, "charge.dispute.closed", put(account, dispute))
    if won:
        emit(account, "charge.dispute.funds_reinstated", dispute)
    return dispute


def due_at(dispute: dict[str, Any]) -> int | None:
    """Who does not answer in time has lost."""
    return dispute["evidence_details"]["due_by"] if dispute["status"] == "needs_response" else None


def _dispute_of(charge: dict[str, Any], reason: str, amount: int, at: int) -> dict[str, Any]:
    made = shape(
        "dispute",
        amount=amount,
        charge=charge["id"],
        created=at,
        currency=charge["currency"],
        metadata={},
        payment_intent=charge["payment_intent"],
        reason=reason,
        status="needs_response",
        _customer=charge["customer"],
    )
    made["evidence_details"]["due_by"] = at + ANSWER_WITHIN
    brand = charge["payment_method_details"]["card"]["brand"]
    made["payment_method_details"] = {
        "type": "card",
        "amazon_pay": None,
        "klarna": None,
        "paypal": None,
        "card": {"brand": brand, "case_type": "chargeback", "network": brand, "network_reason_code": "10.4"},
    }
    return made
