"""Records that may be the same as one that is being made: the same name, mail or telephone number."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from core.records.fields import Field, Mail, Phone
from core.records.search import matching_ids
from core.records.text import digits, fold, sort_key
from core.records.types import RecordType

_SHOWN = 4
_READ = 40
# Of a telephone number the end counts: it is written with and without country and area.
_TAIL_DIGITS = 8
_LEAST_DIGITS = 6


@dataclass(frozen=True, slots=True)
class LookAlike:
    """A record of that kind. same: labels of the fields that hold the same."""

    id: UUID
    title: str
    url: str
    same: list[str]


def compared_fields(kind: RecordType) -> list[Field]:
    """The title, where it is a name, and all mails and telephone numbers."""
    named = any(column.name == "name_key" for column in kind.model._meta.concrete_fields)
    title = [kind.field(kind.title)] if named else []
    return [*title, *(field for field in kind.editable if isinstance(field, Mail | Phone))]


def look_alikes(kind: RecordType, texts: Mapping[str, str], *, to: Any) -> list[LookAlike]:
    """Those that the person may see, at most four, most alike first. texts: by field name, as typed.

    Three queries at most: by name, by what the search documents hold, and none for empty fields.
    """
    wanted = {each.name: key for each in compared_fields(kind) if (key := _key(kind, each, texts))}
    found: dict[UUID, Any] = {}
    for lookup in _lookups(kind, wanted, to):
        found |= {record.pk: record for record in kind.visible(to=to).filter(**lookup)[:_READ]}
    rated = [(record, _same(kind, record, wanted)) for record in found.values()]
    alike = sorted((pair for pair in rated if pair[1]), key=lambda pair: -len(pair[1]))
    return [
        LookAlike(record.pk, kind.title_of(record), kind.url_of(record.pk), same)
        for record, same in alike[:_SHOWN]
    ]


def _lookups(kind: RecordType, wanted: Mapping[str, str], to: Any) -> list[dict[str, Any]]:
    lookups: list[dict[str, Any]] = (
        [{"name_key": sort_key(wanted[kind.title])}] if kind.title in wanted else []
    )
    others = {key for name, key in wanted.items() if name != kind.title}
    return lookups + [{"pk__in": matching_ids(key, kind, to=to)} for key in sorted(others)]


def _same(kind: RecordType, record: Any, wanted: Mapping[str, str]) -> list[str]:
    """Labels of the wanted fields whose value some field of the same kind has."""
    fields = compared_fields(kind)
    stored = {each.name: _key(kind, each, {each.name: each.value_of(record)}) for each in fields}
    return [
        str(each.label)
        for each in fields
        if each.name in wanted
        and any(stored[other.name] == wanted[each.name] for other in fields if other.kind == each.kind)
    ]


def _key(kind: RecordType, field: Field, texts: Mapping[str, str]) -> str:
    """What is compared; '' when there is nothing to compare."""
    text = (texts.get(field.name) or "").strip()
    if field.name == kind.title:
        return " ".join(fold(text).split())
    if isinstance(field, Mail):
        return fold(text) if "@" in text else ""
    found = digits(text)
    return found[-_TAIL_DIGITS:] if len(found) >= _LEAST_DIGITS else ""
