"""The one door of the console: whoever is not signed in with password and factor gets no further.

It stands before every view whose address begins with /console/ on the public host, so that a page added later is
behind it without saying so.
"""

import functools
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.cache import add_never_cache_headers

from tenants.console.frame import build_frame

PREFIX = "/console/"
# Asked for a secret instead of a session.
OPEN = frozenset({"account_login", "account_logout", "account_inactive", "mfa_authenticate"})
# All that somebody without a factor may reach.
SETTING_UP = frozenset({"mfa_activate_totp", "account_reauthenticate"})
RECENT_SECONDS = 15 * 60


class ConsoleGate:
    """Middleware. Runs after sessions and language, before any view of the console."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if _is_console(request):
            add_never_cache_headers(response)
        return response

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        if not _is_console(request):
            return None
        name = request.resolver_match.url_name if request.resolver_match else ""
        if name in OPEN:
            return None
        if not request.user.is_authenticated:
            return redirect(_with_next("account_login", request))
        if not has_factor(request.user):
            return None if name in SETTING_UP else redirect("mfa_activate_totp")
        if not gave_factor(request):
            # The factor was set up elsewhere, or this session never went through it.
            logout(request)
            return redirect(_with_next("account_login", request))
        request.build_shell = build_frame  # type: ignore[attr-defined]
        return None


def has_factor(person: Any) -> bool:
    """Whether an authenticator app is set up."""
    return is_mfa_enabled(person, [Authenticator.Type.TOTP])


def gave_factor(request: HttpRequest) -> bool:
    """Whether this very session went through the second factor."""
    return any(each["method"] == "mfa" for each in get_authentication_records(request, request.user))  # type: ignore[arg-type]


def confirmed_lately(request: HttpRequest) -> bool:
    """Whether password or factor were given in this session within RECENT_SECONDS."""
    records = get_authentication_records(request, request.user)  # type: ignore[arg-type]
    return bool(records) and time.time() - records[-1]["at"] < RECENT_SECONDS


def needs_confirmation(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For dangerous actions: who gave neither password nor factor lately is asked again, and comes back."""
    return _confirmed(view, lambda request, kwargs: _with_next("mfa_reauthenticate", request))


def needs_confirmation_on(page: str, *names: str) -> Callable[[Callable[..., HttpResponse]], Any]:
    """The same for an action that is a POST alone: afterwards its page is opened, where it is asked for again.

    page: a route; names: which of the action's arguments it takes.
    """

    def back(request: HttpRequest, kwargs: dict[str, Any]) -> str:
        href = reverse(page, kwargs={name: kwargs[name] for name in names})
        return f"{reverse('mfa_reauthenticate')}?{urlencode({'next': href})}"

    return lambda view: _confirmed(view, back)


def _confirmed(
    view: Callable[..., HttpResponse], address: Callable[[HttpRequest, dict[str, Any]], str]
) -> Callable[..., HttpResponse]:
    """address(request, arguments): where to confirm, with the way back."""

    @functools.wraps(view)
    def confirmed(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not confirmed_lately(request):
            return redirect(address(request, kwargs))
        return view(request, *args, **kwargs)

    confirmed.needs_confirmation = True  # type: ignore[attr-defined]
    return confirmed


def _with_next(name: str, request: HttpRequest) -> str:
    # Never back to a POST: its form is opened again instead.
    back = request.get_full_path() if request.method in ("GET", "HEAD") else request.path
    return f"{reverse(name)}?{urlencode({'next': back})}"


def _is_console(request: HttpRequest) -> bool:
    return getattr(request, "tenant", None) is None and request.path.startswith(PREFIX)
