"""`connections`: reads and writes of several tenants on shared connections while backends are struck.

Each tenant has a canary of the same id with its own words, so a statement that reached another tenant's
schema would be seen: a read gives words that are not its own, a write leaves them there. The goal: none.
"""

import random
import secrets
import threading
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from uuid import UUID

import psycopg2
from django.db import DatabaseError, InterfaceError, connection, connections

from bench.figures import Figure, Result
from bench.workspace import Workspace, in_database, open_workspace
from core.ids import uuid7
from core.tenancy.scope import tenant_scope
from crm.accounts.models import Account

_TENANTS, _THREADS = 3, 4
_WRITE_EACH = 4
"""One operation in so many is a write."""
_PAUSE_SECONDS = 0.002
_TERMINATE_SHARE = 0.01
_NAME = f"bench-{secrets.token_hex(4)}"


@dataclass
class _Tally:
    """right, wrong: operations. cancelled, terminated: statements that were struck. sent: strikes."""

    reads: int = 0
    writes: int = 0
    wrong: int = 0
    cancelled: int = 0
    terminated: int = 0
    sent: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    done: threading.Event = field(default_factory=threading.Event)


def measure(operations: int = 100_000) -> Result:
    """Reads and writes of three tenants on shared connections, struck at random."""
    workspaces = [open_workspace() for _ in range(_TENANTS)]
    try:
        canary = uuid7()
        for workspace in workspaces:
            with tenant_scope(workspace.schema, workspace.snapshot):
                Account.objects.create(pk=canary, name=workspace.schema, city=workspace.schema)
        tally = _run([workspace.schema for workspace in workspaces], canary, operations)
        tally.wrong += sum(_strays(workspace, canary) for workspace in workspaces)
    finally:
        for workspace in workspaces:
            workspace.remove()
    note = f"{tally.cancelled} cancelled, {tally.terminated} lost their connection; {tally.sent} strikes sent"
    return Result(
        "connections",
        [
            Figure("reads that came", tally.reads, None, None, ""),
            Figure("writes that came", tally.writes, None, None, ""),
            Figure("statements struck", tally.cancelled + tally.terminated, None, None, "", note),
            Figure("wrong reads or writes", tally.wrong, None, 0.0, ""),
        ],
    )


def _run(schemas: Sequence[str], canary: UUID, operations: int) -> _Tally:
    tally = _Tally()
    # Only connections opened from here on bear the name: nobody else's are struck, nor this thread's own.
    options = connections.settings["default"]["OPTIONS"]
    options["application_name"] = _NAME

    def work(number: int) -> None:
        turn = number
        while not tally.done.is_set():
            turn += 1
            _operate(tally, schemas[turn % len(schemas)], canary, turn)
            if tally.reads + tally.writes >= operations:
                tally.done.set()
        connections.close_all()

    workers = [threading.Thread(target=work, args=(number,)) for number in range(_THREADS)]
    for worker in workers:
        worker.start()
    try:
        _strike(tally)
    finally:
        tally.done.set()
        for worker in workers:
            worker.join()
        del options["application_name"]
    return tally


def _operate(tally: _Tally, schema: str, canary: UUID, turn: int) -> None:
    writes = turn % _WRITE_EACH == 0
    try:
        with tenant_scope(schema):
            found = Account.objects.filter(pk=canary)
            if writes:
                right = found.update(city=f"{schema} {turn}") == 1
            else:
                name, city = found.values_list("name", "city").get()
                right = name == schema and city.startswith(schema)
    except (DatabaseError, InterfaceError) as error:
        lost = connection.connection is None or connection.connection.closed
        with tally.lock:
            tally.terminated += bool(lost)
            tally.cancelled += isinstance(error.__cause__, psycopg2.errors.QueryCanceled)
        connection.close_if_unusable_or_obsolete()
        return
    with tally.lock:
        tally.writes += writes
        tally.reads += not writes
        tally.wrong += not right


def _strike(tally: _Tally) -> None:
    """Cancels what the workers run again and again, and now and then ends their connections."""
    name = connection.settings_dict["NAME"]
    random_ends = random.Random(7)
    with closing(psycopg2.connect(in_database(name))) as server:
        server.autocommit = True
        with server.cursor() as cursor:
            while not tally.done.wait(_PAUSE_SECONDS):
                ends = random_ends.random() < _TERMINATE_SHARE
                function = "pg_terminate_backend" if ends else "pg_cancel_backend"
                cursor.execute(
                    f"SELECT count(*) FILTER (WHERE {function}(pid)) FROM pg_stat_activity"
                    " WHERE application_name = %s",
                    [_NAME],
                )
                tally.sent += cursor.fetchone()[0]


def _strays(workspace: Workspace, canary: UUID) -> int:
    """1 when the canary ends with words of another tenant."""
    with tenant_scope(workspace.schema, workspace.snapshot):
        account = Account.objects.get(pk=canary)
        return int(account.name != workspace.schema or not account.city.startswith(workspace.schema))
