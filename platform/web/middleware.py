"""What stands round every view: what services refuse becomes a page, and record types are as the person sees them."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from core.errors import DomainError, refusal_of
from core.records.types import RecordType
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


def _page_of(request: HttpRequest, refused: DomainError) -> HttpResponse:
    template = "web/_error.html" if getattr(request, "htmx", False) else "web/error.html"
    context = {"error": refused, "status": refused.status, "no_side": True}
    return render(request, template, context, status=refused.status)
