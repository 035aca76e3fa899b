"""The rows of the ready roles, for new and for older workspaces. Named by migrations: SQL only."""

from typing import Any
from uuid import NAMESPACE_URL, uuid5

from django.db import connection
from django.utils.translation import override

from tenants.people.models import READY_NAMES

_INSERT = """
    INSERT INTO people_accessrole (id, key, name, scopes, fields, position, created_at, updated_at)
    SELECT new.id::uuid, new.key, new.name, '{}', '{}', new.position, now(), now()
    FROM (VALUES %s) AS new (id, key, name, position)
    WHERE NOT EXISTS (SELECT FROM people_accessrole old WHERE old.key = new.key OR old.name = new.name)
"""


def make_ready_roles(cursor: Any) -> None:
    """One row each; a second run changes nothing. Their names are shown translated, by their keys."""
    with override("en"):
        rows = [
            (str(uuid5(NAMESPACE_URL, f"guanxi:role:{key}")), key, str(name), position)
            for position, (key, name) in enumerate(READY_NAMES.items(), start=1)
        ]
    places = ", ".join(["(%s, %s, %s, %s)"] * len(rows))
    cursor.execute(_INSERT.replace("%s", places), [value for row in rows for value in row])


def make_first_roles(owner: Any) -> None:
    """In a new workspace."""
    with connection.cursor() as cursor:
        make_ready_roles(cursor)
