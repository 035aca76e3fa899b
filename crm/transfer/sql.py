"""The SQL of imports and exports: every statement that is no ORM query, in one place.

Table and column names come from the models' own metadata, never from a file or a request.
Staged values are JSON by column; `jsonb_populate_record` turns them into the table's types.
"""

import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson
from django.db import IntegrityError, connection, models

from core.records.custom import CUSTOM
from crm.transfer.models import StagedRow

_STAGED = StagedRow._meta.db_table
_DEEPEST = 20
_FOREIGN_KEY_VIOLATION, _UNIQUE_VIOLATION = "23503", "23505"  # SQLSTATE


def _json(value: Any) -> str:
    return orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS).decode()


def stage_rows(
    job_id: UUID, rows: Iterable[tuple[int, str, UUID, Mapping[str, Any], Mapping[str, str]]]
) -> None:
    """COPY (number, action, record id, values, later) into the staging table."""
    lines = io.StringIO()
    for number, action, record_id, values, later in rows:
        cells = f"{_json(values)}\t{_json(later)}".replace("\\", "\\\\")
        lines.write(f"{job_id}\t{number}\t{action}\t{record_id}\t{cells}\n")
    lines.seek(0)
    with connection.cursor() as cursor:
        cursor.copy_expert(
            f'COPY {_STAGED} (job_id, number, action, record_id, "values", later) FROM STDIN', lines
        )


def insert_staged(
    model: type[models.Model],
    columns: Sequence[str],
    defaults: Mapping[str, Any],
    job_id: UUID,
    first: int,
    last: int,
) -> list[UUID]:
    """New records of the rows first..last; their ids. A record that exists already is left alone."""
    table = _name(model._meta.db_table)
    names = ", ".join(_name(column) for column in columns)
    values = ", ".join(f"made.{_name(column)}" for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({names})"
            f" SELECT {values}"
            f" FROM (SELECT jsonb_populate_record(NULL::{table}, %s::jsonb) AS base) AS fixed, {_STAGED} AS staged,"
            f' LATERAL jsonb_populate_record(fixed.base, staged."values") AS made'
            f" WHERE staged.job_id = %s AND staged.number BETWEEN %s AND %s AND staged.action = 'n'"
            f" ORDER BY staged.number ON CONFLICT (id) DO NOTHING RETURNING id",
            [_json(defaults), job_id, first, last],
        )
        return [record_id for (record_id,) in cursor.fetchall()]


def update_staged(
    model: type[models.Model], columns: Sequence[str], job_id: UUID, first: int, last: int
) -> list[UUID]:
    """Existing records of the rows first..last get the columns that their staged values name."""
    if not columns:
        return []
    table = _name(model._meta.db_table)
    alive = " AND kept.deleted_at IS NULL" if _has_bin(model) else ""
    settings = ", ".join(
        f'{_name(column)} = CASE WHEN staged."values" ? {_text(column)}'
        f" THEN {_laid(column)} ELSE kept.{_name(column)} END"
        for column in columns
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} AS kept SET {settings}"
            f" FROM {_STAGED} AS staged,"
            f' LATERAL jsonb_populate_record(NULL::{table}, staged."values") AS made'
            f" WHERE staged.job_id = %s AND staged.number BETWEEN %s AND %s AND staged.action = 'u'"
            f" AND kept.id = staged.record_id{alive} RETURNING kept.id",
            [job_id, first, last],
        )
        return [record_id for (record_id,) in cursor.fetchall()]


def join_staged(model: type[models.Model], column: str, job_id: UUID, *, only_empty: bool) -> list[UUID]:
    """The links between rows of one file: `column` gets the record whose sort key the row names.

    Of namesakes the oldest. Links that would close a circle are left out. Returns the ids of changed records.
    """
    table, name = _name(model._meta.db_table), _name(column)
    alive = " AND other.deleted_at IS NULL" if _has_bin(model) else ""
    empty = f" AND kept.{name} IS NULL" if only_empty else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} AS kept SET {name} = target.id"
            f" FROM {_STAGED} AS staged, LATERAL (SELECT other.id FROM {table} AS other"
            f" WHERE other.name_key = staged.later ->> {_text(column)}{alive}"
            f" ORDER BY other.id LIMIT 1) AS target"
            f" WHERE staged.job_id = %s AND staged.later ? {_text(column)} AND kept.id = staged.record_id"
            f" AND target.id <> kept.id AND kept.{name} IS DISTINCT FROM target.id{empty} RETURNING kept.id",
            [job_id],
        )
        changed = [record_id for (record_id,) in cursor.fetchall()]
        circular = _circles(cursor, table, name, changed)
        if circular:
            cursor.execute(f"UPDATE {table} SET {name} = NULL WHERE id = ANY(%s::uuid[])", [circular])
    return changed


def _circles(cursor: Any, table: str, name: str, record_ids: list[UUID]) -> list[str]:
    """Those of the records that stand above themselves, or too deep."""
    if not record_ids:
        return []
    cursor.execute(
        f"WITH RECURSIVE above (start, id, depth) AS ("
        f" SELECT id, {name}, 1 FROM {table} WHERE id = ANY(%s::uuid[])"
        f" UNION ALL SELECT above.start, t.{name}, above.depth + 1"
        f" FROM above JOIN {table} AS t ON t.id = above.id"
        f" WHERE above.id <> above.start AND above.depth <= {_DEEPEST})"
        f" SELECT DISTINCT start::text FROM above WHERE id = start OR depth > {_DEEPEST}",
        [[str(record_id) for record_id in record_ids]],
    )
    return [record_id for (record_id,) in cursor.fetchall()]


def points_at_nothing(error: IntegrityError) -> bool:
    """Whether a row was refused because what it refers to is gone."""
    return getattr(error.__cause__, "pgcode", None) == _FOREIGN_KEY_VIOLATION


def is_there_already(error: IntegrityError) -> bool:
    """Whether a row was refused because another record has what must be unique."""
    return getattr(error.__cause__, "pgcode", None) == _UNIQUE_VIOLATION


def forget_staged(job_id: UUID) -> None:
    """Remove a job's rows."""
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {_STAGED} WHERE job_id = %s", [job_id])


def count_staged(job_id: UUID) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {_STAGED} WHERE job_id = %s", [job_id])
        return cursor.fetchone()[0]


def _name(column: str) -> str:
    return connection.ops.quote_name(column)


def _laid(column: str) -> str:
    """What a column of a kept record becomes: what was staged; of the workspace's own fields those that were."""
    return f"kept.{CUSTOM} || made.{CUSTOM}" if column == CUSTOM else f"made.{_name(column)}"


def _text(column: str) -> str:
    """A column's name as an SQL literal; names of columns hold neither quotes nor percent signs."""
    return f"'{column}'"


def _has_bin(model: type[models.Model]) -> bool:
    return any(field.name == "deleted_at" for field in model._meta.concrete_fields)
