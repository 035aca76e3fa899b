"""The record types as the workspace at hand has them: declared by the rooms, with its own fields and layout.

Asked for by every look at a record type. What is stored is read once a request and kept in the cache; what is made
of it is kept by its content, so that it is the same objects in every request while nothing changes.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import fields as dataclass_fields
from dataclasses import replace
from functools import partial
from threading import Lock
from typing import Any

import orjson
from django.core.cache import cache
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core.records.fields import Field, Section
from core.records.types import RecordType
from core.tenancy.scope import TEMPLATE, forget, peek, remember
from crm.customize.services.picklists import picklist_choices
from crm.fields.models import CustomField, CustomType, FieldKind, FieldLayout, Ordering
from crm.fields.rules.definitions import Definition, TypeDefinition
from crm.fields.rules.layouts import conditions_of
from crm.fields.rules.making import field_of
from crm.fields.services.deriving import hooks_of
from crm.fields.services.types import record_type_of

_KEY = "shape"
_TTL_SECONDS = 300
_MOST_KEPT = 200
_kept: OrderedDict[tuple[str, str], Mapping[str, RecordType]] = OrderedDict()
_lock = Lock()
_COLUMNS = (
    "record_type", "name", "key", "kind", "label", "help", "required", "searched", "ordering", "options",
)  # fmt: skip
Stored = dict[str, Any]


def shaped_types(declared: Mapping[str, RecordType]) -> Mapping[str, RecordType]:
    """What `use_record_types` wants: the declared types outside any workspace, the workspace's inside one."""
    scope = peek()
    if scope is None or scope.is_public or scope.schema == TEMPLATE:
        return declared
    return remember(_KEY, partial(_shaped, declared, scope.schema))


def forget_shape() -> None:
    """After a change to fields or layouts, also one that an undo made."""
    forget(_KEY)
    cache.delete(_KEY)
    transaction.on_commit(_forget_for_others)


def _forget_for_others() -> None:
    cache.delete(_KEY)
    forget(_KEY)


def _shaped(declared: Mapping[str, RecordType], schema: str) -> Mapping[str, RecordType]:
    written: bytes | None = cache.get(_KEY)
    if written is None:
        written = orjson.dumps(_read())
        cache.set(_KEY, written, _TTL_SECONDS)
    if written == _NOTHING:
        return declared
    place = (schema, hashlib.sha256(written).hexdigest())
    with _lock:
        if place in _kept:
            _kept.move_to_end(place)
            return _kept[place]
    made = _made(declared, orjson.loads(written))
    with _lock:
        _kept[place] = made
        while len(_kept) > _MOST_KEPT:
            _kept.popitem(last=False)
    return made


def _read() -> Stored:
    fields = CustomField.objects.filter(retired_at=None).order_by("position", "created_at", "pk")
    rows = [dict(zip(_COLUMNS, row, strict=True)) for row in fields.values_list(*_COLUMNS)]
    layouts = {each.record_type: [each.sections, each.rules] for each in FieldLayout.objects.all()}
    return {"fields": rows, "layouts": layouts, "types": _read_types()}


def _read_types() -> list[dict[str, Any]]:
    names = [each.name for each in dataclass_fields(TypeDefinition)]
    return [
        {name: getattr(one, name) for name in names} for one in CustomType.objects.filter(retired_at=None)
    ]


_NOTHING = orjson.dumps({"fields": [], "layouts": {}, "types": []})


def _made(declared: Mapping[str, RecordType], stored: Stored) -> Mapping[str, RecordType]:
    made: dict[str, RecordType] = {}
    own_types = [record_type_of(TypeDefinition(**one)) for one in stored["types"]]
    rows = stored["fields"]
    summed_up = {row["options"]["of"] for row in rows if row["kind"] == FieldKind.ROLL_UP}
    for key, kind in (*declared.items(), *((kind.key, kind) for kind in own_types)):
        own = [_definition(row) for row in rows if row["record_type"] == key]
        sections, rules = stored["layouts"].get(key, ([], {}))
        made[key] = _with_fields(kind, own, sections, rules)
        if key in summed_up:
            made[key] = replace(made[key], **hooks_of(kind, own=own, rules=rules))
    return made


def _definition(row: Mapping[str, Any]) -> Definition:
    said = {name: value for name, value in row.items() if name not in ("record_type", "ordering")}
    return Definition(**said, sorted=row["ordering"] == Ordering.READY)


def definition_of(field: CustomField) -> Definition:
    """Of a stored row."""
    return _definition({name: getattr(field, name) for name in _COLUMNS})


def _with_fields(
    kind: RecordType,
    own: Sequence[Definition],
    sections: Sequence[Mapping[str, Any]],
    rules: Mapping[str, Any],
) -> RecordType:
    if not own and not sections and not rules:
        return kind
    fields = [
        _ruled(rules, each)
        for each in (*kind.fields, *(field_of(one, kind.key, picklist_choices) for one in own))
    ]
    layout = laid_out(
        kind.layout,
        own=[one.name for one in own],
        sections=sections,
        known={each.name for each in fields},
    )
    hooks = hooks_of(kind, own=own, rules=rules) if own or rules else {}
    return replace(kind, fields=fields, layout=layout, **hooks)


def _ruled(rules: Mapping[str, Any], field: Field) -> Field:
    """A field as the workspace wants it: needed where it was not, shown only if."""
    stored = rules.get(field.name)
    if not stored:
        return field
    needed = field.required or (bool(stored.get("required")) and not field.read_only)
    return replace(field, required=needed, shown_if=conditions_of(stored))


def laid_out(
    declared: Sequence[Section],
    *,
    own: Sequence[str],
    sections: Sequence[Mapping[str, Any]],
    known: set[str],
) -> list[Section]:
    """The layout: as stored, or as declared with the workspace's own fields below.

    A field that a stored layout does not know yet, of a release or of the workspace, stands in a last section.
    """
    if not sections:
        return [*declared, *([Section(_("More"), tuple(own))] if own else [])]
    layout = [
        Section(_heading(declared, section), tuple(name for name in section["fields"] if name in known))
        for section in sections
    ]
    placed = {name for section in layout for name in section.fields}
    hidden = {name for section in sections for name in section.get("hidden", ())}
    missing = [name for section in declared for name in section.fields] + list(own)
    left = tuple(name for name in missing if name in known and name not in placed | hidden)
    return [*(each for each in layout if each.fields), *([Section(_("More"), left)] if left else [])]


def _heading(declared: Sequence[Section], section: Mapping[str, Any]) -> Any:
    """One that is the product's own is said in the language of whoever looks."""
    of = section.get("of")
    return declared[of].label if isinstance(of, int) and of < len(declared) else section["label"]
