"""Where the workspace asks for a second factor, whoever has none reaches nothing but its set-up."""

from collections.abc import Callable
from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import Resolver404, resolve
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from tenants.people.security.policy import FACTORS, Policy
from web.answers import problem
from web.shell import Notice

SET_UP = "/account/2fa/"
# Setting one up, proving who one is for it, and leaving.
_OPEN = frozenset({
    "mfa_index", "mfa_activate_totp", "mfa_add_webauthn", "mfa_view_recovery_codes", "mfa_download_recovery_codes",
    "mfa_generate_recovery_codes", "mfa_reauthenticate", "mfa_reauthenticate_webauthn", "account_reauthenticate",
    "account_logout", "account_login", "account_inactive", "sso_confirm", "sso_callback", "enter", "join",
    "confirm_mail",
})  # fmt: skip


class SecondFactorGate:
    """Middleware, after sessions and support. It stands before every page and the API alike."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if lacks_factor(request) and policy_at_hand(request).is_due() and _name(request) not in _OPEN:
            return _refused(request)
        return self.get_response(request)


def policy_at_hand(request: HttpRequest) -> Policy:
    """As it came with the session: no query."""
    return Policy.of(getattr(request.session, "security", None))


def lacks_factor(request: HttpRequest) -> bool:
    """Whether the person is asked for a second factor and has none. Support is not of the workspace."""
    if getattr(request, "tenant", None) is None or getattr(request, "support", None) is not None:
        return False
    if not request.user.is_authenticated:
        return False
    if not policy_at_hand(request).asks(request.user):
        return False
    # A session that is used for the first time does not know yet.
    known = getattr(request.session, "factor_of", None) == request.user.pk
    return not known and not is_mfa_enabled(request.user, list(FACTORS))


def factor_notice(request: HttpRequest) -> list[Notice]:
    """Above every page, until the day comes or a factor is there."""
    if not lacks_factor(request):
        return []
    day = policy_at_hand(request).factor_from
    text = _("From %(day)s on this workspace asks for a second factor. Set one up now.")
    if day is None or policy_at_hand(request).is_due():
        return []
    shown = date_format(day, "DATE_FORMAT")
    return [Notice(text % {"day": shown}, "shield", "amber", SET_UP, _("Set it up"))]


def _refused(request: HttpRequest) -> HttpResponse:
    sentence = _("This workspace asks for a second factor. Set one up first.")
    if request.path.startswith("/api/"):
        return problem("factor_needed", sentence, status=403)
    if "HX-Request" in request.headers:
        response = HttpResponse(status=204)
        response.headers["HX-Redirect"] = SET_UP
        return response
    return redirect(SET_UP)


def _name(request: HttpRequest) -> Any:
    try:
        return resolve(request.path_info).url_name
    except Resolver404:
        return ""
