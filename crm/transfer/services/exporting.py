"""The whole workspace as a zip: CSV files for people, tables for machines, files as they were put in.

accounts.csv …          each record type: labels as headings, values as shown, ids for what is linked
tables/*.csv            every other table that holds a person's work, column by column
files/<table>/<id>/…    attachments and pictures
read-me.txt
"""

import csv
import datetime as dt
import io
import shutil
import zipfile
from collections.abc import Callable, Iterable, Iterator
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core.clock import now
from core.errors import Conflict
from core.history.tracked import UNRECORDED_COLUMNS, untracked
from core.outbox.sending import send_on_commit
from core.records.copying import cells_of, copy_csv, csv_heading, guarded
from core.records.fields import Group, Link, Person
from core.records.fields.written import as_text
from core.records.types import RecordType, record_types
from core.tenancy.scope import current_snapshot
from crm.transfer.models import ExportJob, ExportState
from crm.transfer.services.jobs import refuse_strangers
from crm.transfer.services.leases import give_back, renew
from crm.transfer.services.sweeping import HINTS, PACKING
from tenants.people.models import EventKind, User
from tenants.people.security.events import note_event

KEPT = dt.timedelta(days=7)
_ARCHIVE = "workspace.zip"
_BATCH = 2000
_PIECE_BYTES = 1 << 20
# Nothing that opens a door leaves the house.
_SECRET_COLUMNS = {*UNRECORDED_COLUMNS, "token_hash", "code_hash"}


def start_export(*, by: Any) -> ExportJob:
    """One at a time for each person. Raises Conflict while one runs."""
    refuse_strangers(by)
    running = ExportJob.objects.filter(created_by=by, state__in=PACKING)
    with transaction.atomic():
        # Two clicks at once: the second waits for the first one's export, and sees it.
        User.objects.select_for_update(no_key=True).get(pk=by.pk)
        if running.exists():
            raise Conflict(_("An export is already running."))
        job = ExportJob.objects.create(created_by=by, language=get_language() or "en", heartbeat_at=now())
        HINTS.expect_work()
        note_event(EventKind.EXPORTED, person=by, text=_("Archive of the workspace"))
        send_on_commit("transfer.export", str(job.id))
    return job


def write_export(job: ExportJob, lease: UUID) -> None:
    """Make the zip. A second run makes it again. Raises LeaseLost."""
    folder = _folder(job)
    folder.mkdir(parents=True, exist_ok=True)
    tables = list(other_models())
    job.total = len(record_types()) + len(tables)
    renew(job, lease, state=ExportState.RUNNING, total=job.total, done=0)
    # A name of this run's own: a worker that was taken for lost may still be writing.
    unfinished = folder / f"{lease}.unfinished"
    try:
        _pack(job, lease, tables, unfinished)
        renew(job, lease)
        unfinished.replace(folder / _ARCHIVE)
    finally:
        unfinished.unlink(missing_ok=True)
    _remove_unfinished(job)
    done = {"stored": f"exports/{job.id}/{_ARCHIVE}", "size_bytes": (folder / _ARCHIVE).stat().st_size}
    if give_back(job, lease, state=ExportState.DONE, finished_at=now(), **done):
        _tell(job, ExportState.DONE)


def _pack(job: ExportJob, lease: UUID, tables: list[type[models.Model]], path: Path) -> None:
    steps = count(1)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
        archive.writestr("read-me.txt", _read_me())
        for kind in record_types():
            _write_records(archive, kind, by=job.created_by)
            renew(job, lease, done=next(steps))
        for model in tables:
            _write_csv(archive, f"tables/{model._meta.db_table}.csv", _table_rows(model))
            renew(job, lease, done=next(steps))
        for model in (*dict.fromkeys(kind.model for kind in record_types()), *tables):
            _write_files(archive, model)
            renew(job, lease)


def other_models() -> Iterator[type[models.Model]]:
    """Every model of the workspace that history follows and that is no record type of its own."""
    shown = {kind.table for kind in record_types()} | set(untracked())
    for config in apps.get_app_configs():
        if config.name not in settings.TENANT_APPS:
            continue
        for model in config.get_models():
            key = model._meta.pk
            if model._meta.db_table not in shown and isinstance(key, models.UUIDField):
                yield model


def remove_expired() -> int:
    """Archives older than a week, and folders that no export of the last week owns. A second run finds none."""
    old = ExportJob.objects.filter(created_at__lt=now() - KEPT).exclude(stored="")
    for job in old:
        shutil.rmtree(_folder(job), ignore_errors=True)
        ExportJob.objects.filter(pk=job.pk).update(stored="")
    root = Path(default_storage.path("exports"))
    # Looked at before the jobs: an export that begins meanwhile has its row before its folder.
    folders = list(root.iterdir()) if root.exists() else []
    kept = ExportJob.objects.filter(Q(state__in=PACKING) | ~Q(stored="")).values_list("pk", flat=True)
    names = {str(pk) for pk in kept}
    for folder in folders:
        if folder.name not in names:
            shutil.rmtree(folder, ignore_errors=True)
    return len(old)


def next_expiry() -> float | None:
    """When the next archive is a week old, in seconds since 1970."""
    kept = ExportJob.objects.exclude(stored="").order_by("created_at").values_list("created_at", flat=True)
    oldest = kept.first()
    return (oldest + KEPT).timestamp() if oldest else None


def send_again(job: ExportJob) -> None:
    """A worker was lost: give the export to another one, which begins again."""
    send_on_commit("transfer.export", str(job.id))


def fail(job: ExportJob, lease: UUID, sentence: str) -> None:
    """Say what stopped it; what was written goes. Nothing happens when another worker has it."""
    ended = {"state": ExportState.FAILED, "message": sentence, "finished_at": now()}
    if give_back(job, lease, **ended):
        _remove_unfinished(job)
        _tell(job, ExportState.FAILED)


WhenExported = Callable[[ExportJob, ExportState], None]
_when_exported: list[WhenExported] = []


def call_when_exported(function: WhenExported) -> None:
    """function(job, state) runs at the end of an export; config ties rooms above to it."""
    if function not in _when_exported:
        _when_exported.append(function)


def _tell(job: ExportJob, state: ExportState) -> None:
    for told in _when_exported:
        told(job, state)


def _folder(job: ExportJob) -> Path:
    return Path(default_storage.path(f"exports/{job.id}"))


def _remove_unfinished(job: ExportJob) -> None:
    """Parts that this and killed workers have left; an archive that was finished stays."""
    for part in _folder(job).glob("*.unfinished"):
        part.unlink(missing_ok=True)
    if not any(_folder(job).glob("*")):
        shutil.rmtree(_folder(job), ignore_errors=True)


def _read_me() -> str:
    words = {"workspace": current_snapshot().name, "day": now().date().isoformat()}
    return "\n".join(
        [
            _("Everything in the workspace “%(workspace)s”, as of %(day)s (UTC).") % words,
            "",
            _("One CSV file for each kind of record: UTF-8, the first line holds the headings."),
            _("tables/ holds everything else, column by column; ids lead from one file to the other."),
            _("files/ holds attachments, in a folder with the id of the row they belong to."),
            _("Text that a spreadsheet would run as a formula begins with an apostrophe."),
            "",
        ]
    )


def _write_csv(archive: zipfile.ZipFile, name: str, rows: Iterable[list[str]]) -> None:
    with (
        archive.open(name, "w", force_zip64=True) as raw,
        io.TextIOWrapper(raw, "utf-8-sig", newline="") as text,
    ):
        csv.writer(text).writerows(rows)


def _write_records(archive: zipfile.ZipFile, kind: RecordType, *, by: Any) -> None:
    """Each record that the person may see, every field, straight from the database."""
    headings, cells = ["id"], [as_text("pk")]
    for field, written in zip(kind.fields, cells_of(kind.fields, keep_numbers=True), strict=True):
        headings.append(str(field.label))
        cells.append(written)
        if isinstance(field, Link | Person | Group):
            headings.append(f"{field.label} (id)")
            cells.append(as_text(field.attribute))
    with (
        archive.open(f"{kind.slug}.csv", "w", force_zip64=True) as raw,
        io.BufferedWriter(raw, _PIECE_BYTES) as body,
    ):
        body.write(csv_heading(headings))
        copy_csv(kind.visible(to=by), cells, body)


def _table_rows(model: type[models.Model]) -> Iterator[list[str]]:
    columns = [each for each in model._meta.concrete_fields if each.column not in _SECRET_COLUMNS]
    yield [each.column for each in columns]
    rows = model._base_manager.order_by("pk").values_list(*(each.attname for each in columns))
    for row in rows.iterator(chunk_size=_BATCH):
        yield [_plain(value) for value in row]


def _plain(value: Any) -> str:
    if value is None:
        return ""
    return guarded(value) if isinstance(value, str) else str(value)


def _write_files(archive: zipfile.ZipFile, model: type[models.Model]) -> None:
    """Every file that a row of the model names; one that is missing on disk is left out."""
    for column in model._meta.concrete_fields:
        if not isinstance(column, models.FileField):
            continue
        rows = model._base_manager.exclude(**{column.attname: ""}).values_list("pk", column.attname)
        for pk, name in rows.iterator(chunk_size=_BATCH):
            path = Path(default_storage.path(name)) if name else None
            if path is not None and path.is_file():
                archive.write(path, f"files/{model._meta.db_table}/{pk}/{Path(name).name}")
