"""Is it you? Asked again before what matters most, unless the person proved it within the last quarter of an hour.

    @needs_confirmation(back="profile")

Only a POST is held back. What was typed is kept in the session meanwhile, without secrets, and stands in the form
again when the person is back: `kept_values` gives it to the view, once.
"""

import functools
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from core.errors import NotAllowed

KEPT = "people_kept_form"
_LARGEST_KEPT = 20_000
_SECRET_PARTS = ("password", "secret", "csrf", "code", "credential")
View = Callable[..., Any]


def confirmed_lately(request: HttpRequest) -> bool:
    """Whether the person proved who they are in this session within ACCOUNT_REAUTHENTICATION_TIMEOUT seconds."""
    records = get_authentication_records(request, request.user)  # type: ignore[arg-type]
    latest = max((each["at"] for each in records), default=0)
    return time.time() - latest < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT


def needs_confirmation(*, back: str = "", same: bool = False) -> Callable[[View], View]:
    """back: the name of the page to come back to, where the view itself shows none; same: with its arguments."""

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def confirmed(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if request.method == "POST" and request.user.is_authenticated and not confirmed_lately(request):
                path = reverse(back, kwargs=kwargs if same else None) if back else request.path
                return _ask(request, path)
            return view(request, *args, **kwargs)

        confirmed.needs_confirmation = True  # type: ignore[attr-defined]
        return confirmed

    return decorate


def kept_values(request: HttpRequest) -> dict[str, Any]:
    """For a form's `initial`: what was typed here before the question. Given once; {} as a rule."""
    kept = request.session.get(KEPT)
    if request.method != "GET" or not kept or kept["path"] != request.path:
        return {}
    del request.session[KEPT]
    return {
        name: values if len(values) > 1 else values[0] for name, values in kept["values"].items() if values
    }


def _ask(request: HttpRequest, path: str) -> HttpResponse:
    ways = get_adapter(request).get_reauthentication_methods(request.user)
    if not ways:
        raise NotAllowed(_("Sign out and in again first: this asks who you are."))
    values = _worth_keeping(request.POST)
    request.session[KEPT] = {"path": path, "values": values}
    url = f"{ways[0]['url']}?{urlencode({'next': path})}"
    if "HX-Request" in request.headers:
        response = HttpResponse(status=204)
        response.headers["HX-Redirect"] = url
        return response
    return redirect(url)


def _worth_keeping(given: Mapping[str, Any]) -> dict[str, list[str]]:
    kept = {
        name: given.getlist(name)  # type: ignore[attr-defined]
        for name in given
        if not any(part in name.lower() for part in _SECRET_PARTS)
    }
    size = sum(len(value) for values in kept.values() for value in values)
    return kept if size <= _LARGEST_KEPT else {}
