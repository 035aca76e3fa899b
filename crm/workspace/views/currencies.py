"""Settings → Currencies: the base, the others, and their rates by day."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from core.clock import today
from core.errors import DomainError
from core.money import decimals_of
from crm.workspace.models import CurrencyRate
from crm.workspace.selectors.currencies import (
    base_currency,
    currency_names,
    currency_rows,
    further_currencies,
    rates_of,
)
from crm.workspace.services.base_currency import ask_for_base_currency
from crm.workspace.services.currencies import (
    add_currency,
    keep_rate,
    paste_rates,
    remove_rate,
    retire_currency,
)
from tenants.people.rights import require_administrator
from web.answers import go

_HOME = "/settings/currencies/"


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def currencies_settings(request: HttpRequest) -> HttpResponse:
    """The base currency and the others with what counts today; POST adds one."""
    user: Any = request.user
    require_administrator(user)
    given = {name: request.POST.get(name, "") for name in ("currency", "rate", "since")}
    problem: DomainError | None = None
    if request.method == "POST":
        try:
            batch = add_currency(given["currency"], rate=given["rate"], since=given["since"], by=user)
        except DomainError as error:
            problem = error
        else:
            text = _("Added %(code)s") % {"code": given["currency"]}
            return go(request, f"{_HOME}{given['currency']}/", text, batch=batch)
    return _show_all(request, given, problem)


@require_POST
@login_required
def rates_paste(request: HttpRequest) -> HttpResponse:
    """Rates of several currencies at once: all of them or none."""
    user: Any = request.user
    try:
        batch, count = paste_rates(request.POST.get("rates", ""), by=user)
    except DomainError as error:
        require_administrator(user)
        return _show_all(request, {"rates": request.POST.get("rates", "")}, error)
    return go(request, _HOME, _pasted(count), batch=batch)


def _show_all(request: HttpRequest, given: dict[str, str], problem: DomainError | None) -> HttpResponse:
    known = {base_currency(), *further_currencies()}
    names = currency_names()
    context = {
        "title": _("Currencies"),
        "base": base_currency(),
        "base_name": names.get(base_currency(), base_currency()),
        "rows": currency_rows(),
        "choices": [("", "—"), *((code, name) for code, name in names.items() if code not in known)],
        "given": {"since": today().isoformat(), **{name: text for name, text in given.items() if text}},
        "problems": _problems(problem),
    }
    return render(
        request, "crm/workspace/currencies.html", context, status=problem.status if problem else 200
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def currency_page(request: HttpRequest, code: str) -> HttpResponse:
    """The rates of one currency; POST sets the rate of a day."""
    user: Any = request.user
    require_administrator(user)
    if code not in further_currencies():
        raise Http404
    given = {name: request.POST.get(name, "") for name in ("rate", "since")}
    if request.method == "POST":
        try:
            batch = keep_rate(code, rate=given["rate"], since=given["since"], by=user)
        except DomainError as error:
            return _show_one(request, code, given, error)
        return go(request, f"{_HOME}{code}/", _("Saved"), batch=batch)
    return _show_one(request, code, given, None)


@require_POST
@login_required
def currency_paste(request: HttpRequest, code: str) -> HttpResponse:
    """Pasted lines of days and rates: all of them or none."""
    user: Any = request.user
    require_administrator(user)
    if code not in further_currencies():
        raise Http404
    text = request.POST.get("rates", "")
    try:
        batch, count = paste_rates(text, currency=code, by=user)
    except DomainError as error:
        return _show_one(request, code, {"rates": text}, error)
    return go(request, f"{_HOME}{code}/", _pasted(count), batch=batch)


def _show_one(
    request: HttpRequest, code: str, given: dict[str, str], problem: DomainError | None
) -> HttpResponse:
    rates = rates_of(code)
    current = next((rate.pk for rate in rates if rate.since <= today()), None)
    context = {
        "title": code,
        "code": code,
        "name": currency_names().get(code, code),
        "base": base_currency(),
        "decimals": decimals_of(code),
        "rates": [(rate, rate.pk == current, rate.since > today()) for rate in rates],
        "given": {"since": today().isoformat(), **{name: text for name, text in given.items() if text}},
        "problems": _problems(problem),
    }
    return render(request, "crm/workspace/currency.html", context, status=problem.status if problem else 200)


@require_POST
@login_required
def currency_retire(request: HttpRequest, code: str) -> HttpResponse:
    """No longer offered; what is in it stays."""
    batch = retire_currency(code, by=request.user)
    return go(request, _HOME, _("%(code)s is no longer offered") % {"code": code}, batch=batch)


@require_POST
@login_required
def rate_remove(request: HttpRequest, code: str, rate_id: UUID) -> HttpResponse:
    """The rate before it counts again."""
    try:
        batch = remove_rate(code, rate_id, by=request.user)
    except CurrencyRate.DoesNotExist as error:
        raise Http404 from error
    return go(request, f"{_HOME}{code}/", _("Removed"), batch=batch)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def base_currency_page(request: HttpRequest) -> HttpResponse:
    """What becomes of amounts when the base changes; POST has it done."""
    user: Any = request.user
    require_administrator(user)
    problem: DomainError | None = None
    if request.method == "POST":
        code, convert = request.POST.get("currency", ""), request.POST.get("how") == "convert"
        try:
            ask_for_base_currency(code, convert=convert, by=user)
        except DomainError as error:
            problem = error
        else:
            text = _("The base currency becomes %(code)s in a moment.") % {"code": code}
            return go(request, _HOME, text)
    names = currency_names()
    context = {
        "title": _("Base currency"),
        "base": base_currency(),
        "choices": [("", "—"), *((code, name) for code, name in names.items() if code != base_currency())],
        "given": request.POST,
        "problem": problem,
    }
    return render(
        request, "crm/workspace/base_currency.html", context, status=problem.status if problem else 200
    )


def _pasted(count: int) -> str:
    return ngettext("%(count)d rate set", "%(count)d rates set", count) % {"count": count}


def _problems(problem: DomainError | None) -> dict[str, list[str]]:
    """By field, as form rows take them; '' for what belongs to none."""
    if problem is None:
        return {}
    fields = {name: [str(text)] for name, text in problem.fields.items()}
    return fields or {"all": [str(problem)]}
