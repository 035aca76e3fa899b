"""Reading a large upload in the background."""

from uuid import UUID

from core.clock import now
from crm.transfer.models import ImportJob
from crm.transfer.services.jobs import found_out, read_file
from crm.transfer.services.leases import give_back, renew


def read_upload(job: ImportJob, lease: UUID) -> None:
    """What the file holds, and a first mapping. Raises BadFile, Cancelled, LeaseLost."""
    read_file(job, told=lambda rows: renew(job, lease, done=rows))
    renew(job, lease)
    give_back(job, lease, finished_at=now(), **found_out(job))
