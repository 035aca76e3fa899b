"""How an import ends, or stops on its way: done, broken off, cancelled.

Every ending holds the lease: a worker that was taken for lost must not clear away what its successor works on.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from core.clock import now
from core.errors import Conflict
from crm.transfer.models import ImportJob, ImportState
from crm.transfer.services.jobs import clear_away, refuse_strangers, remove_files
from crm.transfer.services.leases import LeaseLost, give_back, take_lease
from crm.transfer.services.sweeping import WORKING

WhenFinished = Callable[[ImportJob, ImportState], None]
_when_finished: list[WhenFinished] = []


def call_when_finished(function: WhenFinished) -> None:
    """function(job, state) runs at the end of an import, its reading or its undo; config ties rooms above to it."""
    if function not in _when_finished:
        _when_finished.append(function)


def ask_to_cancel(job: ImportJob, *, by: Any) -> None:
    """The worker stops after the portion at hand; what is written stays and can be undone.

    A job that no worker has taken yet is cancelled at once. Raises Conflict for an undo, which is whole or not.
    """
    refuse_strangers(by)
    if job.state == ImportState.UNDOING:
        raise Conflict(_("An undo cannot be stopped: it happens as a whole."))
    waiting = ImportJob.objects.filter(pk=job.pk, state=job.state)
    if job.state not in WORKING or not waiting.update(cancel_asked=True):
        return
    if waiting.filter(lease=None).exists() and (lease := take_lease(job)):
        cancelled(job, lease)


def finish(job: ImportJob, lease: UUID, state: ImportState, message: str = "") -> None:
    """The end, good or bad: nothing of the file stays but the rows that could not be imported.

    The end first: a worker that is killed while it clears away has still imported, and the sweep clears for it.
    Raises LeaseLost.
    """
    _end(job, lease, state, message)
    clear_away(job)


def cancelled(job: ImportJob, lease: UUID) -> None:
    """Before rows are written back to the mapping, after it to the end; a file never read is forgotten."""
    if job.state == ImportState.RUNNING:
        finish(job, lease, ImportState.CANCELLED)
    elif job.state == ImportState.READING and not job.facts:
        _end_unread(job, lease, ImportState.CANCELLED, "")
    else:
        back = {"state": ImportState.MAPPING, "cancel_asked": False, **_former_layout(job)}
        give_back(job, lease, finished_at=now(), **back)


def stopped(job: ImportJob, lease: UUID, sentence: str) -> None:
    """It cannot go on. Rows that are in stay; an undo that failed leaves the import as it was."""
    if job.state == ImportState.RUNNING:
        finish(job, lease, ImportState.FAILED, sentence)
    elif job.state == ImportState.READING and not job.facts:
        _end_unread(job, lease, ImportState.FAILED, sentence)
    elif job.state == ImportState.UNDOING:
        former = job.undo_of_state or ImportState.DONE
        if give_back(job, lease, state=former, message=sentence, finished_at=now()):
            tell(job, ImportState.UNDOING)
    else:
        back = {
            "state": ImportState.MAPPING,
            "message": sentence,
            "cancel_asked": False,
            **_former_layout(job),
        }
        give_back(job, lease, finished_at=now(), **back)


def tell(job: ImportJob, state: ImportState) -> None:
    """Whoever wants to know learns of it. UNDOING: the undo has failed."""
    for told in _when_finished:
        told(job, state)


def _end_unread(job: ImportJob, lease: UUID, state: ImportState, sentence: str) -> None:
    _end(job, lease, state, sentence)
    remove_files(job)


def _end(job: ImportJob, lease: UUID, state: ImportState, message: str) -> None:
    if not give_back(job, lease, state=state, message=message, finished_at=now()):
        raise LeaseLost
    tell(job, state)


def _former_layout(job: ImportJob) -> dict[str, Any]:
    """The layout that a file could last be read with, for a job whose reading did not end."""
    if job.state != ImportState.READING or job.former_layout is None:
        return {}
    return {"layout": job.former_layout, "former_layout": None}
