"""One worker at a time per job: a lease that is renewed while it works, and taken over when it is not.

A worker says every few seconds, from a thread of its own, that it is alive; one that was killed falls silent.
A job that kills its worker each time (for memory, say) would be started for ever: starts without progress
that stays are counted, and end.
"""

import contextvars
import datetime as dt
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.db import Error, connections
from django.db.models import F, Q

from core.clock import now
from core.ids import uuid7
from crm.transfer.models import LeasedJob

LOST_AFTER = dt.timedelta(seconds=45)
BEAT_SECONDS = 10
# A poor machine may lose a worker or two to something else; five in a row were killed by the job.
MOST_STARTS = 5
log = logging.getLogger(__name__)


class LeaseLost(Exception):
    """Another worker has taken the job over; this one stops without a trace."""


class Cancelled(Exception):
    """Somebody pressed Cancel."""


def take_lease(job: LeasedJob) -> UUID | None:
    """None when another worker holds the job and is alive. Counts the start."""
    lease, moment = uuid7(), now()
    free = Q(lease__isnull=True) | Q(heartbeat_at__isnull=True) | silent_since(moment)
    same = _jobs(job).filter(free, pk=job.pk, state=job.state)  # type: ignore[attr-defined]
    if not same.update(lease=lease, heartbeat_at=moment, starts=F("starts") + 1):
        return None
    job.starts = _jobs(job).values_list("starts", flat=True).get(pk=job.pk)
    return lease


def started_too_often(job: LeasedJob) -> bool:
    """Whether this start is one more than a job is given."""
    return job.starts > MOST_STARTS


def silent_since(moment: dt.datetime) -> Q:
    """Jobs that have said nothing for so long that their worker must be lost."""
    return Q(heartbeat_at__lt=moment - LOST_AFTER)


def renew(job: LeasedJob, lease: UUID, **progress: object) -> None:
    """Say that the work goes on. Raises LeaseLost, Cancelled."""
    mine = _jobs(job).filter(pk=job.pk, lease=lease)
    if not mine.update(heartbeat_at=now(), **progress):
        raise LeaseLost
    if hasattr(job, "cancel_asked") and mine.filter(cancel_asked=True).exists():
        raise Cancelled


def give_back(job: LeasedJob, lease: UUID, **result: object) -> bool:
    """The end of this worker's part, with its result. False when another worker has the job."""
    return bool(_jobs(job).filter(pk=job.pk, lease=lease).update(lease=None, **result))


@contextmanager
def beating(job: LeasedJob, lease: UUID) -> Iterator[None]:
    """While the block runs, a thread says that this worker lives: one statement may take minutes."""
    over = threading.Event()
    # The thread speaks for the same workspace, over a connection of its own.
    context = contextvars.copy_context()
    thread = threading.Thread(target=context.run, args=(_beat, job, lease, over), daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _beat(job: LeasedJob, lease: UUID, over: threading.Event) -> None:
    try:
        while not over.wait(BEAT_SECONDS):
            try:
                _jobs(job).filter(pk=job.pk, lease=lease).update(heartbeat_at=now())
            except Error:
                # The next beat tries again; a database that stays away ends the work itself.
                log.warning("a heartbeat of job %s could not be written", job.pk, exc_info=True)
                connections.close_all()
    finally:
        connections.close_all()


def _jobs(job: LeasedJob) -> Any:
    return type(job)._default_manager
