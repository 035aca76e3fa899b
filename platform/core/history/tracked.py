"""Which tables history follows: every table with a uuid `id`, except those declared here."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings

READ_ONLY_TABLES = frozenset({"hist_tx", "hist_change", "hist_seal"})
"""The tenant's role may only SELECT these; provisioning grants accordingly."""

APPEND_ONLY_TABLES = frozenset({"people_securityevent"})
"""The tenant's role adds, reads and removes, but changes nothing; what it may remove says a policy of the table."""

WORK_TABLE = "hist_work"
"""The tenant's role needs SELECT, INSERT, UPDATE and DELETE on it, like on any other table."""

UNTRACKED: dict[str, str] = {
    # History itself.
    "hist_tx": "history does not record itself",
    "hist_change": "history does not record itself",
    "hist_seal": "history does not record itself",
    "hist_work": "scratch space of an undo, always empty between transactions",
    # Derived or personal.
    "records_searchdocument": "derived from records, rebuilt by `manage.py reindex`",
    "outbox_waitingtask": "tasks between a commit and the queue",
    "records_visit": "which records a person opened last",
    # Django and allauth: rows that no person edits as records, with keys of their own kind.
    "django_migrations": "written by upgrades only",
    "django_content_type": "written by upgrades only",
    "auth_permission": "written by upgrades only",
    "auth_group": "unused: roles are records of their own",
    "auth_group_permissions": "unused: roles are records of their own",
    "django_session": "sessions come and go with every sign-in; secret",
    "people_entrycode": "codes that live a minute; secret",
    "account_emailaddress": "follows the person's mail address, which is tracked; integer key",
    "account_emailconfirmation": "short-lived codes; secret",
    "mfa_authenticator": "second factors; secret, and no undo may bring one back",
    "usersessions_usersession": "sessions; secret",
}
"""Tables of core and of packages that history leaves out, with the reason. Rooms' tables are declared
in settings.HISTORY_UNTRACKED in the same form (config knows the rooms, core must not)."""


UNRECORDED_COLUMNS = ("computed", "last_login", "password")
"""Columns of any table that never reach history: an image would keep a secret for ever, and an undo must
not bring an old password back. A deleted row is restored with the model's default in them."""


class NullableJson(RuntimeError):
    """A tracked table has a nullable jsonb column: JSON null and SQL NULL have the same image in history.

    Declare the column NOT NULL with a default (`default=dict`); a JSON null in it is then unambiguous.
    """


def untracked() -> dict[str, str]:
    """Every table that history leaves out on purpose, with the reason."""
    return {**UNTRACKED, **getattr(settings, "HISTORY_UNTRACKED", {})}


def tracked_tables(cursor: Any, schema: str) -> list[str]:
    """The tables of `schema` to follow, sorted. Raises NullableJson for a table that cannot be followed."""
    cursor.execute(_TABLES_WITH_UUID_ID, [schema])
    left_out = untracked()
    tables = [name for (name,) in cursor.fetchall() if name not in left_out]
    _refuse_nullable_json(cursor, schema, tables)
    return tables


def undeclared_tables(cursor: Any, schema: str) -> list[str]:
    """Tables that are neither tracked nor declared as left out. A test keeps this list empty."""
    known = {*untracked(), *tracked_tables(cursor, schema)}
    cursor.execute(_ALL_TABLES, [schema])
    return [name for (name,) in cursor.fetchall() if name not in known]


def _refuse_nullable_json(cursor: Any, schema: str, tables: Iterable[str]) -> None:
    cursor.execute(_NULLABLE_JSONB, [schema, list(tables)])
    found = [f"{table}.{column}" for table, column in cursor.fetchall()]
    if found:
        raise NullableJson(f"make these columns NOT NULL: {', '.join(found)}")


_ALL_TABLES = """
    SELECT c.relname FROM pg_catalog.pg_class c
    WHERE c.relnamespace = %s::regnamespace AND c.relkind IN ('r', 'p')
    ORDER BY 1
"""

_TABLES_WITH_UUID_ID = """
    SELECT c.relname
    FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attname = 'id' AND NOT a.attisdropped
    WHERE c.relnamespace = %s::regnamespace AND c.relkind = 'r' AND a.atttypid = 'pg_catalog.uuid'::regtype
    ORDER BY 1
"""

_NULLABLE_JSONB = """
    SELECT c.relname, a.attname
    FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.relnamespace = %s::regnamespace AND c.relname = ANY(%s)
      AND a.atttypid IN ('pg_catalog.jsonb'::regtype, 'pg_catalog.json'::regtype) AND NOT a.attnotnull
    ORDER BY 1, 2
"""
