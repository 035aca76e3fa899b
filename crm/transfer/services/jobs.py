"""An import from upload to its end: who may do what with it, and in which state."""

import datetime as dt
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Greatest
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core.clock import now
from core.entitlements import Feature, Limit, require, require_growth
from core.errors import Conflict, DomainError, NotAllowed
from core.outbox.sending import send_on_commit
from core.records.rights import Verb
from core.records.rights import require as require_right
from core.records.types import RecordType, record_type
from core.usage.counting import require_room
from crm.transfer.models import ImportJob, ImportState
from crm.transfer.services import mapping
from crm.transfer.services.answers import Answer, Do, refuse_missing
from crm.transfer.services.files import BadFile, Layout, check_name, inspect_file, is_workbook
from crm.transfer.services.sheets import refuse_strange_archive
from crm.transfer.services.sweeping import HINTS
from crm.transfer.sql import forget_staged

QUICK_BYTES = 2 * 1024 * 1024  # of text, read while the person waits; larger files and Excel's by a worker

WAITING_KEPT = dt.timedelta(days=30)
_UPLOADED_AFTER = dt.timedelta(hours=2)  # the longest that an upload takes to become a job
_READ = ("facts", "total", "state", "findings", "staged", "answers", "mapping", "reading")
FINISHED = {ImportState.DONE, ImportState.CANCELLED, ImportState.FAILED}
_DISCARDABLE = {ImportState.MAPPING, ImportState.CHECKED, ImportState.FAILED, ImportState.CANCELLED}


def start_import(*, kind: RecordType, upload: Any, by: Any) -> ImportJob:
    """Store the uploaded file and read it, or have it read.

    Raises NotInPlan, ModuleOff, AccessLimited, BadFile; nothing is kept then.
    """
    refuse_strangers(by)
    require(Feature.IMPORT)
    require_growth()
    require_right(by, kind, Verb.SEE)
    if not kind.importable:
        raise DomainError(_("This cannot be imported."))
    check_name(upload.name)
    job = ImportJob(
        record_type=kind.key,
        file_name=Path(upload.name).name[:200],
        size_bytes=upload.size,
        language=get_language() or "en",
        created_by=by,
        total=0,
        heartbeat_at=now(),
    )
    job.stored = default_storage.save(f"imports/{job.id}/file{Path(upload.name).suffix.lower()}", upload)
    try:
        if _is_quick(job):
            read_file(job)
        elif upload.size <= QUICK_BYTES:
            refuse_strange_archive(path_of(job))
    except BadFile:
        remove_files(job)
        raise
    job.save(force_insert=True)
    if job.state == ImportState.READING:
        HINTS.expect_work()
        _send(job, "read")
    return job


def read_file(job: ImportJob, told: Callable[[int], None] = lambda rows: None) -> None:
    """Find out what the file holds, guess where its columns go. Does not save. Raises BadFile.

    told(rows so far) is called now and then.
    """
    facts = inspect_file(path_of(job), Layout(**job.layout), told)
    job.facts, job.total, job.state = facts.as_json(), facts.rows, ImportState.MAPPING
    job.findings, job.staged, job.answers = {}, None, {}
    mapping.guess(job)


def found_out(job: ImportJob) -> dict[str, Any]:
    """What `read_file` has set, by field."""
    return {name: getattr(job, name) for name in _READ}


def change_layout(job: ImportJob, *, changes: Mapping[str, Any], by: Any) -> None:
    """Read the file again as a person says it is written (see files.Layout); a large one by a worker.

    When it cannot be read so, everything is as it was: raises BadFile, or the worker leaves a message.
    """
    refuse_strangers(by)
    refuse_unless(job, {ImportState.MAPPING, ImportState.CHECKED})
    layout = {**job.layout, **changes}
    if _is_quick(job):
        job.layout = layout
        read_file(job)
        job.message = ""
        mapping.save_while_editable(job, ["layout", "message", *_READ])
        return
    _begin(job, ImportState.READING, layout=layout, former_layout=job.layout)
    _send(job, "read")


def start_check(job: ImportJob, *, by: Any) -> None:
    """The dry run, as a job."""
    refuse_strangers(by)
    refuse_unless(job, {ImportState.MAPPING, ImportState.CHECKED})
    _begin(job, ImportState.CHECKING)
    _send(job, "check")


def answer(job: ImportJob, *, field: str, decisions: Mapping[str, Answer], by: Any) -> None:
    """Decide about unknown values of one field (by their text), and look again.

    Raises DomainError when a decision points at something that is not there.
    """
    refuse_strangers(by)
    refuse_unless(job, {ImportState.CHECKED})
    kind = record_type(job.record_type)
    if field not in kind.by_name or field not in job.mapping.values():
        raise DomainError(_("This field is not part of the import."))
    for each in {each for each in decisions.values() if each.do is Do.MAP}:
        refuse_missing(kind.field(field), each, by)
    given = {text: {"do": each.do.value, "id": each.id} for text, each in decisions.items()}
    job.answers = {**job.answers, field: {**job.answers.get(field, {}), **given}}
    mapping.save_while_editable(job, ["answers"])
    start_check(job, by=by)


def start_run(job: ImportJob, *, by: Any) -> None:
    """Write the rows, as a job."""
    refuse_strangers(by)
    refuse_unless(job, {ImportState.CHECKED})
    require_growth()
    if record_type(job.record_type).counted:
        require_room(Limit.RECORDS, job.findings.get("counts", {}).get("new", 0))
    _begin(job, ImportState.RUNNING)
    _send(job, "run")


def discard(job: ImportJob, *, by: Any) -> None:
    """Forget an import that has written nothing. Raises Conflict."""
    refuse_strangers(by)
    refuse_unless(job, _DISCARDABLE)
    if job.chunks.exists():
        raise Conflict(_("This import has written records. Undo it first."))
    if not _forget(ImportJob.objects.filter(pk=job.pk, state__in=_DISCARDABLE)):
        raise Conflict(_("This import is already further on. Reload to see it."))


def start_undo(job: ImportJob, *, by: Any) -> None:
    """Take the whole import back, as a job."""
    refuse_strangers(by)
    refuse_unless(job, FINISHED)
    _begin(job, ImportState.UNDOING, undo_of_state=job.state, undone_by=by)
    _send(job, "undo")


def refuse_strangers(person: Any) -> None:
    """Raises NotAllowed for members."""
    if not person.may_administer:
        raise NotAllowed(_("Only the owner and administrators can import files."))


def path_of(job: ImportJob) -> Path:
    """The uploaded file."""
    return Path(default_storage.path(job.stored))


def error_path(job: ImportJob) -> Path:
    """Where the rows that could not be imported are kept."""
    return path_of(job).with_name("errors.csv")


def remove_files(job: ImportJob, *, keep_errors: bool = False) -> None:
    """The upload and what was made of it: all that lies in the import's folder."""
    if not job.stored:
        return
    folder = path_of(job).parent
    if not folder.exists():
        return
    for each in folder.iterdir():
        if not (keep_errors and each == error_path(job)):
            each.unlink(missing_ok=True)
    if not any(folder.iterdir()):
        folder.rmdir()


def clear_away(job: ImportJob) -> None:
    """What an import that is over needs no more. Its files go last: they tell the sweep to do it again."""
    forget_staged(job.id)
    remove_files(job, keep_errors=job.state != ImportState.UNDONE)


def remove_forgotten() -> int:
    """Imports that nobody has gone on with for a month, folders of uploads that never became one because the
    process died, and what a worker that died at its end has left. A second run finds none.
    """
    last_touched = Greatest("created_at", "finished_at", "heartbeat_at")
    waiting = ImportJob.objects.filter(state__in=[ImportState.MAPPING, ImportState.CHECKED])
    old = waiting.alias(last_touched=last_touched).filter(last_touched__lt=now() - WAITING_KEPT)
    for pk in old.values_list("pk", flat=True):
        _forget(old.filter(pk=pk))
    root = Path(default_storage.path("imports"))
    long_ago = (now() - _UPLOADED_AFTER).timestamp()
    folders = [each for each in root.iterdir() if each.stat().st_mtime < long_ago] if root.exists() else []
    known = {str(job.pk): job for job in ImportJob.objects.only("state", "stored")} if folders else {}
    forgotten = [each for each in folders if each.name not in known]
    for folder in forgotten:
        shutil.rmtree(folder, ignore_errors=True)
    for folder in set(folders) - set(forgotten):
        job = known[folder.name]
        if job.state in {*FINISHED, ImportState.UNDONE} and _has_leftovers(folder, job):
            clear_away(job)
    return len(forgotten)


def _has_leftovers(folder: Path, job: ImportJob) -> bool:
    return any(job.state == ImportState.UNDONE or each != error_path(job) for each in folder.iterdir())


def _forget(found: QuerySet[ImportJob]) -> bool:
    """Delete one import with its rows and files, unless it is no longer among these, or has written records."""
    with transaction.atomic():
        # Locked: whoever starts it at this moment waits, and finds it gone; or this one finds it started.
        job = found.select_for_update().first()
        if job is None or job.chunks.exists():
            return False
        forget_staged(job.id)
        ImportJob.objects.filter(pk=job.pk).delete()
    remove_files(job)
    return True


def send_again(job: ImportJob) -> None:
    """A worker was lost: give the job to another one."""
    name = {
        ImportState.READING: "read",
        ImportState.CHECKING: "check",
        ImportState.RUNNING: "run",
        ImportState.UNDOING: "undo",
    }[ImportState(job.state)]
    _send(job, name)


def _begin(job: ImportJob, state: ImportState, **more: Any) -> None:
    moment = now()
    changed = {"state": state, "cancel_asked": False, "message": "", "lease": None, "starts": 0, **more}
    changed |= {} if state == ImportState.UNDOING else {"done": 0}
    changed |= {"started_at": moment, "heartbeat_at": moment, "finished_at": None}
    with transaction.atomic():
        # Two clicks, two windows: only one of them finds the state it came from.
        if not ImportJob.objects.filter(pk=job.pk, state=job.state).update(**changed):
            raise Conflict(_("Somebody else is working on this import. Reload to see it."))
        HINTS.expect_work()
    job.refresh_from_db()


def refuse_unless(job: ImportJob, states: set[ImportState]) -> None:
    if job.state not in states:
        raise Conflict(_("This import is already further on. Reload to see it."))


def _is_quick(job: ImportJob) -> bool:
    """Whether a request may read the file itself. Never an Excel file: a small one may hold a huge table."""
    return job.size_bytes <= QUICK_BYTES and not is_workbook(path_of(job))


def _send(job: ImportJob, step: str) -> None:
    send_on_commit(f"transfer.{step}", str(job.id))
