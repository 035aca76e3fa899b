"""Carries out what undo_plan left in hist_work: three set-based statements a table at most.

Order: delete, update, restore, so that unique keys are free before they are taken again. Foreign keys
are Django's, hence deferrable, and checked at the end.
"""

import json
from typing import Any

from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model

from core.history.table_shape import OWN_FIELDS, Column, TableShape
from core.history.undo_plan import changed_columns


def apply_plan(cursor: Any, shapes: dict[str, TableShape]) -> None:
    """Write the planned rows without a reason to stay. Raises IntegrityError when a constraint fails."""
    cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    cursor.execute("SELECT DISTINCT relation, action FROM hist_work WHERE reason IS NULL")
    planned = {(relation, action) for relation, action in cursor.fetchall()}
    for action, write in (("d", _delete), ("u", _update), ("r", _restore)):
        for table, shape in shapes.items():
            if (table, action) in planned:
                write(cursor, shape)
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


def _delete(cursor: Any, shape: TableShape) -> None:
    cursor.execute(
        f"DELETE FROM {shape.name} x USING hist_work w"
        " WHERE w.relation = %s AND w.action = 'd' AND w.reason IS NULL AND x.id = w.record_id",
        [shape.table],
    )


def _update(cursor: Any, shape: TableShape) -> None:
    changed = changed_columns(cursor, shape.table, "before") - {"id", "updated_at"}
    assignments = [f'"{each.name}" = {_value(each)}' for each in shape.columns if each.name in changed]
    if any(name.startswith(f"{OWN_FIELDS}__") for name in changed):
        assignments.append(f"{OWN_FIELDS} = history.laid(x.{OWN_FIELDS}, r.planned_image)")
    if not assignments:
        return
    if shape.has_updated_at:
        assignments.append("updated_at = now()")
    cursor.execute(
        f"UPDATE {shape.name} x SET {', '.join(assignments)}"
        f" FROM (SELECT y.id AS planned_record, w.before AS planned_image, image.* FROM hist_work w"
        f"   JOIN {shape.name} y ON y.id = w.record_id"
        f"   CROSS JOIN LATERAL jsonb_populate_record(y, w.before) image"
        f"   WHERE w.relation = %s AND w.action = 'u' AND w.reason IS NULL) r"
        f" WHERE x.id = r.planned_record",
        [shape.table],
    )


def _restore(cursor: Any, shape: TableShape) -> None:
    image = "history.nested(w.before)" if shape.has_own_fields else "w.before"
    names = ", ".join(f'"{column.name}"' for column in shape.columns)
    values = ", ".join("now()" if column.name == "updated_at" else _value(column) for column in shape.columns)
    cursor.execute(
        f"INSERT INTO {shape.name} ({names}) OVERRIDING SYSTEM VALUE SELECT {values}"
        f" FROM hist_work w CROSS JOIN LATERAL"
        f" jsonb_populate_record(NULL::{shape.name}, %s::jsonb || {image}) r"
        " WHERE w.relation = %s AND w.action = 'r' AND w.reason IS NULL",
        [json.dumps(_defaults_of_newer_columns(cursor, shape), cls=DjangoJSONEncoder), shape.table],
    )


def _value(column: Column) -> str:
    # A jsonb column is never NULL (tracked.NullableJson), so a null in its image was a JSON null.
    return f"coalesce(r.\"{column.name}\", 'null')" if column.is_json else f'r."{column.name}"'


def _defaults_of_newer_columns(cursor: Any, shape: TableShape) -> dict[str, Any]:
    """Values for required columns that were added after the deleted rows were recorded."""
    required = [column.name for column in shape.columns if column.required]
    counts = ", ".join(f"count(*) FILTER (WHERE NOT before ? '{name}')" for name in required)
    cursor.execute(
        f"SELECT {counts} FROM hist_work WHERE relation = %s AND action = 'r' AND reason IS NULL",
        [shape.table],
    )
    missing = [name for name, count in zip(required, cursor.fetchone(), strict=True) if count]
    return _model_defaults(shape.table, missing) if missing else {}


def _model_defaults(table: str, columns: list[str]) -> dict[str, Any]:
    model: type[Model] | None = next((m for m in apps.get_models() if m._meta.db_table == table), None)
    if model is None:
        return {}
    fields = {field.column: field for field in model._meta.concrete_fields}
    return {name: fields[name].get_default() for name in columns if name in fields}
