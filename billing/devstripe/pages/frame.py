"""What all pages share: their policy, language, label and the way amounts and days are written."""

import datetime as dt
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseForbidden, JsonResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.http import require_safe

from billing.devstripe.currencies import places
from billing.devstripe.errors import Refusal
from billing.devstripe.models import Account, Thing
from billing.devstripe.words import LABEL, word

_POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "img-src data:",
        # Checkout's form leads on to an address of the shop's.
        "form-action *",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)


class PagePolicy:
    """Nothing but the page's own style; and no form that another site fills in behind a person's back."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.get_host()  # raises DisallowedHost: a stranger's name that leads here is answered nothing
        if request.method == "POST" and request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site"):
            return HttpResponseForbidden(
                "This form is sent from its own page only.", content_type="text/plain"
            )
        response = self.get_response(request)
        response.headers["Content-Security-Policy"] = _POLICY
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cache-Control"] = "no-store"
        return response


class Words:
    """`{{ w.Pay }}` in templates; a space is written as an underscore."""

    def __getitem__(self, name: str) -> str:
        return word(name.replace("_", " "))


def show(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """back: an address of the shop's; any other scheme than the web's is left out."""
    back = context.get("back")
    if back and urlsplit(back).scheme not in ("http", "https"):
        context["back"] = ""
    chinese = (translation.get_language() or "").startswith("zh")
    shared = {"label": word(LABEL), "language": "zh-Hans" if chinese else "en", "w": Words()}
    return render(request, f"devstripe/{template}", {**context, **shared}, status=status)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    with translation.override(language_of(request, None)):
        return show(request, "closed.html", {}, status=404)


def broken(request: HttpRequest) -> HttpResponse:
    """A fault of the stand-in's own, in the form that the asker can read. It stands in the log."""
    if request.path.startswith(("/v1/", "/devstripe/")):
        fault = Refusal(500, "api_error", "The stand-in has a fault here; see its log.")
        return JsonResponse(fault.as_json(), status=500)
    return HttpResponse(LABEL + "\n500", status=500, content_type="text/plain; charset=utf-8")


def thing(kind: str, object_id: str) -> tuple[Account, dict[str, Any]]:
    """Pages carry no key: the id is the secret, as on Stripe's own. Raises Http404."""
    found = Thing.objects.select_related("account").filter(kind=kind, public_id=object_id).first()
    if found is None:
        raise Http404
    return found.account, found.body


def language_of(request: HttpRequest, locale: str | None) -> str:
    """locale: what the shop asked for; without one, or with `auto`, the browser decides."""
    if locale and locale != "auto":
        return "zh-hans" if locale.startswith("zh") else "en"
    return translation.get_language_from_request(request)


def money(amount: int, currency: str) -> str:
    decimals = places(currency)
    return f"{currency.upper()} {amount / 10**decimals:,.{decimals}f}"


def readable(invoice: dict[str, Any] | None) -> dict[str, Any] | None:
    """With amounts and days as people read them."""
    if invoice is None:
        return None
    currency = invoice["currency"]
    off = sum(each["amount"] for each in invoice["total_discount_amounts"])
    credit = invoice["amount_due"] - max(0, invoice["total"])
    return {
        **invoice,
        "due": money(invoice["amount_due"], currency),
        "total_shown": money(invoice["total"], currency),
        "subtotal_shown": money(invoice["subtotal"], currency),
        "tax_shown": money(sum(each["amount"] for each in invoice["total_taxes"]), currency),
        "discount_shown": money(-off, currency) if off else "",
        "balance_shown": money(credit, currency) if credit else "",
        "day": day(invoice["created"]),
        "rows": [
            {"text": each["description"], "amount": money(each["amount"], currency)}
            for each in invoice["lines"]["data"]
        ],
    }


def day(stamp: int | None) -> str:
    """UTC, as everything here."""
    return "" if stamp is None else f"{dt.datetime.fromtimestamp(stamp, dt.UTC):%Y-%m-%d}"


def moment(stamp: int) -> str:
    return f"{dt.datetime.fromtimestamp(stamp, dt.UTC):%Y-%m-%d %H:%M}"


@require_safe
def style(request: HttpRequest) -> HttpResponse:
    text = (settings.HERE / "templates" / "devstripe.css").read_text(encoding="utf-8")
    return HttpResponse(text, content_type="text/css; charset=utf-8")
