"""One field, edited where it stands."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.errors import Conflict, DomainError, NotAllowed
from core.records.fields import Choice, Choices, Field, LongText, Number, Person, YesNo
from core.records.rights import Verb, require_within
from core.records.types import RecordType
from core.records.writing import read_values, update_record
from web.answers import go, with_toast
from web.faces import named_face
from web.pickers import MOST_UNSEARCHED
from web.records.access import showing, visible_record
from web.records.inputs import choices_of, input_type, picker_url, text_in
from web.shell import Place

_LINKED = {"mail", "phone", "web", "link"}
_STYLED = {"choice", "choices", *_LINKED}
# The button to edit stands beside these: a link in a button is none, and initials are no name.
_APART = {"person", *_LINKED}


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def edit_field(request: HttpRequest, kind: RecordType, record_id: UUID, name: str) -> HttpResponse:
    """GET: the small form. POST: the value again, or 422 with the form, the text and the reason.

    A browser that sends the form by itself, because no script has taken it over, gets pages instead of parts.
    """
    record = visible_record(request, kind, record_id)
    field = kind.by_name.get(name)
    if field is None or field.read_only:
        raise Http404
    require_within(request.user, kind, Verb.EDIT, [record.pk])
    if request.method != "POST":
        return _form(request, kind, record, field, field.raw_of(record))
    text = text_in(request.POST, name) if name in request.POST else ""
    try:
        values = read_values(kind, {name: text}, only=[name])
        written = update_record(kind, record, values, by=request.user)
    except (Conflict, NotAllowed):
        raise
    except DomainError as error:
        sentence = error.fields.get(name) or next(iter(error.fields.values()), error.message)
        return _form(request, kind, record, field, text, error=sentence)
    if not getattr(request, "htmx", False):
        return go(request, kind.url_of(record.pk), _("Saved"), batch=written.batch)
    shown = visible_record(request, kind, record_id)
    response = render(request, "web/_field.html", {"field": field_line(kind, shown, field), "saved": "1"})
    return with_toast(response, _("Saved"), batch=written.batch)


def field_line(kind: RecordType, record: Any, field: Field, *, editable: bool = True) -> dict[str, Any]:
    """What c-field shows of one value. editable: whether the person may change this record."""
    values = field.values_of(record)
    text = field.text(values, showing())
    editable = editable and not field.read_only
    return {
        "label": field.label,
        "icon": field.icon,
        "value": text,
        "edit_url": f"{kind.url_of(record.pk)}field/{field.name}/" if editable else "",
        "display": _display(field, values) if text else "",
        "linked": bool(text) and field.kind in _APART,
    }


def _display(field: Field, values: Any) -> str:
    """What stands in place of a plain value: a link, a badge, a face."""
    if isinstance(field, Person):
        return named_face(values[0], values[1])
    return field.html(values, showing()) if field.kind in _STYLED else ""


def _form(
    request: HttpRequest, kind: RecordType, record: Any, field: Field, text: str, error: Any = ""
) -> HttpResponse:
    source = picker_url(field)
    choices = choices_of(field, text)
    if source:
        values = field.values_of(record)
        choices = [("", "—"), (text, values[1] or text)] if text else [("", "—")]
    context = {
        "url": f"{kind.url_of(record.pk)}field/{field.name}/",
        "name": field.name,
        "label": field.label,
        "kind": _control(field),
        "value": text,
        "choices": choices,
        "source": source,
        "several": text.split(",") if isinstance(field, Choices) else [],
        "picks": bool(source) or isinstance(field, Choices) or len(choices) > MOST_UNSEARCHED,
        "unit": showing().currency if field.kind == "money" else "",
        "error": error,
    }
    template = "web/_inline_form.html"
    if not getattr(request, "htmx", False):
        template = "web/inline.html"
        title = kind.title_of(record)
        context |= {"title": title, "crumb": Place(title, kind.url_of(record.pk), kind.icon)}
    return render(request, template, context, status=422 if error else 200)


def _control(field: Field) -> str:
    if isinstance(field, Choices):
        return "several"
    if isinstance(field, LongText):
        return "long"
    if isinstance(field, Choice | YesNo):
        return "select"
    if isinstance(field, Number):
        return "number"
    return input_type(field)
