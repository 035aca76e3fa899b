"""A committed workspace with a few tables of the tests' own, tracked like the product's."""

import datetime as dt
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection, connections

from core.history.capture import install_triggers
from core.history.context import change
from core.ids import uuid7
from core.tenancy.scope import public_scope, tenant_scope

TABLES = """
CREATE TABLE try_company (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    code text,
    extra jsonb NOT NULL DEFAULT '{}',
    deleted_at timestamptz,
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX try_company_code ON try_company (lower(code)) WHERE deleted_at IS NULL;
CREATE TABLE try_contact (
    id uuid PRIMARY KEY,
    company_id uuid REFERENCES try_company DEFERRABLE INITIALLY DEFERRED,
    name text NOT NULL,
    email text UNIQUE,
    score integer,
    amount numeric,
    born date,
    seen timestamptz,
    waits interval,
    tags text[],
    extra jsonb NOT NULL DEFAULT '{}',
    custom jsonb NOT NULL DEFAULT '{}',
    upper_name text GENERATED ALWAYS AS (upper(name)) STORED,
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX try_contact_company ON try_contact (company_id);
CREATE TABLE try_deal (
    id uuid PRIMARY KEY,
    contact_id uuid REFERENCES try_contact DEFERRABLE INITIALLY DEFERRED,
    title text NOT NULL,
    amount numeric(14, 2),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX try_deal_contact ON try_deal (contact_id);
CREATE TABLE try_note (
    id uuid PRIMARY KEY,
    target_id uuid NOT NULL,
    body text NOT NULL
);
CREATE TABLE try_counter (name text PRIMARY KEY, value integer NOT NULL);
"""
TRACKED = ("try_company", "try_contact", "try_deal", "try_note")


@dataclass
class Desk:
    """The workspace of a test, entered as the web login. Words for what tests do again and again."""

    schema: str

    def sql(self, statement: str, parameters: Any = None) -> list[tuple]:
        with connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            return cursor.fetchall() if cursor.description else []

    def one(self, statement: str, parameters: Any = None) -> Any:
        [[value]] = self.sql(statement, parameters)
        return value

    def company(self, name: str = "Acme", **columns: Any) -> uuid.UUID:
        return self._insert("try_company", name=name, **columns)

    def contact(self, name: str = "Ann", **columns: Any) -> uuid.UUID:
        return self._insert("try_contact", name=name, **columns)

    def import_contacts(self, count: int, *, batch: uuid.UUID | None = None) -> uuid.UUID:
        """`count` contacts by one statement; returns the batch."""
        with change(label="Import", via="job", batch=batch) as entry:
            self.sql(
                "INSERT INTO try_contact (id, name, email, score, amount, born, extra)"
                " SELECT uuidv7(), 'Name ' || n, uuidv7() || '@x.example', n %% 7, n / 3.0,"
                " date '1990-01-01' + n %% 9000, jsonb_build_object('segment', n %% 5, 'source', 'fair')"
                " FROM generate_series(1, %s) n",
                [count],
            )
        return entry.batch

    def state(self) -> dict[str, list[str]]:
        """Every row of every test table as text, without updated_at."""
        return {
            table: [
                row
                for (row,) in self.sql(
                    f"SELECT (to_jsonb(t) - 'updated_at')::text FROM {table} t ORDER BY id"
                )
            ]
            for table in TRACKED
        }

    def fingerprint(self) -> list[tuple]:
        """As `state`, small enough for many rows."""
        return [
            self.sql(
                "SELECT count(*), md5(string_agg((to_jsonb(t) - 'updated_at')::text, '' ORDER BY id))"
                f" FROM {table} t"
            )[0]
            for table in TRACKED
        ]

    def _insert(self, table: str, **columns: Any) -> uuid.UUID:
        record = uuid7()
        columns = {"id": str(record), **{name: _plain(value) for name, value in columns.items()}}
        marks = ", ".join(["%s"] * len(columns))
        self.sql(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", list(columns.values()))
        return record


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, uuid.UUID | dt.timedelta) else value


@pytest.fixture
def prepared_schema(transactional_db: None) -> Iterator[str]:
    """A new workspace at the current version with the tests' tables beside the product's, tracked."""
    from tenants.registry.models import Tenant
    from tenants.registry.provisioning.pool import build_workspace, remove_workspace
    from tenants.registry.provisioning.template import current_script

    script = current_script()
    with public_scope():
        schema = build_workspace(script).schema_name
    with tenant_scope(schema), connections["migrator"].cursor() as cursor:
        cursor.execute(TABLES)
        names = ", ".join([*TRACKED, "try_counter"])
        cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {names} TO {schema}")
        install_triggers(cursor, schema)
    yield schema
    # Its extra tables would trip whoever claims or upgrades it later.
    with public_scope():
        remove_workspace(Tenant.objects.get(schema_name=schema))


@pytest.fixture
def desk(prepared_schema: str) -> Iterator[Desk]:
    with tenant_scope(prepared_schema):
        yield Desk(prepared_schema)
