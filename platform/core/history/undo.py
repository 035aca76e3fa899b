"""Undo of a batch: a whole import, a mass edit, a single change; and of an undo (redo).

Records that others changed since, that are referred to, or whose unique key is taken, are kept and
listed. Everything happens in one transaction, as the tenant's role, recorded as a batch of its own.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import DEFAULT_DB_ALIAS, IntegrityError, connections, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.choices import TextChoices
from core.errors import Conflict
from core.history.context import Via, change
from core.history.models import Transaction
from core.history.undo_apply import apply_plan
from core.history.undo_plan import make_plan, pinned_settings

_LISTED = 1000


class Reason(TextChoices):
    """Why a record is left as it is."""

    CHANGED_SINCE = "changed_since", gettext_lazy("Changed since")
    DELETED_SINCE = "deleted_since", gettext_lazy("Deleted since")
    EXISTS_AGAIN = "exists_again", gettext_lazy("Exists again")
    REFERENCED = "referenced", gettext_lazy("In use by another record")
    PARENT_MISSING = "parent_missing", gettext_lazy("Belongs to a record that no longer exists")
    DUPLICATE = "duplicate", gettext_lazy("Another record has taken its unique value")
    TABLE_GONE = "table_gone", gettext_lazy("This kind of record no longer exists")


@dataclass(frozen=True, slots=True)
class KeptRecord:
    """fields: columns changed since. detail: the table that refers to it or is missing, or the unique key."""

    table: str
    record_id: uuid.UUID
    reason: Reason
    fields: tuple[str, ...] = ()
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Counts:
    """Records of one table. delete: made by the batch. restore: deleted by it. update: changed by it."""

    delete: int = 0
    restore: int = 0
    update: int = 0
    kept: int = 0


@dataclass(frozen=True, slots=True)
class UndoPlan:
    """kept lists at most 1,000 records, `kept_total` counts all."""

    counts: dict[str, Counts]
    kept: list[KeptRecord]

    @property
    def kept_total(self) -> int:
        return sum(counts.kept for counts in self.counts.values())

    @property
    def total(self) -> int:
        """Records that the undo would write."""
        return sum(c.delete + c.restore + c.update for c in self.counts.values())


@dataclass(frozen=True, slots=True)
class UndoReport(UndoPlan):
    """batch: of the undo itself, so that it can be undone. touched: ids written, by table (search index)."""

    batch: uuid.UUID = field(default_factory=uuid.uuid4)
    touched: dict[str, list[uuid.UUID]] = field(default_factory=dict)


class UndoFailed(Conflict):
    """A constraint of the database refused the undo as a whole; nothing was changed."""

    code = "undo_failed"


class _RollBack(Exception):
    """Ends the preview's savepoint."""


def preview_undo(target: uuid.UUID | Sequence[int], using: str = DEFAULT_DB_ALIAS) -> UndoPlan:
    """What `undo` would do now. target: a batch, or ids of `Transaction`. Leaves nothing behind."""
    plan = UndoPlan({}, [])
    try:
        with transaction.atomic(using=using), connections[using].cursor() as cursor:
            with pinned_settings(cursor):
                make_plan(cursor, _transactions(target, using), lock=False)
            plan = UndoPlan(_counts(cursor), _kept(cursor))
            raise _RollBack
    except _RollBack:
        return plan


def undo(
    target: uuid.UUID | Sequence[int],
    *,
    by: Any = None,
    via: Via | None = None,
    label: str = "",
    using: str = DEFAULT_DB_ALIAS,
) -> UndoReport:
    """Take back a batch (or the transactions with these ids), checking everything again under lock.

    by: a user or its id; without it the actor of `acting`. Raises UndoFailed when a constraint that the
    plan cannot foresee refuses (then nothing is changed). A second undo of a batch changes nothing.
    """
    undo_of = target if isinstance(target, uuid.UUID) else None
    try:
        with change(label or _("Undo"), by=by, via=via, undo_of=undo_of, using=using) as entry:
            with connections[using].cursor() as cursor:
                with pinned_settings(cursor):
                    shapes = make_plan(cursor, _transactions(target, using), lock=True)
                    apply_plan(cursor, shapes)
                report = UndoReport(_counts(cursor), _kept(cursor), entry.batch, _touched(cursor))
                cursor.execute("DELETE FROM hist_work")
            return report
    except IntegrityError as error:
        raise UndoFailed(
            _("These changes cannot be taken back: the records have changed too much since.")
        ) from error


def _transactions(target: uuid.UUID | Sequence[int], using: str) -> list[int]:
    if not isinstance(target, uuid.UUID):
        return list(target)
    entries = Transaction.objects.using(using).filter(batch=target)
    return list(entries.order_by("id").values_list("id", flat=True))


def _counts(cursor: Any) -> dict[str, Counts]:
    cursor.execute(
        "SELECT relation, count(*) FILTER (WHERE action = 'd' AND reason IS NULL),"
        " count(*) FILTER (WHERE action = 'r' AND reason IS NULL),"
        " count(*) FILTER (WHERE action = 'u' AND reason IS NULL),"
        " count(*) FILTER (WHERE reason IS NOT NULL)"
        " FROM hist_work GROUP BY relation ORDER BY relation"
    )
    return {relation: Counts(*counts) for relation, *counts in cursor.fetchall()}


def _kept(cursor: Any) -> list[KeptRecord]:
    cursor.execute(
        "SELECT relation, record_id::text, reason, fields, detail FROM hist_work"
        " WHERE reason IS NOT NULL ORDER BY relation, record_id LIMIT %s",
        [_LISTED],
    )
    return [
        KeptRecord(relation, uuid.UUID(record), Reason(reason), tuple(fields or ()), detail or "")
        for relation, record, reason, fields, detail in cursor.fetchall()
    ]


def _touched(cursor: Any) -> dict[str, list[uuid.UUID]]:
    cursor.execute(
        "SELECT relation, array_agg(record_id::text) FROM hist_work WHERE reason IS NULL GROUP BY relation"
    )
    return {relation: [uuid.UUID(record) for record in records] for relation, records in cursor.fetchall()}
