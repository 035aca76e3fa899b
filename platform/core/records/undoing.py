"""Taking a batch back, within what the plan has room for."""

from typing import Any
from uuid import UUID

from django.db import transaction

from core.entitlements import Limit, limit_of
from core.history.context import Via
from core.history.models import Transaction
from core.history.undo import UndoReport, undo
from core.records.types import record_types
from core.tenancy.scope import peek
from core.usage.counting import require_room, used


def undo_batch(batch: UUID, *, by: Any, via: Via | None = None, label: str = "") -> UndoReport:
    """As `core.history.undo.undo`. Raises OverLimit, too: then nothing is changed.

    What a deletion took may come back as long as nothing was made in its place, though the plan has no room for so
    many: it is what exists. With something in its place it would grow beyond the limit, and needs room as new records
    do. See docs/billing.md.
    """
    scope = peek()
    most = limit_of(scope.snapshot, Limit.RECORDS) if scope and scope.snapshot else None
    if most is None:
        return undo(batch, by=by, via=via, label=label)
    with transaction.atomic():
        before = used(Limit.RECORDS)
        report = undo(batch, by=by, via=via, label=label)
        after = used(Limit.RECORDS)
        if after > max(before, most) and _something_came_since(batch, report):
            # Counted as they are now there is no room for even one.
            require_room(Limit.RECORDS, 0)
    return report


def _something_came_since(batch: UUID, report: UndoReport) -> bool:
    """Whether a record was made after the batch that is not of it."""
    first = Transaction.objects.filter(batch=batch).order_by("id").first()
    if first is None:
        return False
    return any(
        kind.living()
        .filter(created_at__gt=first.at)
        .exclude(pk__in=report.touched.get(kind.table, ()))
        .exists()
        for kind in record_types()
        if kind.counted
    )
