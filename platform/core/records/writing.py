"""Writing records: create, update, bin and restore, for every record type alike.

Each call is one transaction and one batch of history, so that it can be undone as a whole. Rooms with
rules of their own call these from their services, or hang `prepare` and `check` on the record type.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import IntegrityError
from django.db.models import Model
from django.utils.translation import gettext as _

from core.clock import now
from core.entitlements import Limit
from core.errors import Conflict, DomainError, NotAllowed
from core.history.context import change
from core.outbox.sending import send_on_commit
from core.records.custom import CUSTOM, key_of, read_attribute, write_attribute
from core.records.fields import Field
from core.records.numbering import number_new
from core.records.parsing import Unreadable
from core.records.references import refuse_unknown_references
from core.records.rights import (
    Verb,
    holds_fields_back,
    require,
    require_fields,
    require_within,
    within,
)
from core.records.search import reindex_changed
from core.records.text import sort_key
from core.records.types import RecordType, current_type, declared_type, mentions_of, type_of
from core.usage.counting import require_room

_LARGEST_MASS_EDIT = 10_000


@dataclass(frozen=True, slots=True)
class Written:
    """What was written. batch: what an undo takes."""

    records: list[Any]
    batch: UUID

    @property
    def record(self) -> Any:
        return self.records[0]


AfterWrite = Callable[[RecordType, list[Any], Mapping[str, Any], Any], None]
_after_write: list[AfterWrite] = []


def call_after_write(function: AfterWrite) -> None:
    """function(record_type, records, changed attributes, by) runs inside each write's transaction."""
    if function not in _after_write:
        _after_write.append(function)


def read_values(
    record_type: RecordType, texts: Mapping[str, str], *, only: Iterable[str] | None = None
) -> dict[str, Any]:
    """Form texts by field name → values by attribute.

    Raises DomainError with one sentence a field; nothing is lost, the caller shows the texts again.
    """
    values: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for field in record_type.editable:
        if field.name not in texts or (only is not None and field.name not in only):
            continue
        try:
            value = field.parse(texts[field.name])
            if field.required and value in (None, "", []):
                raise Unreadable(_("This is needed."))
            values[field.attribute] = value
        except Unreadable as error:
            problems[field.name] = str(error)
    if problems:
        raise DomainError(_("Some fields cannot be read."), fields=problems)
    return values


def create_record(record_type: RecordType, values: Mapping[str, Any], *, by: Any, label: str = "") -> Written:
    """values: by attribute ('account_id'). Raises DomainError."""
    require(by, record_type, Verb.CREATE)
    if holds_fields_back(by, record_type):
        require_fields(by, record_type, _given(record_type, values, by))
    if record_type.counted:
        require_room(Limit.RECORDS)
    refuse_unknown_references(record_type, values, by=by)
    record = record_type.blank(**{name: value for name, value in values.items() if not key_of(name)})
    for name in values:
        if key_of(name):
            write_attribute(record, name, values[name])
    if hasattr(record, "created_by_id"):
        record.created_by_id = by.pk if by else None
    _own(record_type, record, by)
    if record_type.owner and by is not None and getattr(record, f"{record_type.owner}_id") != by.pk:
        require(by, record_type, Verb.ASSIGN)
    label = label or _("Created %(type)s “%(title)s”") % _words(record_type, record)
    return _write(record_type, [record], values, by=by, label=label)


def update_record(
    record_type: RecordType,
    record: Any,
    values: Mapping[str, Any],
    *,
    by: Any,
    label: str = "",
    unchanged_since: Any = None,
) -> Written:
    """Raises DomainError, or Conflict when somebody else wrote after `unchanged_since` (aware)."""
    label = label or _("Changed %(type)s “%(title)s”") % _words(record_type, record)
    return _update(record_type, [record.pk], values, by=by, label=label, unchanged_since=unchanged_since)


def update_records(
    record_type: RecordType, ids: Iterable[UUID], values: Mapping[str, Any], *, by: Any, label: str = ""
) -> Written:
    """One change to many records, all or none; at most 10,000."""
    ids = list(ids)
    if len(ids) > _LARGEST_MASS_EDIT:
        raise DomainError(
            _("At most %(limit)d records can be changed at once.") % {"limit": _LARGEST_MASS_EDIT}
        )
    words = {"count": len(ids), "type": record_type.label_plural}
    label = label or _("Changed %(count)d %(type)s") % words
    verb = Verb.MASS_EDIT if len(ids) > 1 else Verb.EDIT
    return _update(record_type, ids, values, by=by, label=label, verb=verb)


def bin_records(record_type: RecordType, ids: Iterable[UUID], *, by: Any) -> Written:
    """To the bin: hidden everywhere, kept for 30 days, restorable."""
    ids = list(ids)
    label = _("Deleted %(count)d %(type)s") % {"count": len(ids), "type": record_type.label_plural}
    return _update(record_type, ids, {"deleted_at": now()}, by=by, label=label, verb=Verb.DELETE)


def restore_records(record_type: RecordType, ids: Iterable[UUID], *, by: Any) -> Written:
    """Out of the bin again."""
    ids = list(ids)
    if record_type.counted:
        require_room(Limit.RECORDS, len(ids))
    label = _("Restored %(count)d %(type)s") % {"count": len(ids), "type": record_type.label_plural}
    return _update(
        record_type, ids, {"deleted_at": None}, by=by, label=label, verb=Verb.DELETE, from_bin=True
    )


def _update(
    record_type: RecordType,
    ids: list[UUID],
    values: Mapping[str, Any],
    *,
    by: Any,
    label: str,
    unchanged_since: Any = None,
    verb: Verb = Verb.EDIT,
    from_bin: bool = False,
) -> Written:
    if from_bin:
        visible = record_type.everything().filter(deleted_at__isnull=False)
        visible = within(visible, record_type, to=by)
    else:
        visible = record_type.visible(to=by) if by else record_type.living()
    with change(label=label, by=by) as entry:
        found = list(
            visible.select_related(None).filter(pk__in=ids).order_by("pk").select_for_update(of=("self",))
        )
        if len(found) != len(set(ids)):
            raise Conflict(_("Some of these records are gone. Reload the page to see what is there now."))
        if unchanged_since is not None and any(each.updated_at > unchanged_since for each in found):
            raise Conflict(_("Somebody else changed this in the meantime. Reload to see it."))
        _refuse_beyond_rights(record_type, found, values, by=by, verb=verb)
        # What a record refers to already may lie in the bin meanwhile; that is no reason to refuse the rest.
        # An instance beside its id spares its reading; the old one is not read to be compared with it.
        fresh = {
            name: to
            for name, to in values.items()
            if not isinstance(to, Model) and any(read_attribute(each, name) != to for each in found)
        }
        refuse_unknown_references(record_type, fresh, by=by)
        stored = {record.pk: dict(record.__dict__) for record in found}
        for record in found:
            for attribute, value in values.items():
                write_attribute(record, attribute, value)
        _save(record_type, found, values, by=by, stored=stored)
    return Written(found, entry.batch)


def _refuse_beyond_rights(
    record_type: RecordType, found: list[Any], values: Mapping[str, Any], *, by: Any, verb: Verb
) -> None:
    """Raises NotAllowed. Asked under the rows' locks: what the request read before may be another's by now."""
    if by is None:
        return
    ids = [record.pk for record in found]
    require_within(by, record_type, Verb.EDIT if verb == Verb.MASS_EDIT else verb, ids)
    if verb == Verb.MASS_EDIT:
        require_within(by, record_type, verb, ids)
    if not all(record_type.may_change(by, each) for each in found):
        raise NotAllowed(_("You may see this, but not change it."))
    changed = [name for name, to in values.items() if any(_differs(each, name, to) for each in found)]
    require_fields(by, record_type, [_column(record_type, name) for name in changed])
    owning = {f"{name}_id" for name in (record_type.owner, record_type.team) if name}
    if owning & {_column(record_type, name) for name in changed}:
        require_within(by, record_type, Verb.ASSIGN, ids)


def _differs(record: Any, name: str, to: Any) -> bool:
    if isinstance(to, Model):
        return bool(getattr(record, f"{name}_id") != to.pk)
    stored = read_attribute(record, name)
    return bool(stored != to) and not (key_of(name) and stored is None and to in ("", []))


def _column(record_type: RecordType, name: str) -> str:
    """Callers of the product's own give an instance under the field's name; rights know the column."""
    field = record_type.by_name.get(name)
    return field.attribute if field is not None else name


def _given(record_type: RecordType, values: Mapping[str, Any], by: Any) -> list[str]:
    """Attributes of a new record that say something: a form also sends what it leaves empty, and its maker."""
    own = {f"{record_type.owner}_id"} if record_type.owner and by is not None else set()
    blank = record_type.blank()
    return [
        name
        for name, value in values.items()
        if value not in (None, "", [])
        and value != (None if key_of(name) else getattr(blank, name, None))
        and not (_column(record_type, name) in own and value in (by.pk, by))
    ]


def _write(
    record_type: RecordType,
    records: list[Any],
    values: Mapping[str, Any],
    *,
    by: Any,
    label: str,
) -> Written:
    with change(label=label, by=by) as entry:
        _save(record_type, records, values, by=by)
    return Written(records, entry.batch)


def _save(
    record_type: RecordType,
    records: list[Any],
    values: Mapping[str, Any],
    *,
    by: Any,
    stored: Mapping[UUID, Mapping[str, Any]] | None = None,
) -> None:
    """stored: the attributes of each record as the database has them; None for new records."""
    at = now()
    changed: set[str] = set()
    # Callers may know the type as somebody sees it, or as the rooms declare it; what follows from a record does not
    # hang on that.
    shaped = current_type(record_type)
    for record in records:
        prepare(record_type, record)
        record_type.check(record)
        shaped.demand(record, None if stored is None else stored[record.pk])
        shaped.derive(record)
        record.updated_at = at
        if stored is None:
            number_new(record_type, [record])
        touched = None if stored is None else _touched(record, stored[record.pk])
        try:
            # Only what changed is sent: a record has forty columns, a moved card changes three.
            record.save(force_insert=stored is None, update_fields=touched)
        except IntegrityError as error:
            raise Conflict(_taken(record_type, error)) from error
        changed |= _attributes(record, stored[record.pk], touched) if stored and touched else set()
    reindex_changed(record_type, [record.pk for record in records], None if stored is None else changed)
    if record_type.field(record_type.title).attribute in changed and mentions_of(record_type):
        for record in records:
            send_on_commit("records.reindex_mentions", record_type.key, str(record.pk))
    shaped.follow(records, stored)
    for function in _after_write:
        function(record_type, records, values, by)


def _touched(record: Any, stored: Mapping[str, Any]) -> set[str]:
    """Attributes that differ from what is stored."""
    names = (field.attname for field in record._meta.concrete_fields)
    return {name for name in names if getattr(record, name) != stored.get(name)}


def _attributes(record: Any, stored: Mapping[str, Any], touched: set[str]) -> set[str]:
    """The touched columns, and in place of the workspace's own fields' column those fields that differ."""
    if CUSTOM not in touched:
        return touched
    before, after = stored[CUSTOM], record.custom
    differ = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    return (touched - {CUSTOM}) | {f"{CUSTOM}__{key}" for key in differ}


def prepare(record_type: RecordType, record: Any) -> None:
    """Fill what is derived: what the room adds (a name perhaps), then the sort key."""
    record_type.prepare(record)
    if hasattr(record, "name_key"):
        record.name_key = sort_key(record_type.title_of(record))
    for field in declared_type(record_type).fields:
        _refuse_empty(field, record)


def _refuse_empty(field: Field, record: Any) -> None:
    if field.required and field.value_of(record) in (None, "", []):
        message = _("“%(label)s” is needed.") % {"label": field.label}
        raise DomainError(message, fields={field.name: _("This is needed.")})


def _own(record_type: RecordType, record: Any, by: Any) -> None:
    """A new record belongs to its maker unless it says otherwise, and to the owner's team."""
    if record_type.owner and getattr(record, f"{record_type.owner}_id") is None and by is not None:
        setattr(record, record_type.owner, by)
    if record_type.team and getattr(record, f"{record_type.team}_id") is None:
        owner = getattr(record, record_type.owner, None) if record_type.owner else by
        setattr(record, f"{record_type.team}_id", getattr(owner, "team_id", None))


def _words(record_type: RecordType, record: Any) -> dict[str, Any]:
    return {"type": record_type.label, "title": record_type.title_of(record)}


def _taken(record_type: RecordType, error: IntegrityError) -> str:
    if "unique" in str(error).lower():
        return _("There is already a %(type)s like this.") % {"type": record_type.label}
    return _("Something this refers to is gone. Reload the page to see what is there now.")


def title_and_url(record: Any) -> tuple[str, str]:
    """For links to a record of any type."""
    record_type = type_of(record)
    return record_type.title_of(record), record_type.url_of(record.pk)
