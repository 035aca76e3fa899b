"""What the catalog says of the tables an undo touches: columns, references, unique keys."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

OWN_FIELDS = "custom"
"""The column of the workspace's own fields: images hold each of its values under 'custom__<key>'."""


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    is_json: bool
    required: bool


@dataclass(frozen=True, slots=True)
class UniqueIndex:
    """expressions, predicate: SQL with unqualified column names; columns: the plain ones among them."""

    expressions: tuple[str, ...]
    columns: frozenset[str]
    predicate: str

    def touches(self, changed: set[str]) -> bool:
        """Whether an update of these columns can collide. An expression or predicate counts as touched."""
        computed = len(self.columns) < len(self.expressions) or bool(self.predicate)
        return computed or bool(self.columns & changed)


@dataclass(slots=True)
class TableShape:
    """columns: those that can be written, in table order, `id` included; generated ones left out."""

    table: str
    columns: list[Column] = field(default_factory=list)
    unique_indexes: list[UniqueIndex] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The quoted name; the search_path says in which workspace."""
        return f'"{self.table}"'

    @property
    def has_own_fields(self) -> bool:
        return any(column.name == OWN_FIELDS for column in self.columns)

    @property
    def has_updated_at(self) -> bool:
        return any(column.name == "updated_at" for column in self.columns)


@dataclass(frozen=True, slots=True)
class Reference:
    """child.column holds the id of a record of `parent`; parent '' means of any table."""

    child: str
    column: str
    parent: str
    key_type: str = "uuid"


def shapes(cursor: Any, tables: Sequence[str]) -> dict[str, TableShape]:
    """The shapes of those of the named tables that exist in the current schema."""
    cursor.execute(_COLUMNS, [list(tables)])
    found: dict[str, TableShape] = {}
    for table, name, is_json, required in cursor.fetchall():
        found.setdefault(table, TableShape(table)).columns.append(Column(name, is_json, required))
    cursor.execute(_UNIQUE_INDEXES, [list(found)])
    for table, expressions, columns, predicate in cursor.fetchall():
        index = UniqueIndex(tuple(expressions), frozenset(columns), predicate or "")
        found[table].unique_indexes.append(index)
    return found


def references(cursor: Any) -> list[Reference]:
    """Foreign keys to an `id` in the current schema, and settings.HISTORY_REFERENCES.

    The latter are (table, column) pairs that hold the uuid of a record of any type without a foreign
    key (a timeline entry's target): a record they point at is not deleted by an undo either.
    """
    cursor.execute(_FOREIGN_KEYS)
    found = [Reference(*row) for row in cursor.fetchall()]
    declared = getattr(settings, "HISTORY_REFERENCES", ())
    return found + [Reference(table, column, "") for table, column in declared]


_COLUMNS = """
    SELECT c.relname, a.attname, a.atttypid = 'pg_catalog.jsonb'::regtype, a.attnotnull
    FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relname = ANY(%s)
      AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
    ORDER BY c.relname, a.attnum
"""

_UNIQUE_INDEXES = """
    SELECT c.relname, key.expressions, key.columns, pg_get_expr(i.indpred, i.indrelid, true)
    FROM pg_catalog.pg_index i
    JOIN pg_catalog.pg_class c ON c.oid = i.indrelid
    CROSS JOIN LATERAL (
        SELECT array_agg(pg_get_indexdef(i.indexrelid, n, true) ORDER BY n) AS expressions,
            coalesce(array_agg(a.attname::text) FILTER (WHERE a.attname IS NOT NULL), '{}') AS columns
        FROM generate_series(1, i.indnkeyatts) n
        LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[n - 1]
            AND a.attnum > 0
    ) key
    WHERE i.indisunique AND NOT i.indisprimary AND i.indisvalid
      AND c.relnamespace = current_schema()::regnamespace AND c.relname = ANY(%s)
    ORDER BY i.indexrelid
"""

_FOREIGN_KEYS = """
    SELECT child.relname, column_.attname, parent.relname, format_type(key.atttypid, NULL)
    FROM pg_catalog.pg_constraint f
    JOIN pg_catalog.pg_class child ON child.oid = f.conrelid
    JOIN pg_catalog.pg_class parent ON parent.oid = f.confrelid
    JOIN pg_catalog.pg_attribute column_ ON column_.attrelid = child.oid AND column_.attnum = f.conkey[1]
    JOIN pg_catalog.pg_attribute key ON key.attrelid = parent.oid AND key.attnum = f.confkey[1]
    WHERE f.contype = 'f' AND cardinality(f.conkey) = 1 AND key.attname = 'id'
      AND child.relnamespace = current_schema()::regnamespace
    ORDER BY f.oid
"""
