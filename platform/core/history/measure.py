"""What history costs: the same statements on a table with triggers and on one without, alternating.

For bench/ and for a developer's own look. Works in the workspace whose scope is open, as the migrator,
on tables that it makes and drops there; each round is committed.
"""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import connections, transaction

from core.history.capture import triggers_sql
from core.tenancy.router import MIGRATOR
from core.tenancy.scope import current

# Another table refers to each, as to most tables of the product: deleting has references to check.
_TABLE = """
    CREATE TABLE {table} (
        id uuid PRIMARY KEY, name text NOT NULL, email text, phone text, city text, country text,
        owner_id uuid, stage text, score integer, amount numeric(14, 2), currency text, born date,
        custom jsonb NOT NULL DEFAULT '{{}}', created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL
    );
    CREATE INDEX ON {table} (name, id);
    CREATE INDEX ON {table} (owner_id, name, id);
    CREATE TABLE {table}_child (parent_id uuid REFERENCES {table} DEFERRABLE INITIALLY DEFERRED);
    CREATE INDEX ON {table}_child (parent_id);
"""
_INSERT = """
    INSERT INTO {table}
    SELECT uuidv7(), 'Name ' || n, 'n' || n || '@x.example', '+49 30 ' || n, 'City ' || n % 50, 'DE',
        NULL, 'open', n % 100, n / 7.0, 'EUR', date '1980-01-01' + n % 9000,
        jsonb_build_object('segment', n % 5, 'source', 'fair'), now(), now()
    FROM generate_series(1, {rows}) n
"""
_STATEMENTS = {
    "insert": _INSERT,
    "update": "UPDATE {table} SET stage = 'won', score = score + 1, updated_at = now()",
    "delete": "DELETE FROM {table}",
}
_TRACKED, _PLAIN = "measured_tracked", "measured_plain"


@dataclass(frozen=True, slots=True)
class Overhead:
    """Medians in milliseconds; ratio: with history to without."""

    statement: str
    rows: int
    without_ms: float
    with_ms: float

    @property
    def ratio(self) -> float:
        return self.with_ms / self.without_ms


def measure_overhead(rows: int, rounds: int = 5) -> list[Overhead]:
    """Insert, update and delete `rows` rows by one statement each, `rounds` times both ways."""
    schema = current().schema
    with connections[MIGRATOR].cursor() as cursor:
        try:
            for table in (_TRACKED, _PLAIN):
                cursor.execute(_TABLE.format(table=table))
            cursor.execute(triggers_sql(schema, [_TRACKED]))
            return _compare(cursor, rows, rounds)
        finally:
            for table in (_TRACKED, _PLAIN):
                cursor.execute(f"DROP TABLE IF EXISTS {table}_child, {table}")
            cursor.execute("DELETE FROM hist_change WHERE relation = %s", [_TRACKED])


def print_overhead(rows: int, rounds: int = 5) -> None:
    """One line a statement, for a person."""
    for figure in measure_overhead(rows, rounds):
        print(
            f"{figure.statement:7} {figure.rows:>7} rows: {figure.without_ms:9.2f} ms without history,"
            f" {figure.with_ms:9.2f} ms with, ratio {figure.ratio:.2f}"
        )


def _compare(cursor: Any, rows: int, rounds: int) -> list[Overhead]:
    taken: dict[tuple[str, str], list[float]] = {}
    for _ in range(rounds + 5):
        for table in (_TRACKED, _PLAIN):
            for name, statement in _STATEMENTS.items():
                run = _committed(cursor, statement.format(table=table, rows=rows))
                taken.setdefault((name, table), []).append(_milliseconds(run))
    # The first rounds compile functions, settle plans and warm caches.
    medians = {key: statistics.median(values[5:]) for key, values in taken.items()}
    return [Overhead(name, rows, medians[name, _PLAIN], medians[name, _TRACKED]) for name in _STATEMENTS]


def _committed(cursor: Any, statement: str) -> Callable[[], None]:
    def run() -> None:
        with transaction.atomic(using=MIGRATOR):
            cursor.execute(statement)

    return run


def _milliseconds(run: Callable[[], None]) -> float:
    begun = time.perf_counter()
    run()
    return (time.perf_counter() - begun) * 1000
