"""The hosted invoice, its PDF, and receipts. Source: docs.stripe.com/invoicing/hosted-invoice-page."""

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import translation
from django.views.decorators.http import require_http_methods, require_safe

from billing.devstripe import endings, payments
from billing.devstripe.calendar import now_for
from billing.devstripe.cards import attach, make_card
from billing.devstripe.errors import Refusal
from billing.devstripe.models import Account
from billing.devstripe.pages.frame import day, language_of, money, readable, show, thing
from billing.devstripe.pdf import credit_note_pdf, invoice_pdf
from billing.devstripe.store import LOCK, find, get
from billing.devstripe.words import CARD_HINT, word

_STATES = {"paid": "Paid", "open": "Open", "draft": "Draft", "void": "Void", "uncollectible": "Written off"}


@require_http_methods(["GET", "HEAD", "POST"])
def invoice_page(request: HttpRequest, invoice_id: str) -> HttpResponse:
    """With a button to pay what is open."""
    account, _invoice = thing("invoice", invoice_id)
    with translation.override(language_of(request, None)):
        problem = ""
        if request.method == "POST":
            problem = _pay(account, invoice_id, request)
            if not problem:
                return HttpResponseRedirect(request.path)
        invoice = get(account, "invoice", invoice_id)
        context = {
            "invoice": readable(invoice),
            "state": word(_STATES.get(invoice["status"], "")),
            "problem": problem,
            "hint": word(CARD_HINT),
        }
        return show(request, "invoice.html", context)


def _pay(account: Account, invoice_id: str, request: HttpRequest) -> str:
    """'' or what went wrong. An attempt that the bank refused stays known."""
    try:
        with LOCK, transaction.atomic():
            invoice = get(account, "invoice", invoice_id)
            if invoice["status"] != "open":
                return ""
            number = request.POST.get("card", "")[:40]
            card = attach(account, make_card(account, number, authenticated=True)["id"], invoice["customer"])
            at = now_for(account, invoice["customer"])
            details = (invoice["parent"] or {}).get("subscription_details") or {}
            subscription = find(account, "subscription", details.get("subscription") or "")
            refusal = payments.try_to_pay(account, invoice, subscription, at, automatic=False, card=card)
            endings.follow_payment(account, get(account, "invoice", invoice_id), at, refusal=refusal)
    except Refusal as problem:
        return word(str(problem))
    return word(str(payments.unpaid(refusal))) if refusal else ""


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
