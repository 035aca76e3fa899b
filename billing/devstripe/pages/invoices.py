"""The hosted invoice, its PDF, and receipts. Source: docs.stripe.com/invoicing/hosted-invoice-page."""

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import translation
from django.views.decorators.http import require_http_methods, require_safe

from billing.devstripe import endings, payments
from billing.devstripe.calendar import now_for
from billing.devstripe.cards import attach, card_for, forget_confirmation, make_card, wants_confirmation
from billing.devstripe.errors import Refusal
from billing.devstripe.intents import intent_of
from billing.devstripe.models import Account
from billing.devstripe.pages.frame import day, language_of, money, readable, show, thing
from billing.devstripe.pdf import credit_note_pdf, invoice_pdf
from billing.devstripe.routes.paying import subscription_of
from billing.devstripe.store import LOCK, find, get
from billing.devstripe.words import CARD_HINT, word

_STATES = {"paid": "Paid", "open": "Open", "draft": "Draft", "void": "Void", "uncollectible": "Written off"}


@require_http_methods(["GET", "HEAD", "POST"])
def invoice_page(request: HttpRequest, invoice_id: str) -> HttpResponse:
    """With a button to pay what is open; where the bank asks for its customer, with that question."""
    account, _invoice = thing("invoice", invoice_id)
    with translation.override(language_of(request, None)):
        problem, number = "", request.POST.get("card", "")[:40]
        asks = False
        if request.method == "POST":
            asks = bool(number) and not request.POST.get("bank") and wants_confirmation(number)
            problem = "" if asks else _pay(account, invoice_id, number, request.POST.get("bank", ""))
            if not problem and not asks:
                return HttpResponseRedirect(request.path)
        invoice = get(account, "invoice", invoice_id)
        context = {
            "invoice": readable(invoice),
            "state": word(_STATES.get(invoice["status"], "")),
            "problem": problem,
            "asks": asks or _waits_for_the_bank(account, invoice),
            "asked_card": number if asks else "",
            "bank_asks": word("The bank asks whether it is you."),
            "hint": word(CARD_HINT),
        }
        return show(request, "invoice.html", context)


def _waits_for_the_bank(account: Account, invoice: dict[str, Any]) -> bool:
    intent = intent_of(account, invoice["id"]) if invoice["status"] == "open" else None
    return intent is not None and intent["status"] == "requires_action"


def _pay(account: Account, invoice_id: str, number: str, bank: str) -> str:
    """'' or what went wrong. An attempt that the bank refused stays known. bank: yes or no, where it asked.

    number: of a card that was entered; '' for the one on file.
    """
    try:
        with LOCK, transaction.atomic():
            invoice = get(account, "invoice", invoice_id)
            if invoice["status"] != "open":
                return ""
            at = now_for(account, invoice["customer"])
            if bank == "no":
                payments.fail_confirmation(account, invoice, at)
                return word("We are unable to authenticate your payment method.")
            subscription = find(account, "subscription", subscription_of(invoice))
            card = _card_to_use(account, invoice, subscription, number, confirmed=bank == "yes")
            refusal = payments.try_to_pay(account, invoice, subscription, at, automatic=False, card=card)
            endings.follow_payment(account, get(account, "invoice", invoice_id), at, refusal=refusal)
            if number:
                forget_confirmation(account, card["id"])
    except Refusal as problem:
        return word(str(problem))
    return word(str(payments.unpaid(refusal))) if refusal else ""


def _card_to_use(
    account: Account,
    invoice: dict[str, Any],
    subscription: dict[str, Any] | None,
    number: str,
    *,
    confirmed: bool,
) -> dict[str, Any]:
    """Raises Refusal."""
    if number:
        made = make_card(account, number, authenticated=confirmed)
        return attach(account, made["id"], invoice["customer"])
    on_file = card_for(account, subscription, invoice["customer"])
    if on_file is None:
        raise payments.unpaid("no_payment_method")
    # Confirmed for this payment alone: what is kept stays as it is.
    asked = confirmed and on_file.get("_outcome") == "authentication_required"
    return {**on_file, "_outcome": ""} if asked else on_file


@require_safe
def invoice_file(request: HttpRequest, invoice_id: str) -> HttpResponse:
    """The same as a PDF."""
    _account, invoice = thing("invoice", invoice_id)
    response = HttpResponse(invoice_pdf(readable(invoice) or {}), content_type="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{invoice["number"] or invoice_id}.pdf"'
    return response


@require_safe
def credit_note_file(request: HttpRequest, note_id: str) -> HttpResponse:
    """A credit note as a PDF."""
    account, note = thing("credit_note", note_id)
    invoice = get(account, "invoice", note["invoice"])
    amount = money(-note["amount"], note["currency"])
    body = credit_note_pdf(note, invoice, amount=amount, day=day(note["created"]))
    response = HttpResponse(body, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{note["number"]}.pdf"'
    return response


@require_safe
def receipt_page(request: HttpRequest, charge_id: str) -> HttpResponse:
    _account, charge = thing("charge", charge_id)
    with translation.override(language_of(request, None)):
        refunded = charge["amount_refunded"]
        context = {
            "charge": charge,
            "amount": money(charge["amount"], charge["currency"]),
            "refunded": money(refunded, charge["currency"]) if refunded else "",
            "day": day(charge["created"]),
        }
        return show(request, "receipt.html", context)
