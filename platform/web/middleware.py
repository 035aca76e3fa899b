"""One place where what services refuse becomes a page."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from core.errors import DomainError, refusal_of


class DomainErrorMiddleware:
    """DomainError → its status with its sentence: a page, or a fragment for htmx."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        refused = error if isinstance(error, DomainError) else refusal_of(error)
        if refused is None:
            return None
        htmx = getattr(request, "htmx", False)
        template = "web/_error.html" if htmx else "web/error.html"
        return render(
            request,
            template,
            {"error": refused, "status": refused.status, "no_side": True},
            status=refused.status,
        )
