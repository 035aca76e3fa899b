"""The session engine: a session and its person in one query. A named query module.

Loading them apart costs more than the fifty rows of a list: a cache, then the ORM. Here one statement finds
the session, when it was last seen, and whose it is by allauth's row about it. That row only saves a query: Django
still reads the person's id and the hash of their password out of the signed session, and the backend gives
out the row only for that very id.
"""

import datetime as dt
import re
from functools import cache
from typing import Any
from uuid import UUID

import orjson
from django.contrib.sessions.backends.db import SessionStore as StoredSession
from django.db import connection
from django.db.models import JSONField, Model
from django.utils import timezone

from core.tenancy.scope import current
from tenants.people.models import AccessRole, User

_KEY = re.compile(r"[a-z0-9]{8,40}")
_LOADED = "people.session_person"


class SessionStore(StoredSession):
    """last_seen_at: when allauth's list of sessions noted it last; None when it has not yet.

    security: what the workspace asks of sign-in, as stored. factor_of: whoever the row is about, if they have a
    second factor; None also where there is no row yet.
    """

    last_seen_at: dt.datetime | None = None
    security: dict[str, Any] | None = None
    factor_of: UUID | None = None

    def load(self) -> dict[str, Any]:
        """The session's values, {} when there is no such session or it has expired."""
        if not _KEY.fullmatch(self.session_key or ""):
            self._session_key = None
            return {}
        with connection.cursor() as cursor:
            cursor.execute(_statement(), [self.session_key, timezone.now()])
            row = cursor.fetchone()
        if row is None:
            self._session_key = None
            return {}
        encoded, self.last_seen_at, policy, self.factor_of, *columns = row
        self.security = orjson.loads(policy) if policy else None
        width = len(_attributes(User))
        person = User.from_db(connection.alias, _attributes(User), columns[:width])
        if person.access_role_id is not None:
            role = AccessRole.from_db(connection.alias, _attributes(AccessRole), _read(columns[width:]))
            person._state.fields_cache["access_role"] = role
        # The memo lives as long as this request's scope, so a person never reaches another tenant or request.
        current().memo[_LOADED] = person
        return self.decode(encoded)


def loaded_person(person_id: UUID) -> User | None:
    """The person who came with this request's session, once, if it is this one."""
    person = current().memo.pop(_LOADED, None)
    return person if person is not None and person.pk == person_id else None


@cache
def _attributes(model: type[Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]


def _read(columns: list[Any]) -> list[Any]:
    """As the ORM reads a role's columns: documents arrive as text."""
    fields = AccessRole._meta.concrete_fields
    return [
        orjson.loads(value) if isinstance(field, JSONField) and isinstance(value, str) else value
        for field, value in zip(fields, columns, strict=True)
    ]


@cache
def _statement() -> str:
    columns = ", ".join(
        f"{alias}.{field.column}"
        for alias, model in (("person", User), ("role", AccessRole))
        for field in model._meta.concrete_fields
    )
    return (
        "SELECT s.session_data, seen.last_seen_at,"
        " (SELECT value::text FROM people_workspacesetting WHERE key = 'security'),"
        " (SELECT user_id FROM mfa_authenticator WHERE user_id = seen.user_id"
        " AND type IN ('totp', 'webauthn') LIMIT 1),"
        f" {columns} FROM django_session s"
        " LEFT JOIN usersessions_usersession seen USING (session_key)"
        " LEFT JOIN people_user person ON person.id = seen.user_id"
        " LEFT JOIN people_accessrole role ON role.id = person.access_role_id"
        " WHERE s.session_key = %s AND s.expire_date > %s"
    )
