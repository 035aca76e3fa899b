"""One worker at a time per job: a lease that is renewed while it works, and taken over when it is not."""

import datetime as dt
from uuid import UUID

from django.db.models import Q

from core.clock import now
from core.ids import uuid7
from crm.transfer.models import ImportJob, ImportState

LOST_AFTER = dt.timedelta(seconds=45)
# One statement or one outside process, during which nothing can be said.
SILENT_LOST_AFTER = dt.timedelta(minutes=10)
_SILENT = (ImportState.READING, ImportState.UNDOING)


class LeaseLost(Exception):
    """Another worker has taken the job over; this one stops without a trace."""


class Cancelled(Exception):
    """Somebody pressed Cancel."""


def take_lease(job: ImportJob) -> UUID | None:
    """None when another worker holds the job and is alive."""
    lease, moment = uuid7(), now()
    free = Q(lease__isnull=True) | Q(heartbeat_at__isnull=True) | silent_since(moment)
    taken = ImportJob.objects.filter(free, pk=job.pk, state=job.state).update(
        lease=lease, heartbeat_at=moment
    )
    return lease if taken else None


def silent_since(moment: dt.datetime) -> Q:
    """Jobs that have said nothing for so long that their worker must be lost."""
    silent = Q(state__in=_SILENT)
    return (~silent & Q(heartbeat_at__lt=moment - LOST_AFTER)) | (
        silent & Q(heartbeat_at__lt=moment - SILENT_LOST_AFTER)
    )


def renew(job: ImportJob, lease: UUID, **progress: object) -> None:
    """Say that the work goes on. Raises LeaseLost, Cancelled."""
    mine = ImportJob.objects.filter(pk=job.pk, lease=lease)
    if not mine.update(heartbeat_at=now(), **progress):
        raise LeaseLost
    if mine.filter(cancel_asked=True).exists():
        raise Cancelled


def give_back(job: ImportJob, lease: UUID, **result: object) -> None:
    """The end of this worker's part, with its result."""
    ImportJob.objects.filter(pk=job.pk, lease=lease).update(lease=None, **result)
