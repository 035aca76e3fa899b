"""What an undo would do, worked out in hist_work: one row per record, set-based throughout.

The rows live only inside the transaction at hand (a preview rolls back, an undo empties the table), so
two undos never see each other's. The table has no statistics and needs none: beyond MANY rows nested
loops are switched off, which were what made the undo of a large edit take minutes.
"""

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

from core.history.table_shape import OWN_FIELDS, Reference, TableShape, UniqueIndex, references, shapes

MANY = 500

# What history stored was written under these, so it is compared and read back under them.
_PINNED = {
    "timezone": "UTC",
    "datestyle": "ISO",
    "intervalstyle": "iso_8601",
    "bytea_output": "hex",
    "extra_float_digits": "1",
}


@contextlib.contextmanager
def pinned_settings(cursor: Any) -> Iterator[None]:
    """Text forms as in the capture functions, and the planner as it was found, after the block.

    When the block raises, the savepoint or transaction around it takes the settings back.
    """
    names = [*_PINNED, "enable_nestloop"]
    cursor.execute("SELECT " + ", ".join(f"current_setting('{name}')" for name in names))
    found = dict(zip(names, cursor.fetchone(), strict=True))
    _set_local(cursor, _PINNED)
    yield
    _set_local(cursor, found)


def make_plan(cursor: Any, transactions: Sequence[int], *, lock: bool) -> dict[str, TableShape]:
    """Fill hist_work with the inverse of the transactions; returns the shapes of the tables it touches.

    lock: hold the rows until the end of the transaction, so that what was checked stays so.
    """
    cursor.execute(_FOLD, {"transactions": list(transactions)})
    if cursor.rowcount > MANY:
        _set_local(cursor, {"enable_nestloop": "off"})
    cursor.execute(_PLANNED)
    planned: dict[str, set[str]] = {}
    for relation, action in cursor.fetchall():
        planned.setdefault(relation, set()).add(action)
    found = shapes(cursor, list(planned))
    for relation in planned.keys() - found.keys():
        cursor.execute("UPDATE hist_work SET reason = 'table_gone' WHERE relation = %s", [relation])
    for shape in found.values():
        if lock:
            _lock(cursor, shape)
        _mark_changed_since(cursor, shape, planned[shape.table])
    _mark_until_stable(cursor, found, planned)
    return found


def _lock(cursor: Any, shape: TableShape) -> None:
    cursor.execute(
        f"SELECT count(*) FROM (SELECT FROM {shape.name} WHERE id IN"
        " (SELECT record_id FROM hist_work WHERE relation = %s) FOR UPDATE) locked",
        [shape.table],
    )


def _mark_changed_since(cursor: Any, shape: TableShape, actions: set[str]) -> None:
    """Mark rows that are no longer as the batch left them, with the fields that differ."""
    columns = [column.name for column in shape.columns if column.name not in ("id", "updated_at", OWN_FIELDS)]
    changed = changed_columns(cursor, shape.table, "after")
    if actions == {"u"}:
        columns = [name for name in columns if name in changed]
    stands = {name: f'to_jsonb(x."{name}")' for name in columns}
    if shape.has_own_fields:
        own = sorted(name for name in changed if name.startswith(f"{OWN_FIELDS}__"))
        stands |= {name: f"(x.{OWN_FIELDS} -> {literal(name[len(OWN_FIELDS) + 2 :])})" for name in own}
    comparisons = [
        f"CASE WHEN (w.after -> {literal(name)})::text <> coalesce({there}::text, 'null') THEN {literal(name)} END"
        for name, there in stands.items()
    ]
    if shape.has_own_fields:
        comparisons.append(_OWN_FIELDS_DIFFER)
    differing = ", ".join(comparisons)
    cursor.execute(_MARK_CHANGED.format(table=shape.name, differing=differing), {"relation": shape.table})


def literal(name: str) -> str:
    """A key of an image as an SQL literal inside a statement with parameters."""
    return "'" + name.replace("'", "''").replace("%", "%%") + "'"


def changed_columns(cursor: Any, table: str, image: str) -> set[str]:
    """Names of the columns in the planned updates of a table. image: 'before' or 'after'."""
    cursor.execute(
        f"SELECT DISTINCT jsonb_object_keys({image}) FROM hist_work"
        " WHERE relation = %s AND action = 'u' AND reason IS NULL",
        [table],
    )
    return {name for (name,) in cursor.fetchall()}


def _mark_until_stable(cursor: Any, found: dict[str, TableShape], planned: dict[str, set[str]]) -> None:
    """References and unique keys: a row that stays may hold others back, so repeat until none is added."""
    statements: list[tuple[str, dict[str, Any]]] = []
    for reference in references(cursor):
        statements += _reference_checks(reference, planned)
    for shape in found.values():
        if planned[shape.table] & {"r", "u"}:
            changed = changed_columns(cursor, shape.table, "before")
            for index in shape.unique_indexes:
                if "r" in planned[shape.table] or index.touches(changed):
                    statements.append(_uniqueness_check(shape, index))
    marked = 1
    while marked:
        marked = 0
        for statement, parameters in statements:
            cursor.execute(statement, parameters)
            marked += cursor.rowcount


def _reference_checks(
    reference: Reference, planned: dict[str, set[str]]
) -> Iterator[tuple[str, dict[str, Any]]]:
    child_actions = planned.get(reference.child, set())
    parents = [reference.parent] if reference.parent else [t for t in planned if "d" in planned[t]]
    for parent in parents:
        parameters = {"child": reference.child, "parent": parent, "column": reference.column}
        names = {"child": f'"{reference.child}"', "parent": f'"{parent}"', "column": f'"{reference.column}"'}
        if "d" in planned.get(parent, ()):
            leaves_too = _LEAVES_TOO if child_actions else ""
            yield _MARK_REFERENCED.format(leaves_too=leaves_too, **names), parameters
        if reference.parent and child_actions & {"r", "u"}:
            yield _MARK_PARENT_MISSING.format(key_type=reference.key_type, **names), parameters


def _uniqueness_check(shape: TableShape, index: UniqueIndex) -> tuple[str, dict[str, Any]]:
    keys = ", ".join(f"{expression} AS k{n}" for n, expression in enumerate(index.expressions))
    statement = _MARK_DUPLICATE.format(
        table=shape.name,
        keys=keys,
        names=", ".join(f"k{n}" for n in range(len(index.expressions))),
        predicate=index.predicate or "true",
    )
    return statement, {"relation": shape.table, "detail": ", ".join(index.expressions)}


def _set_local(cursor: Any, values: dict[str, str]) -> None:
    cursor.execute("; ".join(f"SET LOCAL {name} = '{value}'" for name, value in values.items()))


# Most records have one change in a batch; only the others pay for folding.
_FOLD = """
    WITH several AS MATERIALIZED (
        SELECT relation, record_id FROM hist_change
        WHERE tx = ANY(%(transactions)s) AND op IN ('I', 'U', 'D')
        GROUP BY relation, record_id HAVING count(*) > 1
    ),
    folded AS (
        SELECT c.relation, c.record_id, c.op AS first, c.op AS last, c.old AS before, c.new AS after
        FROM hist_change c
        WHERE c.tx = ANY(%(transactions)s) AND c.op IN ('I', 'U', 'D')
          AND (c.relation, c.record_id) NOT IN (SELECT relation, record_id FROM several)
        UNION ALL
        SELECT c.relation, c.record_id,
            (array_agg(c.op ORDER BY c.id))[1], (array_agg(c.op ORDER BY c.id DESC))[1],
            history.fold(c.old, c.op <> 'U' ORDER BY c.id DESC),
            history.fold(c.new, c.op <> 'U' ORDER BY c.id)
        FROM hist_change c JOIN several USING (relation, record_id)
        WHERE c.tx = ANY(%(transactions)s) AND c.op IN ('I', 'U', 'D')
        GROUP BY c.relation, c.record_id
    )
    INSERT INTO hist_work (relation, record_id, action, before, after)
    SELECT relation, record_id,
        CASE WHEN first = 'I' THEN 'd' WHEN last = 'D' THEN 'r' ELSE 'u' END, before, after
    FROM folded
    WHERE NOT (first = 'I' AND last = 'D')
      AND NOT (first = 'U' AND last = 'U' AND before - 'updated_at' = '{}')
"""

_PLANNED = "SELECT DISTINCT relation, action FROM hist_work"

_MARK_CHANGED = """
    UPDATE hist_work w SET reason = q.reason, fields = q.fields
    FROM (
        SELECT w.record_id, f.fields,
            CASE
                WHEN w.action = 'r' THEN CASE WHEN x.id IS NOT NULL THEN 'exists_again' END
                WHEN x.id IS NULL THEN 'deleted_since'
                WHEN cardinality(f.fields) > 0 THEN 'changed_since'
            END AS reason
        FROM hist_work w
        LEFT JOIN {table} x ON x.id = w.record_id
        CROSS JOIN LATERAL (SELECT array_remove(ARRAY[{differing}]::text[], NULL) AS fields) f
        WHERE w.relation = %(relation)s
    ) q
    WHERE w.relation = %(relation)s AND w.record_id = q.record_id AND q.reason IS NOT NULL
"""

# Of a record that the batch made, all of its own fields together.
_OWN_FIELDS_DIFFER = (
    f"CASE WHEN w.action = 'd' AND (history.nested(w.after) -> '{OWN_FIELDS}')::text <> x.{OWN_FIELDS}::text"
    f" THEN '{OWN_FIELDS}' END"
)

# A record that would go is still referred to by one that stays.
_MARK_REFERENCED = """
    UPDATE hist_work p SET reason = 'referenced', detail = %(child)s
    FROM {child} c
    WHERE p.relation = %(parent)s AND p.action = 'd' AND p.reason IS NULL AND c.{column} = p.record_id
      {leaves_too}
"""
_LEAVES_TOO = """
      AND NOT EXISTS (
          SELECT FROM hist_work w
          WHERE w.relation = %(child)s AND w.record_id = c.id AND w.reason IS NULL
            AND (w.action = 'd' OR w.before ? %(column)s)
      )
"""

# A record that would come back, or point elsewhere again, needs one that is not there afterwards.
_MARK_PARENT_MISSING = """
    UPDATE hist_work w SET reason = 'parent_missing', detail = %(parent)s
    WHERE w.relation = %(child)s AND w.action <> 'd' AND w.reason IS NULL
      AND w.before ->> %(column)s IS NOT NULL
      AND NOT EXISTS (
          SELECT FROM hist_work p
          WHERE p.relation = %(parent)s AND p.record_id::text = w.before ->> %(column)s
            AND p.action = 'r' AND p.reason IS NULL
      )
      AND (
          NOT EXISTS (SELECT FROM {parent} y WHERE y.id = (w.before ->> %(column)s)::{key_type})
          OR EXISTS (
              SELECT FROM hist_work p
              WHERE p.relation = %(parent)s AND p.record_id::text = w.before ->> %(column)s
                AND p.action = 'd' AND p.reason IS NULL
          )
      )
"""

# A record would take a unique key that one outside the plan has taken since.
_MARK_DUPLICATE = """
    WITH wanted AS (
        SELECT planned_record, {keys}
        FROM (
            SELECT w.record_id AS planned_record, r.*
            FROM hist_work w
            LEFT JOIN {table} x ON x.id = w.record_id
            CROSS JOIN LATERAL jsonb_populate_record(x, w.before) r
            WHERE w.relation = %(relation)s AND w.action <> 'd' AND w.reason IS NULL
        ) image
        WHERE {predicate}
    ),
    standing AS (
        SELECT {keys}
        FROM {table} x
        WHERE ({predicate}) AND NOT EXISTS (
            SELECT FROM hist_work w
            WHERE w.relation = %(relation)s AND w.record_id = x.id AND w.reason IS NULL
        )
    )
    UPDATE hist_work w SET reason = 'duplicate', detail = %(detail)s
    FROM wanted JOIN standing USING ({names})
    WHERE w.relation = %(relation)s AND w.record_id = wanted.planned_record
"""
