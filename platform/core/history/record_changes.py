"""The changes of one record, newest first: what a record's Changes tab shows."""

import datetime as dt
import uuid
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db import DEFAULT_DB_ALIAS

from core.history.models import Change

_NOT_SHOWN = {"id", "updated_at"}


class Operation(StrEnum):
    CREATED = "I"
    CHANGED = "U"
    DELETED = "D"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """Values as JSON has them: text for dates and ids, None for empty."""

    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class RecordChange:
    """id: pass it as `before` for the next page. at: aware, UTC, start of the transaction.

    actor is None for the product itself, and always when not `verified`. fields: by column; on creation
    those that got a value, on deletion those that had one.
    """

    id: int
    at: dt.datetime
    operation: Operation
    fields: dict[str, FieldChange]
    actor: uuid.UUID | None
    behalf: uuid.UUID | None
    via: str
    verified: bool
    label: str
    batch: uuid.UUID | None
    undo_of: uuid.UUID | None


def changes_of(
    table: str,
    record_id: uuid.UUID,
    *,
    limit: int = 50,
    before: int | None = None,
    using: str = DEFAULT_DB_ALIAS,
) -> list[RecordChange]:
    """At most `limit` changes of a record, newest first. One query. before: id of the last one seen.

    Whoever may see the record may not see each of its fields: the caller drops those.
    """
    changes = Change.objects.using(using).filter(record_id=record_id, relation=table, op__in=list(Operation))
    if before is not None:
        changes = changes.filter(id__lt=before)
    return [_record_change(row) for row in changes.select_related("tx").order_by("-id")[:limit]]


def _record_change(row: Change) -> RecordChange:
    entry = row.tx
    return RecordChange(
        id=row.id,
        at=entry.at,
        operation=Operation(row.op),
        fields=_fields(row.old or {}, row.new or {}),
        actor=entry.actor,
        behalf=entry.behalf,
        via=entry.via,
        verified=entry.verified,
        label=entry.label,
        batch=entry.batch,
        undo_of=entry.undo_of,
    )


def _fields(old: dict[str, Any], new: dict[str, Any]) -> dict[str, FieldChange]:
    names = sorted((old.keys() | new.keys()) - _NOT_SHOWN)
    pairs = {name: FieldChange(old.get(name), new.get(name)) for name in names}
    return {name: pair for name, pair in pairs.items() if pair.old is not None or pair.new is not None}
