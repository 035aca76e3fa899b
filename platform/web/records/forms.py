"""Making and changing a record on a form: a page of its own, or a dialog when htmx asks."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.errors import Conflict, DomainError, NotAllowed
from core.records.fields import Choice
from core.records.look_alikes import compared_fields
from core.records.rights import Verb, require, require_within
from core.records.types import RecordType
from core.records.writing import create_record, read_values, update_record
from web.answers import go, show_form
from web.records.access import showing, visible_record
from web.records.inputs import build_form, text_in
from web.shell import Place

_WAS = "was-"


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def new_record(request: HttpRequest, kind: RecordType) -> HttpResponse:
    """A new record; the address may fill fields (`?account=<id>`)."""
    if not kind.creatable:
        raise Http404
    require(request.user, kind, Verb.CREATE)
    problems = None
    texts = _texts(request, kind, _first_texts(request, kind))
    if request.method == "POST":
        try:
            written = create_record(kind, read_values(kind, texts), by=request.user)
        except DomainError as error:
            problems = _problems(error)
        else:
            text = _("Created “%(title)s”") % {"title": kind.title_of(written.record)}
            back = _safe_next(request) or kind.url_of(written.record.pk)
            return go(request, back, text, batch=written.batch)
    title = _("New %(type)s") % {"type": kind.label}
    return _show(request, kind, None, texts, problems, title=title, submit=_("Create"))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def edit_record(request: HttpRequest, kind: RecordType, record_id: UUID) -> HttpResponse:
    """All fields of a record at once."""
    record = visible_record(request, kind, record_id)
    require_within(request.user, kind, Verb.EDIT, [record.pk])
    problems = None
    stored = {each.name: each.raw_of(record) for each in kind.editable}
    texts = _texts(request, kind, stored)
    # What each field held when the form was opened: only what this person changed is written.
    was = {name: request.POST.get(f"{_WAS}{name}", text) for name, text in stored.items()}
    if request.method == "POST":
        changed = [name for name, text in texts.items() if _lines(text) != _lines(was[name])]
        overtaken = [
            name for name in changed if _lines(stored[name]) not in map(_lines, (was[name], texts[name]))
        ]
        if overtaken:
            # The form comes again with what was typed; sent once more, it is meant.
            was |= {name: stored[name] for name in overtaken}
            return _show_overtaken(request, kind, record, texts, was, overtaken)
        try:
            read = read_values(kind, texts, only=changed)
            written = update_record(kind, record, read, by=request.user)
        except (Conflict, NotAllowed):
            raise
        except DomainError as error:
            problems = _problems(error)
        else:
            return go(request, kind.url_of(record.pk), _("Saved"), batch=written.batch)
    return _show_change(request, kind, record, texts, was, problems)


def _show_overtaken(
    request: HttpRequest,
    kind: RecordType,
    record: Any,
    texts: dict[str, str],
    was: dict[str, str],
    names: list[str],
) -> HttpResponse:
    """The form again, with what somebody else made of these fields since it was opened."""
    problems = {}
    for name in names:
        field = kind.field(name)
        now_there = field.text(field.values_of(record), showing())
        problems[name] = _(
            "Meanwhile somebody else made this “%(value)s”. Save again to put yours in its place."
        ) % {"value": now_there}
    return _show_change(request, kind, record, texts, was, problems)


def _show_change(
    request: HttpRequest,
    kind: RecordType,
    record: Any,
    texts: dict[str, str],
    was: dict[str, str],
    problems: dict[str, Any] | None,
) -> HttpResponse:
    title = _("Change “%(title)s”") % {"title": kind.title_of(record)}
    hidden = {f"{_WAS}{name}": text for name, text in was.items()}
    return _show(request, kind, record, texts, problems, title=title, submit=_("Save"), hidden=hidden)


def _show(
    request: HttpRequest,
    kind: RecordType,
    record: Any | None,
    texts: dict[str, str],
    problems: dict[str, Any] | None,
    *,
    title: str,
    submit: str,
    hidden: dict[str, str] | None = None,
) -> HttpResponse:
    form, sections = build_form(kind, record, texts, problems, hidden)
    context = {
        "kind": kind,
        "title": title,
        "crumb": Place(str(kind.label_plural).capitalize(), kind.list_url, kind.icon),
        "form": form,
        "sections": sections,
        "submit": submit,
        "action": request.get_full_path(),
        "cancel_url": kind.url_of(record.pk) if record else kind.list_url,
    }
    if record is None:
        context["alike_url"] = f"/{kind.slug}/look-alikes/"
        context["alike_fields"] = [each.name for each in compared_fields(kind)]
    return show_form(request, context, refused=problems)


def _texts(request: HttpRequest, kind: RecordType, otherwise: dict[str, str]) -> dict[str, str]:
    if request.method != "POST":
        return otherwise
    return {
        each.name: text_in(request.POST, each.name) for each in kind.editable if each.name in request.POST
    }


def _first_texts(request: HttpRequest, kind: RecordType) -> dict[str, str]:
    """Defaults of the model and of the lists of choices, the person as owner, and what the address says."""
    blank = kind.blank()
    texts = {}
    for field in kind.editable:
        value = field.value_of(blank)
        texts[field.name] = "" if value in (None, "") else field.raw(value)
        if isinstance(field, Choice) and not texts[field.name]:
            texts[field.name] = field.initial()
    if kind.owner in texts:
        texts[kind.owner] = str(request.user.pk)
    texts.update({name: request.GET[name][:500] for name in texts if name in request.GET})
    return texts


def _problems(error: DomainError) -> dict[str, Any]:
    return error.fields or {"": error.message}


def _safe_next(request: HttpRequest) -> str:
    """`?next=` when it is a path of this workspace."""
    wanted = request.GET.get("next", "")
    return wanted if wanted.startswith("/") and not wanted.startswith(("//", "/\\")) else ""


def _lines(text: str) -> str:
    """Browsers send the lines of a long text with other ends than they were given."""
    return text.replace("\r\n", "\n").strip()
