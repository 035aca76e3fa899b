"""Taking a whole import back."""

from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from core.clock import now
from core.errors import DomainError
from core.history.undo import KeptRecord, UndoFailed, UndoReport
from core.records.types import forget_choices, record_types
from core.records.undoing import undo_batch
from crm.transfer.models import ImportJob, ImportState
from crm.transfer.services.endings import tell
from crm.transfer.services.jobs import remove_files
from crm.transfer.services.leases import LeaseLost, give_back
from crm.transfer.sql import forget_staged
from web.records.bin import index_touched

_LISTED = 200


def undo_import(job: ImportJob, lease: UUID) -> None:
    """Created records go, updated ones get their former values back; what others changed since stays.

    The undo, its report and the import's state are one transaction: a worker that is killed has done all or
    nothing. Raises UndoFailed, LeaseLost; then the import is as it was.
    """
    person = job.undone_by or job.created_by
    if person is None:
        raise DomainError(_("Whoever asked for this is gone. Ask for it again."))
    label = _("Undid the import of %(file)s") % {"file": job.file_name}
    try:
        with transaction.atomic():
            report = undo_batch(job.batch, by=person, via="job", label=label)
            index_touched(report)
            ended = {"undone_at": now(), "finished_at": now(), "message": ""}
            if not give_back(job, lease, state=ImportState.UNDONE, undo_report=_told(report), **ended):
                raise LeaseLost
    except IntegrityError as error:
        # References are checked at the end of the transaction, which is here and not in `undo`.
        raise UndoFailed(
            _("These changes cannot be taken back: the records have changed too much since.")
        ) from error
    forget_choices()
    tell(job, ImportState.UNDONE)
    # A worker that was killed at the end of the import may have left its staged rows.
    forget_staged(job.id)
    remove_files(job)


def _told(report: UndoReport) -> dict[str, Any]:
    """What the page says: counts of records, and those that stay."""
    tables = {kind.table for kind in record_types()}
    # Choices and teams that came along are no records: who imported 85 rows reads of 85.
    counts = [each for table, each in report.counts.items() if table in tables]
    return {
        "counts": {
            "deleted": sum(each.delete for each in counts),
            "restored": sum(each.update + each.restore for each in counts),
            "kept": sum(each.kept for each in counts),
        },
        "kept": _kept_rows(report.kept[:_LISTED]),
    }


def _kept_rows(kept: list[KeptRecord]) -> list[dict[str, Any]]:
    """type, title, url and reason of each record that stays; other rows by their table's reason alone."""
    rows = []
    for kind in record_types():
        mine = {each.record_id: each for each in kept if each.table == kind.table}
        for record in kind.living().filter(pk__in=mine):
            rows.append(
                {
                    "type": str(kind.label),
                    "title": kind.title_of(record),
                    "url": kind.url_of(record.pk),
                    "reason": str(mine[record.pk].reason.label),
                }
            )
    return rows
