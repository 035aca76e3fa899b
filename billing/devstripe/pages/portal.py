"""The portal: change the card, or let a subscription end. Source: docs.stripe.com/customer-management."""

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import translation
from django.views.decorators.http import require_http_methods

from billing.devstripe import changes, endings, events
from billing.devstripe.cards import attach, card_for, make_card
from billing.devstripe.errors import Refusal
from billing.devstripe.lines import text_of
from billing.devstripe.models import Account
from billing.devstripe.pages.frame import day, language_of, money, show, thing
from billing.devstripe.store import LOCK, all_of, get, put
from billing.devstripe.words import CARD_HINT, word


@require_http_methods(["GET", "HEAD", "POST"])
def portal_page(request: HttpRequest, session_id: str) -> HttpResponse:
    """In flexible mode a cancellation here sets cancel_at and leaves cancel_at_period_end false."""
    account, session = thing("billing_portal.session", session_id)
    customer_id = session["customer"]
    with translation.override(language_of(request, session.get("locale"))):
        problem = ""
        if request.method == "POST":
            try:
                with LOCK, transaction.atomic():
                    _change(account, customer_id, request)
                return HttpResponseRedirect(request.path)
            except Refusal as refusal:
                problem = word(str(refusal))
        context = {
            "living": [_readable(account, each) for each in _living(account, customer_id)],
            "problem": problem,
            "hint": word(CARD_HINT),
            "back": session["return_url"],
        }
        return show(request, "portal.html", context)


def _change(account: Account, customer_id: str, request: HttpRequest) -> None:
    number = request.POST.get("card", "")[:40]
    if number:
        _use_card(account, customer_id, number)
    for each in _living(account, customer_id):
        if request.POST.get("cancel") == each["id"]:
            changes.update(account, each["id"], {"cancel_at": each["_period"][1]})
        if request.POST.get("renew") == each["id"]:
            changes.update(account, each["id"], {"cancel_at": ""})


def _use_card(account: Account, customer_id: str, number: str) -> None:
    card = attach(account, make_card(account, number)["id"], customer_id)
    before = get(account, "customer", customer_id)
    settings = {**before["invoice_settings"], "default_payment_method": card["id"]}
    after = put(account, {**before, "invoice_settings": settings})
    events.changed(account, "customer.updated", before, after)
    for each in _living(account, customer_id):
        changes.update(account, each["id"], {"default_payment_method": card["id"]})


def _living(account: Account, customer_id: str) -> list[dict[str, Any]]:
    found = all_of(account, "subscription", customer=customer_id)
    return [each for each in found if each["status"] in endings.LIVING]


def _readable(account: Account, subscription: dict[str, Any]) -> dict[str, Any]:
    card = card_for(account, subscription, subscription["customer"])
    return {
        **subscription,
        "ends": day(subscription["cancel_at"]),
        "until": day(subscription["_period"][1]),
        "card": f"{card['card']['brand']} •••• {card['card']['last4']}" if card else "",
        "rows": [
            {
                "text": text_of(item),
                "amount": money(
                    (item["price"]["unit_amount"] or 0) * item["quantity"], subscription["currency"]
                ),
            }
            for item in subscription["items"]["data"]
        ],
    }
