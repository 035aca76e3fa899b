"""The Changes tab: who changed what, from what to what, with an undo for each batch."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth import get_user_model
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core.history.record_changes import FieldChange, RecordChange, changes_of
from core.ids import read_int
from core.records.fields import Choice, Choices, Field, Reference
from core.records.parsing import Unreadable
from core.records.types import RecordType
from web.answers import undo_url
from web.records.access import showing
from web.records.parts import Tab

_PAGE = 50
_HIDDEN = frozenset(
    {"name_key", "updated_at", "created_at", "created_by_id", "board_position", "last_activity_at"}
)


def _context(request: HttpRequest, kind: RecordType, record: Any) -> Mapping[str, Any]:
    before = read_int(request.GET.get("before", ""))
    changes = changes_of(kind.table, record.pk, limit=_PAGE, before=before)
    people = _people(changes)
    titles = _titles(kind, changes)
    entries = [_entry(kind, change, people, titles, request.user) for change in changes]
    # What follows from something else (when a record was last worked on) is no change to it.
    entries = [each for each in entries if each["fields"] or each["operation"] != "changed"]
    older = f"?before={changes[-1].id}" if len(changes) == _PAGE else ""
    return {"changes": entries, "older_changes": older}


CHANGES = Tab("changes", _("Changes"), "web/_changes.html", _context)


def _entry(
    kind: RecordType,
    change: RecordChange,
    people: dict[Any, str],
    titles: dict[str, str],
    user: Any,
) -> dict[str, Any]:
    mine = change.actor == user.pk or user.may_administer
    return {
        "at": change.at,
        "who": people.get(change.actor, "") or _("Guanxi"),
        "label": change.label,
        "operation": change.operation.name.lower(),
        "fields": _fields(kind, change.fields, titles) if change.operation.name == "CHANGED" else [],
        "undo_url": undo_url(change.batch) if change.batch and mine else "",
    }


def _fields(
    kind: RecordType, changed: Mapping[str, FieldChange], titles: dict[str, str]
) -> list[tuple[Any, str, str]]:
    """(label, old, new) as shown; columns without a field of their own are left out."""
    by_column = {field.attribute: field for field in kind.fields}
    lines = []
    for column, values in changed.items():
        if column == "deleted_at":
            lines.append((_("Bin"), _("Yes") if values.old else _("No"), _("Yes") if values.new else _("No")))
        elif column in by_column and column not in _HIDDEN:
            field = by_column[column]
            lines.append((field.label, _shown(field, values.old, titles), _shown(field, values.new, titles)))
    return lines


def _shown(field: Field, value: Any, titles: dict[str, str]) -> str:
    """A value out of the history's JSON as the field would show it."""
    if value in (None, ""):
        return "—"
    if isinstance(field, Reference):
        return titles.get(str(value), str(value))
    if isinstance(field, Choices):
        return field.text((value,), showing())
    if isinstance(field, Choice):
        option = field.option_of(value)
        return str(option.label) if option else str(value)
    if isinstance(value, bool):
        return field.text((value,), showing())
    try:
        return field.text((field.parse(str(value)),), showing())
    except Unreadable:
        return str(value)


def _people(changes: list[RecordChange]) -> dict[Any, str]:
    ids = {change.actor for change in changes if change.actor}
    return dict(get_user_model()._default_manager.filter(pk__in=ids).values_list("pk", "name"))


def _titles(kind: RecordType, changes: list[RecordChange]) -> dict[str, str]:
    """What the records and people are called that old and new values refer to; one query a target."""
    titles: dict[str, str] = {}
    for field in kind.references:
        ids = {
            value
            for change in changes
            if field.attribute in change.fields
            for value in (change.fields[field.attribute].old, change.fields[field.attribute].new)
            if value
        }
        if not ids:
            continue
        rows = field.referred()._base_manager.filter(pk__in=ids).values_list("pk", field.title)
        titles.update({str(pk): str(text) for pk, text in rows})
    return titles
