"""`import`: 100,000 contacts with a duplicate check, beside COPY into the same table.

The floor copies the very rows that the import made, into the same tables of another workspace: the same
indexes, constraints and history triggers (contacts; their search documents, which have no history).
What the product does beside it: reads and resolves the file, looks for duplicates, writes a ledger,
makes the search documents. The times of those parts are told apart.
"""

import io
import resource
import time
from contextlib import closing

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from bench.figures import Figure, Result
from bench.workspace import Workspace, open_workspace
from core.records.models import SearchDocument
from core.records.types import record_type
from core.tenancy.scope import tenant_scope
from crm.accounts.models import Account, Contact
from crm.transfer.models import ImportJob, ImportState
from crm.transfer.services import checking, jobs, writing
from crm.transfer.services.leases import take_lease
from crm.transfer.services.matching import stored_columns
from tenants.people.models import User

ACCOUNTS = 20_000
_DOCUMENT = ["id", "record_type", "title", "subtitle", "text", "tokens"]
_GOAL_RATIO = 4.0
_GOAL_MEGABYTES = 300.0
_FAMILIES = ("Okafor", "Lindqvist", "Brennan", "王", "Dubois", "陈", "Novak", "李", "Andersson")
_GIVEN = ("Ada", "Ben", "小明", "Chloe", "丽华", "Elena", "Hugo", "建国", "Ines")


def measure_import(rows: int = 100_000) -> Result:
    """Makes and removes its own workspaces."""
    product, floor = open_workspace(), open_workspace()
    try:
        result = Result("import")
        begun_megabytes = _megabytes()
        seconds = _import(product, rows)
        peak = _megabytes()
        copied, documents = _copy(product, floor)
        written = seconds["run"]
        both = copied + documents
        result.figures = [
            Figure("run, contacts and documents", written, both, _GOAL_RATIO, "s"),
            Figure("  of it: contacts", written - seconds["index"], copied, _GOAL_RATIO, "s"),
            Figure("  of it: search documents", seconds["index"], documents, None, "s"),
            Figure("dry run (read, resolve, match)", seconds["check"], None, None, "s"),
            Figure("dry run and run", written + seconds["check"], both, _GOAL_RATIO, "s"),
            Figure("memory at the peak", peak, None, _GOAL_MEGABYTES, "MB", f"{begun_megabytes:.0f} before"),
        ]
        return result
    finally:
        product.remove()
        floor.remove()


def contacts_csv(rows: int) -> bytes:
    """Plausible contacts in twelve columns, one in fifty a duplicate by mail."""
    out = io.StringIO()
    out.write("First name,Last name,Company,Job title,Role,Email,Phone,Mobile,WeChat,Birthday,City,Notes\n")
    for n in range(rows):
        given, family = _GIVEN[n % len(_GIVEN)], _FAMILIES[(n // 7) % len(_FAMILIES)]
        mail = n - 1 if n % 50 == 49 else n
        out.write(
            f"{given},{family}-{n},Firm {n % ACCOUNTS},Buyer {n % 40},Decides,p{mail}@many.example,"
            f"+44 20 {n:08d},+44 7700 {n:06d},wx{n},{1950 + n % 50}-{n % 12 + 1:02d}-{n % 28 + 1:02d},"
            f'Town {n % 300},"Met at the fair, wants a call {n}"\n'
        )
    return out.getvalue().encode()


def _import(workspace: Workspace, rows: int) -> dict[str, float]:
    """Seconds of the dry run, the run, and of the run's two parts."""
    with tenant_scope(workspace.schema, workspace.snapshot):
        owner = User.objects.get(pk=workspace.owner_id)
        names = "name\n" + "\n".join(f"Firm {n}" for n in range(ACCOUNTS)) + "\n"
        _whole(_upload("account", names.encode(), owner))
        job = _upload("contact", contacts_csv(rows), owner)
        return _whole(job)


def _upload(key: str, body: bytes, owner: User) -> ImportJob:
    job = jobs.start_import(kind=record_type(key), upload=SimpleUploadedFile("rows.csv", body), by=owner)
    if job.state == ImportState.READING:
        jobs.read_file(job)
        job.save()
    return job


def _whole(job: ImportJob) -> dict[str, float]:
    """As the worker does it, in this process."""
    seconds = {"write": 0.0, "index": 0.0}

    def step(state: ImportState) -> float:
        ImportJob.objects.filter(pk=job.pk).update(state=state)
        job.refresh_from_db()
        lease = take_lease(job)
        if lease is None:
            raise RuntimeError("somebody else works on this job")
        job.refresh_from_db()
        work = checking.check_rows if state == ImportState.CHECKING else writing.write_rows
        begun = time.perf_counter()
        work(job, lease)
        return time.perf_counter() - begun

    plain = writing.write_chunk, writing.index_chunk

    def timed(name: str, function: object) -> object:
        def call(*arguments: object) -> object:
            begun = time.perf_counter()
            try:
                return function(*arguments)  # type: ignore[operator]
            finally:
                seconds[name] += time.perf_counter() - begun

        return call

    seconds["check"] = step(ImportState.CHECKING)
    try:
        writing.write_chunk, writing.index_chunk = timed("write", plain[0]), timed("index", plain[1])  # type: ignore[assignment]
        seconds["run"] = step(ImportState.RUNNING)
    finally:
        writing.write_chunk, writing.index_chunk = plain
    return seconds


def _copy(source: Workspace, target: Workspace) -> tuple[float, float]:
    """Seconds of COPY into the target's tables, as the web's own role: of the contacts, of their documents."""
    tables = (
        (Account._meta.db_table, _without_people("account"), ""),
        (Contact._meta.db_table, _without_people("contact"), ""),
        (SearchDocument._meta.db_table, _DOCUMENT, "WHERE record_type = 'contact'"),
    )
    buffers = [io.StringIO() for _table in tables]
    with tenant_scope(source.schema, source.snapshot), closing(connection.cursor()) as cursor:
        for (table, columns, where), buffer in zip(tables, buffers, strict=True):
            cursor.copy_expert(f"COPY (SELECT {', '.join(columns)} FROM {table} {where}) TO STDOUT", buffer)
            buffer.seek(0)
    seconds = []
    with tenant_scope(target.schema, target.snapshot), closing(connection.cursor()) as cursor:
        for (table, columns, _where), buffer in zip(tables, buffers, strict=True):
            begun = time.perf_counter()
            cursor.copy_expert(f"COPY {table} ({', '.join(columns)}) FROM STDIN", buffer)
            seconds.append(time.perf_counter() - begun)
    return seconds[1], seconds[2]


def _without_people(key: str) -> list[str]:
    """The columns, but those that point at people, who differ between the two workspaces."""
    people = {"owner_id", "team_id", "created_by_id", "trade_id", "tier_id", "region_id", "source_id"}
    return [name for name in stored_columns(record_type(key)) if name not in people]


def _megabytes() -> float:
    """The most memory that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
