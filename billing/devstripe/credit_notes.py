"""Credit notes: an invoice that turned out too high. Source: docs.stripe.com/api/credit_notes/create."""

from copy import deepcopy
from typing import Any

from billing.devstripe import endings
from billing.devstripe.calendar import now_for
from billing.devstripe.customers import book_balance
from billing.devstripe.errors import invalid
from billing.devstripe.events import changed, emit
from billing.devstripe.intents import intent_of
from billing.devstripe.invoices import settle_paid
from billing.devstripe.models import Account
from billing.devstripe.params import Metadata, need
from billing.devstripe.payments import create_refund
from billing.devstripe.rounding import share
from billing.devstripe.store import all_of, get, listed, new_id, put, shape

CREDIT_NOTE = {
    "invoice": str,
    "amount": int,
    "refund_amount": int,
    "credit_amount": int,
    "out_of_band_amount": int,
    "reason": ("duplicate", "fraudulent", "order_change", "product_unsatisfactory"),
    "memo": str,
    "metadata": Metadata,
}
_PARTS = ("refund_amount", "credit_amount", "out_of_band_amount")


def create_credit_note(account: Account, given: dict[str, Any]) -> dict[str, Any]:
    """Of an open invoice: less is due. Of a paid one: refunded, credited or settled elsewhere, as the parts say."""
    need(given, "invoice", "amount")
    invoice = get(account, "invoice", given["invoice"], param="invoice")
    _check(account, invoice, given)
    at = now_for(account, invoice["customer"])
    made = _note_of(account, invoice, given, at)
    put(account, made)
    if invoice["status"] == "open":
        _reduce(account, invoice, given["amount"], at)
    else:
        _settle(account, invoice, made, given)
    emit(account, "credit_note.created", put(account, made))
    return made


def void_credit_note(account: Account, note_id: str) -> dict[str, Any]:
    """Only of an invoice that is still open: what is due rises again."""
    note = get(account, "credit_note", note_id)
    invoice = get(account, "invoice", note["invoice"])
    if note["status"] == "void" or note["type"] != "pre_payment" or invoice["status"] != "open":
        raise invalid("Only a credit note of an open invoice can be voided.")
    at = now_for(account, invoice["customer"])
    note.update(status="void", voided_at=at)
    _reduce(account, invoice, -note["amount"], at)
    emit(account, "credit_note.voided", put(account, note))
    return note


def _check(account: Account, invoice: dict[str, Any], given: dict[str, Any]) -> None:
    if invoice["status"] not in ("open", "paid"):
        raise invalid("You can only create a credit note for an open or paid invoice.", param="invoice")
    before = sum(
        each["amount"]
        for each in all_of(account, "credit_note", invoice=invoice["id"])
        if each["status"] == "issued"
    )
    left = invoice["amount_due"] if invoice["status"] == "open" else invoice["total"] - before
    if not 0 < given["amount"] <= left:
        raise invalid(f"The amount must be between 1 and {left}.", param="amount")
    parts = sum(given.get(name, 0) for name in _PARTS)
    if any(given.get(name, 0) < 0 for name in _PARTS):
        raise invalid("An amount must not be negative.", param="refund_amount")
    if parts != (0 if invoice["status"] == "open" else given["amount"]):
        message = (
            "The sum of refund_amount, credit_amount and out_of_band_amount must equal the amount of a paid "
            "invoice's credit note; an open invoice's has none of them."
        )
        raise invalid(message, param="amount")


def _note_of(account: Account, invoice: dict[str, Any], given: dict[str, Any], at: int) -> dict[str, Any]:
    number = len(all_of(account, "credit_note", invoice=invoice["id"])) + 1
    is_open, amount = invoice["status"] == "open", given["amount"]
    taxes = [
        {
            **deepcopy(each),
            "amount": share(each["amount"], amount, invoice["total"]),
            "taxable_amount": share(each["taxable_amount"], amount, invoice["total"]),
        }
        for each in invoice["total_taxes"]
    ]
    without_tax = amount - sum(each["amount"] for each in taxes)
    note_id = new_id("credit_note")
    return shape(
        "credit_note",
        id=note_id,
        amount=amount,
        created=at,
        currency=invoice["currency"],
        customer=invoice["customer"],
        effective_at=at,
        invoice=invoice["id"],
        lines=listed(f"/v1/credit_notes/{note_id}/lines", [_line_of(amount)]),
        memo=given.get("memo"),
        metadata=given.get("metadata", {}),
        number=f"{invoice['number']}-CN-{number:02d}",
        out_of_band_amount=given.get("out_of_band_amount"),
        pdf=f"{account.settings.get('base', '')}/cn/{note_id}/pdf",
        post_payment_amount=0 if is_open else amount,
        pre_payment_amount=amount if is_open else 0,
        reason=given.get("reason"),
        status="issued",
        subtotal=amount,
        subtotal_excluding_tax=without_tax,
        total=amount,
        total_excluding_tax=without_tax,
        total_taxes=taxes,
        type="pre_payment" if is_open else "post_payment",
    )


def _line_of(amount: int) -> dict[str, Any]:
    return shape(
        "credit_note_line_item",
        amount=amount,
        description="Credit",
        quantity=1,
        type="custom_line_item",
        unit_amount=amount,
        unit_amount_decimal=str(amount),
    )


def _reduce(account: Account, invoice: dict[str, Any], amount: int, at: int) -> None:
    """amount: less is due, or more where it is negative. With nothing due any more it is paid."""
    before = deepcopy(invoice)
    invoice["pre_payment_credit_notes_amount"] += amount
    invoice["amount_due"] -= amount
    invoice["amount_remaining"] -= amount
    intent = intent_of(account, invoice["id"])
    if intent is not None and invoice["amount_due"]:
        put(account, {**intent, "amount": invoice["amount_due"]})
    put(account, invoice)
    changed(account, "invoice.updated", before, invoice)
    if not invoice["amount_due"]:
        settle_paid(account, invoice, at, 0)
        endings.follow_payment(account, get(account, "invoice", invoice["id"]), at, refusal="")


def _settle(account: Account, invoice: dict[str, Any], note: dict[str, Any], given: dict[str, Any]) -> None:
    before = deepcopy(invoice)
    invoice["post_payment_credit_notes_amount"] += note["amount"]
    put(account, invoice)
    changed(account, "invoice.updated", before, invoice)
    if given.get("credit_amount"):
        book_balance(account, invoice["customer"], -given["credit_amount"], invoice, kind="credit_note")
    if given.get("refund_amount"):
        intent = intent_of(account, invoice["id"])
        if intent is None:
            raise invalid("Nothing was charged for this invoice.", param="refund_amount")
        refund = create_refund(account, {"payment_intent": intent["id"], "amount": given["refund_amount"]})
        note["refunds"] = [
            {
                "amount_refunded": refund["amount"],
                "payment_record_refund": None,
                "refund": refund["id"],
                "type": "refund",
            }
        ]
