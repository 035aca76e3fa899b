"""Checkout: the card is entered here alone. Source: docs.stripe.com/payments/checkout/how-checkout-works."""

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import translation
from django.views.decorators.http import require_http_methods

from billing.devstripe import checkout
from billing.devstripe.calendar import interval_of
from billing.devstripe.errors import Refusal
from billing.devstripe.models import Account
from billing.devstripe.pages.frame import day, language_of, readable, show, thing
from billing.devstripe.store import LOCK, get
from billing.devstripe.words import CARD_HINT, word


@require_http_methods(["GET", "HEAD", "POST"])
def pay_page(request: HttpRequest, session_id: str) -> HttpResponse:
    """The session stays open while cards are refused."""
    account, session = thing("checkout.session", session_id)
    with translation.override(language_of(request, session.get("locale"))):
        if session["status"] != "open":
            return show(request, "closed.html", {"back": session["cancel_url"]}, status=410)
        problem, asks = "", False
        if request.method == "POST":
            problem, asks = _try_card(account, session_id, request)
            if not problem and not asks:
                url = session["success_url"].replace("{CHECKOUT_SESSION_ID}", session_id)
                return HttpResponseRedirect(url)
        return show(request, "pay.html", _context(account, session, request, problem, asks))


def _try_card(account: Account, session_id: str, request: HttpRequest) -> tuple[str, bool]:
    """(what went wrong, whether the bank asks for a confirmation)."""
    answer = request.POST.get("bank", "")
    if answer == "no":
        return word("We are unable to authenticate your payment method."), False
    number = request.POST.get("card", "")[:40]
    try:
        with LOCK, transaction.atomic():
            checkout.complete(account, session_id, number, authenticated=answer == "yes")
    except Refusal as refusal:
        asks = refusal.code == "authentication_required"
        return "" if asks else word(str(refusal)), asks
    return "", False


_EACH = {"day": "each day", "week": "each week", "month": "each month", "year": "each year"}


def _interval(account: Account, session: dict[str, Any]) -> str:
    items = session["_given"].get("line_items") or []
    return interval_of(get(account, "price", items[0]["price"])) if items else ""


def _context(
    account: Account, session: dict[str, Any], request: HttpRequest, problem: str, asks: bool
) -> dict[str, Any]:
    return {
        "session": session,
        # What a trial's end will bring is told besides what is charged today, which is nothing.
        "invoice": readable(checkout.preview_of(account, session, after_trial=True)),
        "today": (readable(checkout.preview_of(account, session)) or {}).get("due"),
        "each": word(_EACH.get(_interval(account, session), "")),
        "trial_end": day((session["_given"].get("subscription_data") or {}).get("trial_end")),
        "problem": problem,
        "asks": asks,
        "card": request.POST.get("card", "")[:40] or "4242 4242 4242 4242",
        "hint": word(CARD_HINT),
        "bank_asks": word("The bank asks whether it is you."),
        "back": session["cancel_url"],
    }
