"""What stands round every view: what services refuse becomes a page, and record types are as the person sees them."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from core.errors import DomainError, refusal_of
from core.modules import Module, ModuleOff, modules_off, off_module_of_route
from core.records.types import RecordType
from web.answers import problem
from web.errors import not_found
from web.records.access import seen_kind


class DomainErrorMiddleware:
    """DomainError → its status with its sentence: a page, or a fragment for htmx."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        refused = error if isinstance(error, DomainError) else refusal_of(error)
        return None if refused is None else _page_of(request, refused)


class ModuleMiddleware:
    """What belongs to a module that is off answers 404: administrators are told why, others that nothing is there."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        if not modules_off() or not request.user.is_authenticated:
            return None
        match = request.resolver_match
        kind = kwargs.get("kind")
        key = kind.key if isinstance(kind, RecordType) else str(kind or "")
        module = off_module_of_route(match.url_name or "" if match else "", key)
        return None if module is None else _off(request, module)


def _off(request: HttpRequest, module: Module) -> HttpResponse:
    may_switch = getattr(request.user, "may_administer", False)
    if request.path.startswith("/api/"):
        told = ModuleOff(module).message if may_switch else _("There is nothing at this address.")
        return problem(ModuleOff.code if may_switch else "not_found", told, status=404)
    if not may_switch:
        return not_found(request, ModuleOff(module))
    shown = {
        "heading": _("This is switched off"),
        "home_url": "/settings/modules/",
        "home": _("To the modules"),
    }
    return _page_of(request, ModuleOff(module), **shown)


class RecordRightsMiddleware:
    """A page of a record type gets the type as the person may see it: once, before any view.

    Views that are told of a type by their address (`kind`) need not ask themselves which fields are hidden.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        kind = kwargs.get("kind")
        if not isinstance(kind, RecordType) or not request.user.is_authenticated:
            return None
        try:
            kwargs["kind"] = seen_kind(request, kind)
        except DomainError as error:
            return _page_of(request, error)
        return None


def _page_of(request: HttpRequest, refused: DomainError, **more: Any) -> HttpResponse:
    template = "web/_error.html" if getattr(request, "htmx", False) else "web/error.html"
    context = {"error": refused, "status": refused.status, "no_side": True, **more}
    return render(request, template, context, status=refused.status)
