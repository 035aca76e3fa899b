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
from crm.transfer.models import ExportJob, ExportState, ImportJob, ImportState
from crm.transfer.services import checking, exporting, jobs, undoing, writing
from crm.transfer.services.leases import Cancelled, LeaseLost, give_back, silent_since, take_lease
from tenants.people.models import User
from tenants.registry.models import Tenant, TenantState

_SWEEP_SECONDS = 30
log = logging.getLogger(__name__)


@tenant_task(name="transfer.read")
def read(tenant: str, job_id: str) -> None:
    """Read a large upload. A second run reads it again."""

    _work(job_id, ImportState.READING, read_step, back_to=ImportState.FAILED)


def read_step(job: ImportJob, lease: UUID) -> None:
    """What `read` does under its lease. Raises BadFile."""
    jobs.read_file(job)
    job.lease, job.finished_at = None, now()
    job.save()


@tenant_task(name="transfer.check")
def check(tenant: str, job_id: str) -> None:
    """The dry run. A second run replaces what the first one found."""
    _work(job_id, ImportState.CHECKING, checking.check_rows, back_to=ImportState.MAPPING)


@tenant_task(name="transfer.run")
def run(tenant: str, job_id: str) -> None:
    """Write the rows. A second run writes the chunks that the ledger lacks, and no other."""
    _work(job_id, ImportState.RUNNING, writing.write_rows, back_to=ImportState.FAILED)


@tenant_task(name="transfer.undo")
def undo(tenant: str, job_id: str, by: str) -> None:
    """Take an import back. A second run changes nothing."""
    person = User.objects.get(pk=by)
    _work(
        job_id,
        ImportState.UNDOING,
        lambda job, lease: undoing.undo_import(job, lease, by=person),
        back_to=ImportState.DONE,
    )


@public_task(name="transfer.resume_all")
def resume_all() -> int:
    """Twice a minute: look after every workspace. A second run sends the same tasks."""
    schemas = Tenant.objects.filter(state=TenantState.READY).values_list("schema_name", flat=True)
    for schema in list(schemas):
        # Behind a long queue the next sweep's task does the same: let this one lapse.
        resume.apply_async((schema,), expires=_SWEEP_SECONDS)
    return len(schemas)


@tenant_task(name="transfer.resume")
def resume(tenant: str) -> int:
    """Give jobs whose worker was lost to another one. A second run finds their new lease."""
    lost = ImportJob.objects.filter(silent_since(now()), state__in=jobs.WORKING)
    for job in lost:
        jobs.send_again(job)
    exporting.remove_expired()
    return len(lost) + exporting.resume_lost()


@tenant_task(name="transfer.export")
def export(tenant: str, job_id: str) -> None:
    """The workspace as a zip. A second run makes it again, unless it is done."""
    waiting = ExportJob.objects.select_related("created_by")
    job = waiting.filter(pk=job_id, state__in=[ExportState.WAITING, ExportState.RUNNING]).first()
    if job is None:
        return
    zone = zone_or_utc(job.created_by.time_zone or current_snapshot().time_zone)
    with translation.override(job.language), timezone.override(zone):
        try:
            exporting.write_export(job)
        except Exception:
            # As in imports: logged whole, and the job ends with a word.
            log.exception("export %s failed", job_id)
            exporting.fail(job, _("The archive could not be written. Try again later."))


def _work(
    job_id: str, state: ImportState, step: Callable[[ImportJob, UUID], None], *, back_to: ImportState
) -> None:
    """One step under a lease. back_to: the state after an error that a person can read."""
    job = ImportJob.objects.filter(pk=job_id, state=state).select_related("created_by").first()
    lease = take_lease(job) if job else None
    if job is None or lease is None:
        return
    with _speaking_for(job):
        try:
            step(job, lease)
        except LeaseLost:
            log.info("import %s goes on in another worker", job_id)
        except Cancelled:
            _cancelled(job, lease)
        except DomainError as error:
            _stop(job, lease, back_to, str(error))
        except DatabaseError:
            log.exception("import %s failed", job_id)
            _stop(job, lease, back_to, _("The database refused these rows. What was written before stays."))
        except Exception:
            # Whatever it is: a job that ended without a word would be sent again for ever.
            log.exception("import %s failed", job_id)
            # Who lost the lease must not clear away what its successor works on.
            if ImportJob.objects.filter(pk=job.pk, lease=lease).exists():
                _stop(job, lease, back_to, _("Something failed on our side. What was written before stays."))


@contextmanager
def _speaking_for(job: ImportJob) -> Iterator[None]:
    """Language, time zone and name of the person who imports."""
    person: Any = job.created_by
    zone = zone_or_utc((person and person.time_zone) or current_snapshot().time_zone)
    with (
        translation.override(job.language),
        timezone.override(zone),
        acting(job.created_by_id, via="job", ref=str(job.id)),
    ):
        yield


def _cancelled(job: ImportJob, lease: UUID) -> None:
    """Before rows are written back to the mapping, after it to the end."""
    if job.state == ImportState.RUNNING:
        writing.finish(job, lease, ImportState.CANCELLED)
    else:
        give_back(job, lease, state=ImportState.MAPPING, cancel_asked=False, finished_at=now())


def _stop(job: ImportJob, lease: UUID, state: ImportState, sentence: str) -> None:
    if job.state == ImportState.RUNNING:
        writing.finish(job, lease, state, sentence)
    elif job.state == ImportState.READING:
        jobs.remove_files(job)
        give_back(job, lease, state=state, message=sentence, finished_at=now())
    else:
        give_back(job, lease, state=state, message=sentence, finished_at=now())
