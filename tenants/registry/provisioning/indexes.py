"""Indexes that a workspace asks for: built beside the work that goes on. Only the migrator's process runs this."""

import re
import time

from django.db import connections

from core.records.custom import column_of, key_of
from core.tenancy.router import MIGRATOR
from core.tenancy.scope import tenant_scope

_NAME = re.compile(r"[a-z][a-z0-9_]{1,62}\Z")


_MOST_WAITED_SECONDS = 120.0


class IndexBusy(RuntimeError):
    """Another index of the table is being built; two at once would wait for each other."""


class IndexFailed(RuntimeError):
    """PostgreSQL made an index that it does not use."""


def index_name(table: str, attribute: str) -> str:
    """At most 63 characters; the same for the same value."""
    return f"own_{table[:20]}_{key_of(attribute)}"[:63]


def build_value_index(schema: str, table: str, attribute: str) -> None:
    """For sorting by, and finding, one value of a JSON column. attribute: 'custom__n_size'.

    A second run changes nothing. CONCURRENTLY, so that nobody waits: it may take minutes and must stand in no
    transaction. One that was broken off stays behind invalid and is made anew. Raises IndexFailed, ValueError for
    names that are not ours, IndexBusy.
    """
    name, expression = index_name(table, attribute), _expression(table, attribute)
    with tenant_scope(schema, switch=True), connections[MIGRATOR].cursor() as cursor:
        if _is_valid(cursor, schema, name):
            return
        _take_turn(cursor, f"{schema}.{table}")
        # The statement before it has brought the path along: what travels in front of a statement would make
        # a transaction of the two.
        cursor.execute(f'DROP INDEX IF EXISTS {schema}."{name}"')
        cursor.execute("SELECT 1")
        cursor.execute(f'CREATE INDEX CONCURRENTLY "{name}" ON {schema}."{table}" ({expression}, id)')
        if not _is_valid(cursor, schema, name):
            raise IndexFailed(name)
        cursor.execute(f'ANALYZE {schema}."{table}"')
        cursor.execute("SELECT pg_advisory_unlock_all()")


def _take_turn(cursor, place: str) -> None:
    """Wait until nobody else builds here. Asked again and again: who waits inside a statement is waited for in turn.

    Given back with the connection at the latest. Raises IndexBusy.
    """
    until = time.monotonic() + _MOST_WAITED_SECONDS
    while True:
        cursor.execute("SELECT pg_try_advisory_lock(hashtext(%s))", [place])
        if cursor.fetchone()[0]:
            return
        if time.monotonic() > until:
            raise IndexBusy(place)
        time.sleep(0.5)


def drop_value_index(schema: str, table: str, attribute: str) -> None:
    """Nobody sorts by it any more. A second run changes nothing."""
    name = index_name(table, attribute)
    _expression(table, attribute)
    with tenant_scope(schema, switch=True), connections[MIGRATOR].cursor() as cursor:
        cursor.execute(f'DROP INDEX IF EXISTS {schema}."{name}"')


def _expression(table: str, attribute: str) -> str:
    column, key = column_of(attribute), key_of(attribute)
    if not (_NAME.match(table) and _NAME.match(key)):
        raise ValueError(f"not a value of ours: {table}.{attribute}")
    return f"({column} -> '{key}')"


def _is_valid(cursor, schema: str, name: str) -> bool:
    cursor.execute(
        "SELECT i.indisvalid FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid"
        " WHERE c.relname = %s AND c.relnamespace = %s::regnamespace",
        [name, schema],
    )
    row = cursor.fetchone()
    return bool(row and row[0])
