"""The dry run: everything an import does but writing."""

from pathlib import Path
from uuid import UUID

from django.db import transaction

from core.clock import now
from core.records.types import record_type
from crm.transfer.models import ImportJob, ImportState
from crm.transfer.services.files import FileFacts
from crm.transfer.services.findings import Findings
from crm.transfer.services.jobs import error_path, path_of
from crm.transfer.services.leases import give_back, renew
from crm.transfer.services.staging import Staging
from crm.transfer.sql import forget_staged

# Cancel is heard between two chunks: one must take no longer than a person waits without doubt. 2,000 rows with
# their search documents are 1.6 s on a slow machine.
CHUNK_ROWS = 2_000
_FORMER_CHUNK_ROWS = 10_000  # of imports that began before their findings told


def check_rows(job: ImportJob, lease: UUID) -> None:
    """Read, resolve and match all rows; keep the findings. Raises BadFile, Cancelled, LeaseLost."""
    stage(job, lease, reports_progress=True)
    ended = {"state": ImportState.CHECKED, "done": job.total, "cancel_asked": False}
    give_back(job, lease, finished_at=now(), **ended)


def stage(job: ImportJob, lease: UUID, *, reports_progress: bool) -> None:
    """Fill the staging table from the file. A second time replaces the first. Raises LeaseLost, Cancelled."""
    renew(job, lease, staged=None)
    forget_staged(job.id)
    # Rows that a killed worker has written are found unchanged now; what they were stays what is told of them.
    counted = job.findings.get("counts") if job.chunks.exists() else None
    staging = Staging(job, path_of(job), keep=True)
    facts = FileFacts(**job.facts)

    def on_block(read: int) -> None:
        renew(job, lease, **({"done": read} if reports_progress else {}))

    # A name of this worker's own: one that was taken for lost may still be writing.
    errors = error_path(job).with_name(f"errors.{lease}.csv")
    with Findings(facts.headings, errors) as findings:
        staging.run(findings, on_block)
        found = findings.as_json(record_type(job.record_type), job.answers)
    if counted:
        found["counts"] = counted
    found["chunk_rows"] = chunk_rows(job) if job.chunks.exists() else CHUNK_ROWS
    job.findings, job.staged, job.staged_at = found, staging.staged, now()
    job.written_columns = sorted(staging.written)
    _publish(job, lease, errors)


def chunk_rows(job: ImportJob) -> int:
    """Rows of a chunk: as many as when its ledger was begun."""
    return job.findings.get("chunk_rows", _FORMER_CHUNK_ROWS)


def _publish(job: ImportJob, lease: UUID, errors: Path) -> None:
    """What was found, and the error file, by the lease: a worker that was taken for lost must not hide what its
    successor finds.
    """
    found_out = {name: getattr(job, name) for name in ("findings", "staged", "staged_at", "written_columns")}
    try:
        # Nobody can take the job over before the file has its name.
        with transaction.atomic():
            renew(job, lease, **found_out)
            if errors.exists():
                errors.replace(error_path(job))
            else:
                error_path(job).unlink(missing_ok=True)
    finally:
        errors.unlink(missing_ok=True)
