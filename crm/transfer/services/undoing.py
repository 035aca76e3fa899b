"""Taking a whole import back."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from core.clock import now
from core.history.undo import KeptRecord, undo
from core.records.types import forget_choices, record_types
from crm.transfer.models import ImportJob, ImportState
from crm.transfer.services.jobs import remove_files
from crm.transfer.services.leases import give_back
from tenants.people.models import User
from web.records.bin import index_touched

_LISTED = 200


def undo_import(job: ImportJob, lease: UUID, *, by: User) -> None:
    """Created records go, updated ones get their former values back; what others changed since stays.

    A second run changes nothing. Raises UndoFailed; then the import is as it was.
    """
    report = undo(
        job.batch, by=by, via="job", label=_("Undid the import of %(file)s") % {"file": job.file_name}
    )
    index_touched(report)
    forget_choices()
    remove_files(job)
    told = {
        "counts": {
            "deleted": sum(each.delete for each in report.counts.values()),
            "restored": sum(each.update + each.restore for each in report.counts.values()),
            "kept": report.kept_total,
        },
        "kept": _kept_rows(report.kept[:_LISTED]),
    }
    give_back(job, lease, state=ImportState.UNDONE, undo_report=told, undone_at=now(), finished_at=now())


def _kept_rows(kept: list[KeptRecord]) -> list[dict[str, Any]]:
    """type, title, url and reason of each record that stays; other rows by their table's reason alone."""
    rows = []
    for kind in record_types():
        mine = {each.record_id: each for each in kept if each.table == kind.table}
        for record in kind.model._default_manager.filter(pk__in=mine):
            rows.append(
                {
                    "type": str(kind.label),
                    "title": kind.title_of(record),
                    "url": kind.url_of(record.pk),
                    "reason": str(mine[record.pk].reason.label),
                }
            )
    return rows
