"""Pages that a person sees: Checkout, portal, invoice, receipt, and a home page that shows what there is."""

import datetime as dt
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.http import require_http_methods, require_safe

from billing.devstripe import checkout, clocks, events, payments, subscriptions
from billing.devstripe.calendar import now_for
from billing.devstripe.customers import attach, make_card
from billing.devstripe.errors import Refusal
from billing.devstripe.models import Account, Thing
from billing.devstripe.pdf import invoice_pdf
from billing.devstripe.store import LOCK, all_of, find, get, put
from billing.devstripe.words import CARD_HINT, LABEL, word

_POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "img-src data:",
        "form-action *",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
# docs.stripe.com/currencies: no minor unit, and three decimals.
_WHOLE = frozenset("bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf".split())  # noqa: SIM905
_THREE = frozenset("bhd jod kwd omr tnd".split())  # noqa: SIM905
DELIVERY_MODES = ("normal", "hold", "drop", "double", "shuffle")
_STATES = {"paid": "Paid", "open": "Open", "draft": "Draft", "void": "Void", "uncollectible": "Written off"}


class PagePolicy:
    """Nothing but the page's own style; and the label in the page's language."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers["Content-Security-Policy"] = _POLICY
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        return response


@require_http_methods(["GET", "HEAD", "POST"])
def pay_page(request: HttpRequest, session_id: str) -> HttpResponse:
    """Checkout: the card is entered here and nowhere else."""
    account, session = _thing("checkout.session", session_id)
    with translation.override(_language(request, session.get("locale"))):
        if session["status"] != "open":
            return _page(request, "closed.html", {"back": session["cancel_url"]}, status=410)
        problem, asks = "", False
        if request.method == "POST":
            number = request.POST.get("card", "")[:40]
            answer = request.POST.get("bank", "")
            if answer == "no":
                problem = word("The card was refused.")
            else:
                try:
                    with LOCK, transaction.atomic():
                        checkout.complete(account, session_id, number, authenticated=answer == "yes")
                    return HttpResponseRedirect(
                        session["success_url"].replace("{CHECKOUT_SESSION_ID}", session_id)
                    )
                except Refusal as refusal:
                    asks = refusal.code == "authentication_required"
                    problem = "" if asks else str(refusal)
        context = {
            "session": session,
            "invoice": _shown(checkout.preview_of(account, session)),
            "trial_end": _day((session["_given"].get("subscription_data") or {}).get("trial_end")),
            "problem": problem,
            "asks": asks,
            "card": request.POST.get("card", "")[:40] if asks else "",
            "back": session["cancel_url"],
        }
        return _page(request, "pay.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def portal_page(request: HttpRequest, session_id: str) -> HttpResponse:
    """Change the card, or let the subscription end with its period.

    In flexible mode a cancellation here sets cancel_at and leaves cancel_at_period_end false.
    """
    account, session = _thing("billing_portal.session", session_id)
    with translation.override(_language(request, session.get("locale"))):
        problem = ""
        living = [
            each
            for each in all_of(account, "subscription", customer=session["customer"])
            if each["status"] in subscriptions.LIVING
        ]
        if request.method == "POST":
            try:
                with LOCK, transaction.atomic():
                    _change_in_portal(account, session["customer"], living, request)
                return HttpResponseRedirect(request.path)
            except Refusal as refusal:
                problem = str(refusal)
        shown = [
            {**each, "ends": _day(each["cancel_at"]), "until": _day(each["_period"][1])} for each in living
        ]
        return _page(
            request, "portal.html", {"living": shown, "problem": problem, "back": session["return_url"]}
        )


@require_http_methods(["GET", "HEAD", "POST"])
def invoice_page(request: HttpRequest, invoice_id: str) -> HttpResponse:
    """The hosted invoice, with a button to pay what is open."""
    account, invoice = _thing("invoice", invoice_id)
    with translation.override(_language(request, None)):
        problem = ""
        if request.method == "POST" and invoice["status"] == "open":
            try:
                with LOCK, transaction.atomic():
                    _pay_on_page(account, invoice, request.POST.get("card", "")[:40])
                return HttpResponseRedirect(request.path)
            except Refusal as refusal:
                problem = str(refusal)
        state = word(_STATES.get(invoice["status"], ""))
        return _page(
            request, "invoice.html", {"invoice": _shown(invoice), "state": state, "problem": problem}
        )


@require_safe
def invoice_file(request: HttpRequest, invoice_id: str) -> HttpResponse:
    """The same as a PDF."""
    _account, invoice = _thing("invoice", invoice_id)
    shown = _shown(invoice) or {}
    response = HttpResponse(invoice_pdf(shown), content_type="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{invoice["number"] or invoice_id}.pdf"'
    return response


@require_safe
def receipt_page(request: HttpRequest, charge_id: str) -> HttpResponse:
    _account, charge = _thing("charge", charge_id)
    with translation.override(_language(request, None)):
        amount = money(charge["amount"], charge["currency"])
        return _page(
            request, "receipt.html", {"charge": charge, "amount": amount, "day": _day(charge["created"])}
        )


@require_http_methods(["GET", "HEAD", "POST"])
def home(request: HttpRequest) -> HttpResponse:
    """What there is under the installation's own key, and its test clocks to turn."""
    account, _made = Account.objects.get_or_create(key=settings.SECRET_KEY)
    problem = ""
    if request.method == "POST":
        try:
            with LOCK, transaction.atomic():
                _turn(account, request)
            return HttpResponseRedirect("/")
        except (Refusal, ValueError) as refusal:
            problem = str(refusal)
    with translation.override(_language(request, None)):
        context = {
            "customers": all_of(account, "customer")[:50],
            "subscriptions": [
                {**each, "until": _day(each["_period"][1])} for each in all_of(account, "subscription")[:50]
            ],
            "clocks": [
                {**each, "at": _moment(each["frozen_time"])}
                for each in all_of(account, "test_helpers.test_clock")[:50]
            ],
            "events": [{**each, "at": _moment(each["created"])} for each in all_of(account, "event")[:40]],
            "mode": account.settings.get("delivery", "normal"),
            "problem": problem,
        }
        return _page(request, "home.html", context)


@require_safe
def style(request: HttpRequest) -> HttpResponse:
    text = (settings.HERE / "templates" / "devstripe.css").read_text(encoding="utf-8")
    return HttpResponse(text, content_type="text/css")


def money(amount: int, currency: str) -> str:
    places = 0 if currency in _WHOLE else 3 if currency in _THREE else 2
    return f"{currency.upper()} {amount / 10**places:,.{places}f}"


def _turn(account: Account, request: HttpRequest) -> None:
    if request.POST.get("clock"):
        moment = dt.datetime.fromisoformat(request.POST.get("to", "")).replace(tzinfo=dt.UTC)
        clocks.advance(account, request.POST["clock"], {"frozen_time": int(moment.timestamp())})
    elif request.POST.get("event"):
        endpoint = next(iter(all_of(account, "webhook_endpoint")), None)
        if endpoint is not None:
            payload = events.payload_of(account, request.POST["event"])
            at = now_for(account, "")
            events.post(endpoint["url"], payload, events.sign(payload, endpoint["_secret"], at))
    elif request.POST.get("mode"):
        account.settings["delivery"] = request.POST["mode"]
        account.save(update_fields=["settings"])


def _change_in_portal(
    account: Account, customer_id: str, living: list[dict[str, Any]], request: HttpRequest
) -> None:
    number = request.POST.get("card", "")[:40]
    if number:
        card = attach(account, make_card(account, number)["id"], customer_id)
        customer = get(account, "customer", customer_id)
        customer["invoice_settings"]["default_payment_method"] = card["id"]
        events.emit(account, "customer.updated", put(account, customer))
        for each in living:
            subscriptions.update(account, each["id"], {"default_payment_method": card["id"]})
    for each in living:
        if request.POST.get("cancel") == each["id"]:
            subscriptions.update(account, each["id"], {"cancel_at": each["_period"][1]})


def _pay_on_page(account: Account, invoice: dict[str, Any], number: str) -> None:
    card = attach(account, make_card(account, number)["id"], invoice["customer"])
    at = now_for(account, invoice["customer"])
    details = (invoice["parent"] or {}).get("subscription_details") or {}
    subscription = find(account, "subscription", details.get("subscription") or "")
    refusal = payments.try_to_pay(account, invoice, subscription, at, automatic=False, card=card)
    subscriptions.follow_payment(account, get(account, "invoice", invoice["id"]), at, refusal=refusal)
    payments.refuse_unpaid(refusal)


def _thing(kind: str, object_id: str) -> tuple[Account, dict[str, Any]]:
    """Pages carry no key: the id is the secret, as on Stripe's own."""
    thing = Thing.objects.select_related("account").filter(kind=kind, public_id=object_id).first()
    if thing is None:
        raise Http404
    return thing.account, thing.body


def _shown(invoice: dict[str, Any] | None) -> dict[str, Any] | None:
    """With amounts as people read them."""
    if invoice is None:
        return None
    currency = invoice["currency"]
    return {
        **invoice,
        "due": money(invoice["amount_due"], currency),
        "total_shown": money(invoice["total"], currency),
        "tax_shown": money(sum(each["amount"] for each in invoice["total_taxes"]), currency),
        "day": _day(invoice["created"]),
        "rows": [
            {"text": each["description"], "amount": money(each["amount"], currency)}
            for each in invoice["lines"]["data"]
        ],
    }


def _language(request: HttpRequest, locale: str | None) -> str:
    if locale:
        return "zh-hans" if locale.startswith("zh") else "en"
    return translation.get_language_from_request(request)


def _page(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    language = "zh-Hans" if (translation.get_language() or "").startswith("zh") else "en"
    back = context.get("back")
    if back and urlsplit(back).scheme not in ("http", "https"):
        context["back"] = ""
    shared = {
        "label": word(LABEL),
        "language": language,
        "w": _Words(),
        "hint": word(CARD_HINT),
        "bank_asks": word("The bank asks whether it is you."),
        "closed": word("This page is no longer open."),
        "modes": DELIVERY_MODES,
    }
    return render(request, f"devstripe/{template}", {**context, **shared}, status=status)


class _Words:
    """`{{ w.Pay }}` in templates; a space is written as an underscore."""

    def __getitem__(self, name: str) -> str:
        return word(name.replace("_", " "))


def _day(stamp: int | None) -> str:
    return "" if stamp is None else f"{dt.datetime.fromtimestamp(stamp, dt.UTC):%Y-%m-%d}"


def _moment(stamp: int) -> str:
    return f"{dt.datetime.fromtimestamp(stamp, dt.UTC):%Y-%m-%d %H:%M}"
