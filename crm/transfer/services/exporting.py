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
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.apps import apps
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core.clock import now
from core.errors import Conflict
from core.history.tracked import UNRECORDED_COLUMNS, untracked
from core.records.fields import Field, Group, Link, Person, Showing
from core.records.types import RecordType, record_types
from core.tenancy.scope import current_snapshot
from core.tenancy.tasks import send_named_on_commit
from crm.transfer.models import ExportJob, ExportState
from crm.transfer.rules.rows import guarded
from crm.transfer.services.jobs import refuse_strangers

KEPT = dt.timedelta(days=7)
LOST_AFTER = dt.timedelta(minutes=10)
_BATCH = 2000
_EXACT = {"number", "money", "percent", "date"}
# Nothing that opens a door leaves the house.
_SECRET_COLUMNS = {*UNRECORDED_COLUMNS, "token_hash", "code_hash"}


def start_export(*, by: Any) -> ExportJob:
    """One at a time for each person. Raises Conflict while one runs."""
    refuse_strangers(by)
    running = ExportJob.objects.filter(created_by=by, state__in=[ExportState.WAITING, ExportState.RUNNING])
    if running.exists():
        raise Conflict(_("An export is already running."))
    job = ExportJob.objects.create(created_by=by, language=get_language() or "en", heartbeat_at=now())
    send_named_on_commit("transfer.export", str(job.id))
    return job


def write_export(job: ExportJob) -> None:
    """Make the zip. A second run makes it again."""
    name = f"exports/{job.id}/workspace.zip"
    path = Path(default_storage.path(name))
    path.parent.mkdir(parents=True, exist_ok=True)
    tables = list(other_models())
    job.state, job.total, job.done = ExportState.RUNNING, len(record_types()) + len(tables), 0
    job.save(update_fields=["state", "total", "done"])
    # A name of this run's own: a worker that was taken for lost may still be writing.
    unfinished = path.with_name(f"{uuid4()}.unfinished")
    with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
        archive.writestr("read-me.txt", _read_me())
        for kind in record_types():
            _write_csv(archive, f"{kind.slug}.csv", _record_rows(kind, by=job.created_by))
            _tick(job)
        for model in tables:
            _write_csv(archive, f"tables/{model._meta.db_table}.csv", _table_rows(model))
            _tick(job)
        for model in (*[kind.model for kind in record_types()], *tables):
            _write_files(archive, model)
            ExportJob.objects.filter(pk=job.pk).update(heartbeat_at=now())
    unfinished.replace(path)
    job.state, job.stored, job.size_bytes = ExportState.DONE, name, path.stat().st_size
    job.finished_at = now()
    job.save(update_fields=["state", "stored", "size_bytes", "finished_at"])


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
    """Archives older than a week. A second run finds none."""
    old = ExportJob.objects.filter(created_at__lt=now() - KEPT).exclude(stored="")
    for job in old:
        shutil.rmtree(Path(default_storage.path(job.stored)).parent, ignore_errors=True)
        job.stored = ""
        job.save(update_fields=["stored"])
    return len(old)


def resume_lost() -> int:
    """Exports whose worker was lost begin again."""
    open_states = [ExportState.WAITING, ExportState.RUNNING]
    lost = ExportJob.objects.filter(state__in=open_states, heartbeat_at__lt=now() - LOST_AFTER)
    for job in lost:
        ExportJob.objects.filter(pk=job.pk).update(heartbeat_at=now())
        send_named_on_commit("transfer.export", str(job.id))
    return len(lost)


def _tick(job: ExportJob) -> None:
    job.done += 1
    ExportJob.objects.filter(pk=job.pk).update(done=job.done, heartbeat_at=now())


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


def _record_rows(kind: RecordType, *, by: Any) -> Iterator[list[str]]:
    fields = kind.fields
    showing = Showing(currency=current_snapshot().currency)
    yield ["id", *(heading for field in fields for heading in _headings(field))]
    lookups = [lookup for field in fields for lookup in field.select]
    rows = kind.visible(to=by).order_by("pk").values_list("pk", *lookups)
    for pk, *values in rows.iterator(chunk_size=_BATCH):
        at, cells = 0, [str(pk)]
        for field in fields:
            taken = values[at : at + len(field.select)]
            at += len(field.select)
            cells += _cells(field, taken, showing)
        yield cells


def _headings(field: Field) -> list[str]:
    linked = isinstance(field, Link | Person | Group)
    return [str(field.label), f"{field.label} (id)"] if linked else [str(field.label)]


def _cells(field: Field, values: list[Any], showing: Showing) -> list[str]:
    if isinstance(field, Link | Person | Group):
        return [guarded(field.text(values, showing)), str(values[0] or "")]
    if field.kind in _EXACT:
        return [field.raw(values[0])]
    return [guarded(field.text(values, showing))]


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


def fail(job: ExportJob, sentence: str) -> None:
    """Say what stopped it; what was written goes."""
    shutil.rmtree(Path(default_storage.path(f"exports/{job.id}")), ignore_errors=True)
    job.state, job.message, job.finished_at = ExportState.FAILED, sentence, now()
    job.save(update_fields=["state", "message", "finished_at"])
