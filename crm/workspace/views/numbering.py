"""Settings → Numbering: patterns and counters of each record type."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.errors import DomainError
from core.records.types import RecordType
from crm.workspace.rules.numbers import MONTHLY, NEVER, YEARLY, Numbering, check_pattern
from crm.workspace.selectors.numbering import next_counter, numbered_types, preview, series_of, workspace_day
from crm.workspace.services.numbering import ask_to_number_existing, set_numbering
from tenants.people.rights import require_administrator
from web.answers import go

_HOME = "/settings/numbering/"


@require_safe
@login_required
def numbering_settings(request: HttpRequest) -> HttpResponse:
    """Every type that can be numbered, with what comes next."""
    require_administrator(request.user)  # type: ignore[arg-type]
    context = {"title": _("Numbering"), "series": [series_of(kind) for kind in numbered_types()]}
    return render(request, "crm/workspace/numbering.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def numbering_edit(request: HttpRequest, key: str) -> HttpResponse:
    """Pattern, counter and reset of one type."""
    user: Any = request.user
    require_administrator(user)
    kind = _kind(key)
    series = series_of(kind)
    if request.method != "POST":
        numbering = series.numbering
        given = {"pattern": numbering.pattern, "reset": numbering.reset, "counter": str(series.counter)}
        return _page(request, series, given | {"on": "yes" if numbering.on else ""}, None)
    given = {name: request.POST.get(name, "") for name in ("pattern", "reset", "counter", "on")}
    try:
        batch = set_numbering(
            key,
            on=given["on"] == "yes",
            pattern=given["pattern"],
            reset=given["reset"],
            counter=_counter(given["counter"], series.counter),
            by=user,
        )
    except DomainError as error:
        return _page(request, series, given, error)
    return go(request, _HOME, _("Saved"), batch=batch)


@require_safe
@login_required
def numbering_preview(request: HttpRequest, key: str) -> HttpResponse:
    """The next numbers by what is being typed."""
    require_administrator(request.user)  # type: ignore[arg-type]
    kind = _kind(key)
    return render(request, "crm/workspace/_numbers.html", _preview(kind, request.GET))


@require_POST
@login_required
def number_existing(request: HttpRequest, key: str) -> HttpResponse:
    """A job: every record without a number gets one, in the order in which they were made."""
    kind = _kind(key)
    batch = ask_to_number_existing(key, by=request.user)
    text = _("The %(types)s are being numbered.") % {"types": kind.label_plural}
    return go(request, _HOME, text, batch=batch)


def _page(
    request: HttpRequest, series: Any, given: dict[str, str], problem: DomainError | None
) -> HttpResponse:
    kind = series.kind
    data = QueryDict(mutable=True)
    data.update(given)
    context = {
        "title": str(kind.label_plural).capitalize(),
        "kind": kind,
        "given": given,
        "resets": [
            (NEVER, pgettext("counter", "Never")),
            (YEARLY, _("Every year")),
            (MONTHLY, _("Every month")),
        ],
        "problems": {name: [str(text)] for name, text in problem.fields.items()} if problem else {},
        **_preview(kind, data),
    }
    return render(
        request, "crm/workspace/numbering_edit.html", context, status=problem.status if problem else 200
    )


def _preview(kind: RecordType, data: QueryDict) -> dict[str, Any]:
    pattern, reset = data.get("pattern", "").strip(), data.get("reset", "")
    try:
        check_pattern(pattern, reset)
        stored = next_counter(kind.key, reset, workspace_day())
        counter = _counter(data.get("counter", ""), stored) or stored
    except DomainError as error:
        return {"upcoming": [], "why": str(error)}
    return {"upcoming": preview(Numbering(pattern, reset), counter), "why": ""}


def _counter(text: str, stored: int) -> int | None:
    """None where the next count stays as it is. Raises DomainError by field."""
    text = text.strip()
    if text in ("", str(stored)):
        return None
    if not text.isdecimal():
        message = _("A whole number from 1 on.")
        raise DomainError(message, fields={"counter": message})
    return int(text[:15])


def _kind(key: str) -> RecordType:
    found = next((kind for kind in numbered_types() if kind.key == key), None)
    if found is None:
        raise Http404
    return found
