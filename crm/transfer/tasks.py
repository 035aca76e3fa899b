"""Imports and exports in the background. Each task goes on where a killed one stopped."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.db import DatabaseError
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from core.clock import now, zone_or_utc
from core.errors import DomainError
from core.history.context import acting
from core.tenancy.scope import current_snapshot
from core.tenancy.tasks import public_task, tenant_task
from crm.transfer.models import ExportJob, ImportJob, ImportState
from crm.transfer.services import checking, exporting, jobs, reading, undoing, writing
from crm.transfer.services.endings import cancelled, stopped
from crm.transfer.services.leases import (
    Cancelled,
    LeaseLost,
    beating,
    silent_since,
    started_too_often,
    take_lease,
)
from crm.transfer.services.sweeping import HINTS, PACKING, WORKING, set_hint
from tenants.registry.selectors import ready_schemas

_SWEEP_SECONDS = 30
Step = Callable[[ImportJob, UUID], None]
log = logging.getLogger(__name__)


@tenant_task(name="transfer.read")
def read(tenant: str, job_id: str) -> None:
    """Read a large upload. A second run reads it again."""
    _work(job_id, ImportState.READING, reading.read_upload)


@tenant_task(name="transfer.check")
def check(tenant: str, job_id: str) -> None:
    """The dry run. A second run replaces what the first one found."""
    _work(job_id, ImportState.CHECKING, checking.check_rows)


@tenant_task(name="transfer.run")
def run(tenant: str, job_id: str) -> None:
    """Write the rows. A second run writes the chunks that the ledger lacks, and no other."""
    _work(job_id, ImportState.RUNNING, writing.write_rows)


@tenant_task(name="transfer.undo")
def undo(tenant: str, job_id: str, by: str = "") -> None:
    """Take an import back. A second run changes nothing. by: unused, tasks of the last release carry it."""
    _work(job_id, ImportState.UNDOING, undoing.undo_import)


@public_task(name="transfer.resume_all")
def resume_all() -> int:
    """Twice a minute: a task for each workspace with work to look after. A second run sends the same tasks."""
    schemas = HINTS.due_among(ready_schemas())
    for schema in schemas:
        # Behind a long queue the next sweep's task does the same: let this one lapse.
        resume.apply_async((schema,), expires=_SWEEP_SECONDS)
    return len(schemas)


@tenant_task(name="transfer.resume")
def resume(tenant: str) -> int:
    """Give jobs whose worker was lost to another one. A second run finds their new lease."""
    lost = ImportJob.objects.filter(silent_since(now()), state__in=WORKING)
    for job in lost:
        jobs.send_again(job)
    packing = ExportJob.objects.filter(silent_since(now()), state__in=PACKING)
    for export_job in packing:
        exporting.send_again(export_job)
    exporting.remove_expired()
    jobs.remove_forgotten()
    set_hint(exporting.next_expiry())
    return len(lost) + len(packing)


@tenant_task(name="transfer.export")
def export(tenant: str, job_id: str) -> None:
    """The workspace as a zip. A second run makes it again, unless it is done or another worker is at it."""
    job = ExportJob.objects.select_related("created_by").filter(pk=job_id, state__in=PACKING).first()
    lease = take_lease(job) if job else None
    if job is None or lease is None:
        return
    zone = zone_or_utc(job.created_by.time_zone or current_snapshot().time_zone)
    with translation.override(job.language), timezone.override(zone):
        if started_too_often(job):
            exporting.fail(job, lease, _exhausted())
            return
        try:
            with beating(job, lease):
                exporting.write_export(job, lease)
        except LeaseLost:
            log.info("export %s goes on in another worker", job_id)
        except Exception:
            # As in imports: logged whole, and the job ends with a word.
            log.exception("export %s failed", job_id)
            exporting.fail(job, lease, _("The archive could not be written. Try again later."))


def _work(job_id: str, state: ImportState, step: Step) -> None:
    """One step under a lease, which ends with a word whatever happens."""
    found = ImportJob.objects.select_related("created_by", "undone_by").filter(pk=job_id, state=state)
    job = found.first()
    lease = take_lease(job) if job else None
    if job is None or lease is None:
        return
    with _speaking_for(job):
        try:
            _guarded(job, lease, step)
        except LeaseLost:
            log.info("import %s goes on in another worker", job_id)


def _guarded(job: ImportJob, lease: UUID, step: Step) -> None:
    """Raises LeaseLost."""
    if started_too_often(job):
        stopped(job, lease, _exhausted())
        return
    try:
        with beating(job, lease):
            step(job, lease)
    except LeaseLost:
        raise
    except Cancelled:
        cancelled(job, lease)
    except DomainError as error:
        stopped(job, lease, str(error))
    except DatabaseError:
        log.exception("import %s failed", job.pk)
        stopped(job, lease, _("The database refused these rows. What was written before stays."))
    except Exception:
        # Whatever it is: a job that ended without a word would be sent again for ever.
        log.exception("import %s failed", job.pk)
        stopped(job, lease, _("Something failed on our side. What was written before stays."))


def _exhausted() -> str:
    return _("It was started several times and broke off each time: there may not be enough memory for it.")


@contextmanager
def _speaking_for(job: ImportJob) -> Iterator[None]:
    """Language, time zone and name of the person who imports, or takes an import back."""
    person: Any = job.undone_by if job.state == ImportState.UNDOING else job.created_by
    zone = zone_or_utc((person and person.time_zone) or current_snapshot().time_zone)
    with (
        translation.override(job.language),
        timezone.override(zone),
        acting(person and person.pk, via="job", ref=str(job.id)),
    ):
        yield
