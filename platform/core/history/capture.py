"""The triggers of one workspace: generated from sql/capture.sql and sql/track.sql, run by the migrator."""

import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from core.history.tracked import UNRECORDED_COLUMNS, tracked_tables

_SQL = Path(__file__).with_name("sql")
_TRIGGERS = ("hist_insert", "hist_update", "hist_delete", "hist_no_truncate", "hist_same_id")


def triggers_sql(schema: str, tables: Sequence[str]) -> str:
    """SQL text that makes the capture functions of `schema` and the triggers of `tables`.

    schema may be a placeholder that the caller replaces in the text ([a-z0-9_@] only, unquoted), so
    that provisioning builds the text once. tables: as `tracked_tables` gave them for the template.
    The hist_* tables must exist. Holds nothing secret; safe to run again.
    """
    return _functions_sql(schema) + "".join(_table_sql(schema, table) for table in tables)


def install_triggers(cursor: Any, schema: str) -> list[str]:
    """Bring the triggers of an existing workspace up to date; returns the tables that changed.

    For upgrades, as the migrator: cheap when nothing is missing (two catalog queries). New columns
    need nothing. Tables no longer tracked lose their triggers.
    """
    tables = set(tracked_tables(cursor, schema))
    functions_fresh, complete, triggered = _state(cursor, schema)
    missing = sorted(tables - complete)
    obsolete = sorted(triggered - tables)
    statements = "" if functions_fresh else _functions_sql(schema)
    statements += "".join(_table_sql(schema, table) for table in missing)
    for table in obsolete:
        statements += "".join(f'DROP TRIGGER IF EXISTS {name} ON {schema}."{table}";' for name in _TRIGGERS)
    if statements:
        cursor.execute(statements)
    return missing + obsolete


def untriggered_tables(cursor: Any, schema: str) -> list[str]:
    """Tracked tables without their full set of enabled triggers. A test keeps this list empty."""
    _, complete, _ = _state(cursor, schema)
    return [table for table in tracked_tables(cursor, schema) if table not in complete]


def _functions_sql(schema: str) -> str:
    text = _capture_sql().replace("@tenant@", schema)
    # The mark tells install_triggers whether the functions of a workspace are those of this release.
    return f"{text}\nCOMMENT ON FUNCTION {schema}.hist_capture_update() IS '{capture_version()}';\n"


def _table_sql(schema: str, table: str) -> str:
    return _read("track.sql").replace("@tenant@", schema).replace("@table@", f'"{table}"')


@cache
def _read(name: str) -> str:
    """The statements of a file without its comment lines: the text is replayed for each workspace."""
    lines = (_SQL / name).read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if line and not line.startswith("--")) + "\n"


@cache
def _capture_sql() -> str:
    return _read("capture.sql").replace("@unrecorded@", f"{{{','.join(UNRECORDED_COLUMNS)}}}")


@cache
def capture_version() -> str:
    return hashlib.sha256(_capture_sql().encode()).hexdigest()[:16]


def _state(cursor: Any, schema: str) -> tuple[bool, set[str], set[str]]:
    """(functions are of this release, tables with all triggers, tables with any)."""
    cursor.execute(_INSTALLED_VERSION, [schema])
    row = cursor.fetchone()
    cursor.execute(_TRIGGERS_BY_TABLE, [list(_TRIGGERS), schema])
    counts = dict(cursor.fetchall())
    complete = {table for table, count in counts.items() if count == len(_TRIGGERS)}
    return row is not None and row[0] == capture_version(), complete, set(counts)


_INSTALLED_VERSION = """
    SELECT obj_description(p.oid, 'pg_proc')
    FROM pg_catalog.pg_proc p
    WHERE p.pronamespace = %s::regnamespace AND p.proname = 'hist_capture_update'
"""

_TRIGGERS_BY_TABLE = """
    SELECT c.relname, count(*) FILTER (WHERE t.tgenabled <> 'D')
    FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
    WHERE t.tgname = ANY(%s) AND NOT t.tgisinternal AND c.relnamespace = %s::regnamespace
    GROUP BY c.relname
"""
