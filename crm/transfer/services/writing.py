"""Writing the staged rows: chunk by chunk, each once.

A chunk's rows, its ledger row and its progress are one transaction. A worker that is killed leaves whole
chunks; the task is delivered again, or resumed by the sweep, and goes on with those that the ledger lacks.
Two guards more: ids of new records follow from job and row, and one lease allows one worker.
"""

import datetime as dt
from collections.abc import Iterator
from uuid import UUID

from django.db import IntegrityError
from django.utils.translation import gettext as _

from core.clock import now
from core.errors import DomainError
from core.history.context import change
from core.records.fields import Choice, Group, Link, Person
from core.records.numbering import number_written
from core.records.search import index_records
from core.records.text import sort_key
from core.records.types import RecordType, forget_choices, record_type
from core.records.writing import create_record, read_values
from crm.transfer.models import Existing, ImportChunk, ImportJob, ImportState, StagedRow
from crm.transfer.services.answers import Do, answer_for
from crm.transfer.services.checking import chunk_rows, stage
from crm.transfer.services.endings import finish
from crm.transfer.services.leases import LeaseLost, renew
from crm.transfer.services.matching import stored_columns
from crm.transfer.services.resolving import refers_to_own_kind
from crm.transfer.services.staging import new_record_defaults
from crm.transfer.sql import (
    count_staged,
    insert_staged,
    is_there_already,
    join_staged,
    points_at_nothing,
    update_staged,
)
from tenants.people.placeholders import make_placeholders, make_teams

STAGED_FRESH = dt.timedelta(minutes=10)


def write_rows(job: ImportJob, lease: UUID) -> None:
    """All of a run, from wherever the last worker stopped. Raises Cancelled, LeaseLost."""
    kind = record_type(job.record_type)
    if not _is_staged(job):
        make_unknown(job, kind)
        stage(job, lease, reports_progress=False)
    try:
        _write_missing(job, lease, kind)
    except IntegrityError as error:
        if not (points_at_nothing(error) or is_there_already(error)):
            raise
        # Since the rows were staged a choice was merged into another, say, or a number given to another record.
        # Once is enough: who goes on doing so while the import runs is told that it failed.
        _stage_anew(job, lease, kind)
        _write_missing(job, lease, kind)
    # Behind all rows: a number that a later row of the file brings must not be given to an earlier one.
    number_written(kind, job.batch)
    _join(job, kind)
    finish(job, lease, ImportState.DONE)


def _write_missing(job: ImportJob, lease: UUID, kind: RecordType) -> None:
    for number in _missing_chunks(job):
        written = write_chunk(job, lease, kind, number)
        index_chunk(job, kind, number, written)
        renew(job, lease)


def _stage_anew(job: ImportJob, lease: UUID, kind: RecordType) -> None:
    """Look every value up again; what is unknown by now is answered as the person answered for the rest."""
    forget_choices()
    stage(job, lease, reports_progress=False)
    if job.findings["making"]:
        make_unknown(job, kind)
        stage(job, lease, reports_progress=False)


def make_unknown(job: ImportJob, kind: RecordType) -> None:
    """New choices, teams, placeholders and linked records for what nobody knows. A second run finds them made."""
    people: list[UUID] = []
    with change(label_of(job), by=job.created_by_id, via="job", batch=job.batch):
        for name, rows in job.findings.get("unknown", {}).items():
            field = kind.field(name)
            texts = [row[0] for row in rows if answer_for(field, row[0], job.answers).do is Do.MAKE]
            if isinstance(field, Person):
                people += make_placeholders(texts).values()
            elif isinstance(field, Group):
                make_teams(texts)
            elif isinstance(field, Choice) and field.add:
                for text in texts:
                    field.add(text)
            elif isinstance(field, Link):
                _make_records(field.target(), texts, job)
    index_records(record_type("person"), people)


def _make_records(target: RecordType, titles: list[str], job: ImportJob) -> None:
    """A record of each title that none has yet; a title that a field cannot hold is left out."""
    wanted = {sort_key(title): title for title in reversed(titles)}
    known = target.living().filter(name_key__in=wanted).values_list("name_key", flat=True)
    for key in wanted.keys() - set(known):
        try:
            values = read_values(target, {target.title: wanted[key]}, only=[target.title])
        except DomainError:
            continue
        create_record(target, values, by=job.created_by)


def write_chunk(job: ImportJob, lease: UUID, kind: RecordType, number: int) -> list[UUID]:
    """Rows number × `chunk_rows` and on; ids of the records written, none when the chunk was written before.

    Raises LeaseLost; then nothing of the chunk is written.
    """
    first, last = _rows_of(job, number)
    with change(label_of(job), by=job.created_by_id, via="job", batch=job.batch):
        # The ledger row first: a second worker waits here for the outcome of this one.
        chunk, made = ImportChunk.objects.get_or_create(job=job, number=number)
        if not made:
            return []
        columns = stored_columns(kind)
        created = insert_staged(kind.model, columns, new_record_defaults(kind, job), job.id, first, last)
        written = [name for name in columns if name in job.written_columns]
        updated = update_staged(kind.model, written, job.id, first, last)
        kind.derive_many(created + updated)
        chunk.created, chunk.updated = len(created), len(updated)
        chunk.save(update_fields=["created", "updated"])
        # Row numbers count the headings, so the last chunk ends one beyond the rows.
        done = {"done": min(last, job.total), "heartbeat_at": now(), "starts": 0}
        # Last: from here to the commit nobody can take the job over; before, heartbeats and Cancel need the row.
        if not ImportJob.objects.filter(pk=job.pk, lease=lease).update(**done):
            raise LeaseLost
    return created + updated


def index_chunk(job: ImportJob, kind: RecordType, number: int, record_ids: list[UUID]) -> None:
    """Search documents, after the commit; the ledger tells a killed worker's successor what lacks them."""
    index_records(kind, record_ids)
    ImportChunk.objects.filter(job=job, number=number).update(indexed=True)


def label_of(job: ImportJob) -> str:
    """What history shows."""
    return _("Import of %(file)s") % {"file": job.file_name}


def _is_staged(job: ImportJob) -> bool:
    """Whether the staging table holds what the dry run left, or a killed worker."""
    if job.staged is None or job.staged_at is None:
        return False
    begun = job.chunks.exists()
    fresh = now() - job.staged_at < STAGED_FRESH and not job.findings.get("making")
    # After a crash of the database the unlogged table is empty.
    return (begun or fresh) and count_staged(job.id) == job.staged


def _missing_chunks(job: ImportJob) -> Iterator[int]:
    """Numbers of chunks to write; what is written but not indexed is indexed on the way."""
    kind = record_type(job.record_type)
    for chunk in job.chunks.filter(indexed=False, number__gte=0):
        index_chunk(job, kind, chunk.number, staged_ids(job.id, *_rows_of(job, chunk.number)))
    done = set(job.chunks.values_list("number", flat=True))
    last_row = job.findings.get("last_row", job.total + 1)
    yield from (number for number in range(last_row // chunk_rows(job) + 1) if number not in done)


def _rows_of(job: ImportJob, number: int) -> tuple[int, int]:
    """First and last row of a chunk."""
    rows = chunk_rows(job)
    return number * rows, (number + 1) * rows - 1


def staged_ids(job_id: UUID, first: int, last: int) -> list[UUID]:
    """Records that these rows are."""
    rows = StagedRow.objects.filter(job_id=job_id, number__range=(first, last), action__in=["n", "u"])
    return list(rows.values_list("record_id", flat=True))


def _join(job: ImportJob, kind: RecordType) -> None:
    """Links between rows of the file, once all of them are records."""
    changed: list[UUID] = []
    with change(label_of(job), by=job.created_by_id, via="job", batch=job.batch):
        _chunk, made = ImportChunk.objects.get_or_create(job=job, number=ImportChunk.LINKS)
        if made:
            for target in job.mapping.values():
                field = kind.by_name.get(target)
                if field is not None and refers_to_own_kind(kind, field):
                    only_empty = job.existing == Existing.FILL
                    changed += join_staged(kind.model, field.attribute, job.id, only_empty=only_empty)
    index_records(kind, changed)
    ImportChunk.objects.filter(job=job, number=ImportChunk.LINKS).update(indexed=True)
