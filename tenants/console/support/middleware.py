"""A request of an operator in somebody's workspace. The one place that keeps support within its bounds."""

import functools
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve, reverse
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _

from core.errors import NotAllowed
from core.tenancy.reading import is_refused_write, reading_only
from core.tenancy.scope import public_scope
from tenants.console.models import SupportAccess
from tenants.console.models.support import Mode
from tenants.console.support.person import support_person
from tenants.console.support.rules import LEAVING, PASSING, is_closed_to_support, is_write
from tenants.console.support.services import log_request, running_access
from web.answers import problem

SESSION_KEY = "support_access"


class SupportMiddleware:
    """Whether it may go on is asked anew each time; what it does is written down for both sides."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        tenant = getattr(request, "tenant", None)
        access_id = request.session.get(SESSION_KEY) if tenant is not None else None
        if access_id is None or _name_of(request.path) in PASSING:
            return self.get_response(request)
        with public_scope(reason="support access", switch=True):
            access = running_access(access_id, tenant_id=tenant.tenant_id)  # type: ignore[union-attr]
        person = support_person(access) if access is not None else None
        if access is None or person is None:
            return _over(request)
        request.user, request.support = person, access  # type: ignore[attr-defined]
        status = 500
        try:
            response = self._serve(request, access)
            status = response.status_code
        finally:
            with public_scope(reason="support access", switch=True):
                log_request(access, method=request.method or "", path=request.path, status=status)
        add_never_cache_headers(response)
        return response

    def _serve(self, request: HttpRequest, access: SupportAccess) -> HttpResponse:
        sentence = refusal_of(request, access)
        if sentence:
            return _refused(request, sentence)
        reading = access.mode == Mode.READ_ONLY and _name_of(request.path) != LEAVING
        with reading_only() if reading else nullcontext():
            response = self.get_response(request)
        if getattr(request, "support_wrote", False):
            return _refused(request, _("Support may only look here; nothing was changed."))
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """A write that no rule foresaw was refused by the database: said in words, once its transaction is over."""
        if getattr(request, "support", None) is None or not is_refused_write(error):
            return None
        request.support_wrote = True  # type: ignore[attr-defined]
        return HttpResponse(status=403)


def refusal_of(request: HttpRequest, access: SupportAccess) -> str:
    """Why this request is not served; '' when it is."""
    name = _name_of(request.path)
    if is_closed_to_support(request.path, name):
        return _("This page is closed to support.")
    if access.mode == Mode.READ_ONLY and is_write(request.method or "", name):
        return _("Support may only look here; nothing was changed.")
    return ""


@functools.lru_cache(maxsize=2000)
def _name_of(path: str) -> str:
    """The name of the route; '' for an address that leads nowhere."""
    try:
        return resolve(path).url_name or ""
    except Resolver404:
        return ""


def _refused(request: HttpRequest, sentence: str) -> HttpResponse:
    error = NotAllowed(sentence, code="closed_to_support")
    if request.path.startswith("/api/"):
        return problem(error.code, sentence, status=error.status)
    htmx = "HX-Request" in request.headers
    context = {"error": error, "status": error.status, "no_side": True}
    return render(request, "web/_error.html" if htmx else "web/error.html", context, status=error.status)


def _over(request: HttpRequest) -> HttpResponse:
    """The session goes, and whoever held it is told."""
    request.session.flush()
    url = reverse("support_over")
    if "HX-Request" in request.headers:
        response = HttpResponse(status=204)
        response.headers["HX-Redirect"] = url
        return response
    return redirect(url)


def is_open_to_support(path: Any) -> bool:
    """For menus: whether a place can be shown to support."""
    return not is_closed_to_support(str(path), _name_of(str(path)))
