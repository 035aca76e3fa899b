"""Answers to htmx: nothing to show but a toast, a closed dialog, a fresh page."""

import json
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render


def undo_url(batch: UUID) -> str:
    """Where a toast's Undo posts to."""
    return f"/undo/{batch}/"


def told(
    text: Any, *, batch: UUID | None = None, tone: str = "", status: int = 204, **events: Any
) -> HttpResponse:
    """An empty answer with a toast. events: further client events, e.g. `dialog_done=True`."""
    toast = {"text": str(text), "undo": undo_url(batch) if batch else None, "tone": tone}
    triggers = {"toast": toast} | {name.replace("_", "-"): value for name, value in events.items()}
    response = HttpResponse(status=status)
    response.headers["HX-Trigger"] = json.dumps(triggers)
    return response


def with_toast(response: HttpResponse, text: Any, *, batch: UUID | None = None) -> HttpResponse:
    """The same answer, and a toast."""
    toast = {"text": str(text), "undo": undo_url(batch) if batch else None}
    response.headers["HX-Trigger"] = json.dumps({"toast": toast})
    return response


def problem(code: str, message: Any, *, status: int, fields: dict[str, str] | None = None) -> JsonResponse:
    """A refusal of the API that no view of it could give, in the shape of its others (web.api.errors)."""
    return JsonResponse({"code": code, "message": str(message), "fields": fields or {}}, status=status)


def show_form(request: HttpRequest, context: dict[str, Any], *, refused: Any = False) -> HttpResponse:
    """A form in the dialog for htmx, on a page of its own otherwise. context: see web/form.html."""
    htmx = getattr(request, "htmx", None)
    template = "web/_form_dialog.html" if htmx and not htmx.boosted else "web/form.html"
    return render(request, template, context, status=422 if refused else 200)


def go(request: HttpRequest, url: str, text: Any = "", *, batch: UUID | None = None) -> HttpResponse:
    """To another page, with a message there: a redirect, or htmx's own way of one."""
    _leave_message(request, text, batch)
    if getattr(request, "htmx", False):
        response = HttpResponse(status=204)
        response.headers["HX-Redirect"] = url
        return response
    return redirect(url)


def reload(request: HttpRequest, text: Any, *, batch: UUID | None = None) -> HttpResponse:
    """For htmx: the page at hand once more, with a message on it."""
    _leave_message(request, text, batch)
    response = HttpResponse(status=204)
    response.headers["HX-Refresh"] = "true"
    return response


def _leave_message(request: HttpRequest, text: Any, batch: UUID | None) -> None:
    """A toast for the next page that is drawn."""
    if text:
        messages.success(request, str(text), extra_tags=f"undo:{undo_url(batch)}" if batch else "")
