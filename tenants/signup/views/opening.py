"""The front page: open a workspace; and the page that waits where the pool was empty."""

import functools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from allauth.account.adapter import get_adapter
from csp.decorators import csp_update
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from core.errors import Conflict, DomainError
from core.limits import spend
from core.places import countries, currencies, guess_place, time_zones
from core.tenancy.addresses import address_of
from tenants.people.forms import language_names, with_problems
from tenants.registry.provisioning.claim import PoolEmpty, pool_level
from tenants.signup.availability import look_up
from tenants.signup.forms import SignUpForm
from tenants.signup.pending import PendingGone, keep_pending, open_pending, position_of
from tenants.signup.services import SignUp, check_sign_up, open_checked
from tenants.signup.site_pages import agreed_texts, mark_of
from tenants.signup.trades import known_trade, trade_choices
from web.answers import go

_CHECKS_A_MINUTE = 120
_TRIES_AN_HOUR = 60
_CHECKED = ("mail", "name", "workspace", "address", "password")
_PLACES = ("language", "country", "currency", "time_zone", "trade")


def may_lead_to_workspaces(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Browsers hold the redirect after a form to `form-action` as well: workspaces are other hosts."""

    @functools.wraps(view)
    def led(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        workspaces = address_of(f"*.{settings.GUANXI['BASE_HOST']}", "")
        return csp_update({"form-action": [workspaces]})(view)(request, *args, **kwargs)

    return led


@may_lead_to_workspaces
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_up_page(request: HttpRequest) -> HttpResponse:
    """A workspace for who fills this in."""
    if request.method != "POST":
        return _page(request, SignUpForm(initial=_guess(request)))
    form = SignUpForm(request.POST)
    form.is_valid()
    # A refused tick and what the service refuses come in one answer.
    given = {name: form.cleaned_data.get(name, "") for name in (*_CHECKED, *_PLACES)}
    limit = settings.GUANXI["SIGNUPS_PER_HOUR"]
    try:
        # Before the check, which hashes the password: that is made to be slow.
        spend("sign-up-try", visitor(request), limit=limit and _TRIES_AN_HOUR, seconds=3600)
        checked = _check(form, given)
        spend("sign-up", visitor(request), limit=limit, seconds=3600)
        return redirect(_open(checked))
    except DomainError as error:
        status = 429 if error.status == 429 else 422
        return _page(request, with_problems(form, error.fields, error), status=status)  # type: ignore[arg-type]


def _check(form: SignUpForm, given: dict[str, Any]) -> SignUp:
    """Raises DomainError with all problems of the form."""
    checked = check_sign_up(**{name: given[name] for name in _CHECKED})
    agreed = agreed_texts(translation.get_language() or "en")
    # A form without the mark comes from a program, and agrees to what stands there now.
    if form.cleaned_data.get("texts", "") not in ("", mark_of(agreed)):
        form.add_error("terms", _("The terms or the privacy page have just changed. Please read them again."))
    if form.errors:
        name, sentences = next(iter(form.errors.items()))
        raise DomainError(sentences[0], fields={name: []})
    places = {name: given[name] for name in _PLACES}
    places["trade"] = known_trade(places["trade"])
    if places["language"] not in dict(settings.LANGUAGES):
        places["language"] = translation.get_language()
    return replace(checked, **places, agreed=agreed)


def _open(checked: SignUp) -> str:
    """Where to go next: into the workspace, or to the page that waits for one."""
    try:
        return open_checked(checked).entry_url
    except PoolEmpty:
        return f"/waiting/{keep_pending(checked)}/"


@may_lead_to_workspaces
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def waiting_page(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows where one stands; the page POSTs every second, and that opens the workspace."""
    try:
        if request.method == "POST" and (opened := open_pending(token)):
            return go(request, opened.entry_url)
        context = _progress(token)
    except (PendingGone, Conflict) as error:
        context = {"gone": error, "no_side": True}
        # 200 for htmx: it shows the sentence in place of the progress.
        status = 200 if request.htmx else error.status  # type: ignore[attr-defined]
        return render(request, _waiting_template(request), context, status=status)
    return render(request, _waiting_template(request), context)


def _progress(token: str) -> dict[str, Any]:
    ready, _wanted = pool_level()
    return {"position": position_of(token), "ready": ready, "no_side": True}


def _waiting_template(request: HttpRequest) -> str:
    part = request.htmx  # type: ignore[attr-defined]
    return "tenants/signup/_waiting.html" if part else "tenants/signup/waiting.html"


@never_cache
@require_safe
def check_address_part(request: HttpRequest) -> HttpResponse:
    """A fragment below the address: free, or why not and what else."""
    spend("address-check", visitor(request), limit=_CHECKS_A_MINUTE, seconds=60)
    found = look_up(request.GET.get("address", "")[:80], workspace=request.GET.get("workspace", "")[:200])
    return render(request, "tenants/signup/_address.html", {"found": found, "suffix": _suffix()})


def visitor(request: HttpRequest) -> str:
    """The visitor's IP address, as far as the proxies in front are to be believed."""
    return get_adapter().get_client_ip(request)


def _guess(request: HttpRequest) -> dict[str, str]:
    guess = guess_place(request.headers.get("Accept-Language", ""))
    places = {"country": guess.country, "currency": guess.currency, "time_zone": guess.time_zone}
    return {"language": translation.get_language() or "en", **places}


def _page(request: HttpRequest, form: SignUpForm, status: int = 200) -> HttpResponse:
    language = translation.get_language() or "en"
    context = {
        "form": form,
        "suffix": _suffix(),
        "languages": language_names(),
        "countries": countries(language),
        "currencies": currencies(language),
        "zones": time_zones(),
        "trades": trade_choices(),
        "trade": known_trade(str(form["trade"].value() or "")),
        "texts": mark_of(agreed_texts(language)),
        # A form that comes back keeps what the person chose.
        "chosen": form.is_bound,
    }
    return render(request, "tenants/signup/sign_up.html", context, status=status)


def _suffix() -> str:
    return f".{settings.GUANXI['BASE_HOST']}{settings.GUANXI['PUBLIC_PORT']}"
