"""The Django side of the guard: compares the path PostgreSQL reports with the scope's.

Nothing is mirrored. PostgreSQL 18 tells the client its search_path after every change and every
rollback; before each statement the reported path is compared with the wanted one. If they differ,
or the last statement failed, role and path are set in front of the statement.
"""

from functools import lru_cache
from typing import Any

import psycopg2.extensions
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django_tenants.postgresql_backend import base as django_tenants_base

from core.tenancy.backend.guard import GuardedConnection, GuardedCursor, PlainCursor
from core.tenancy.scope import EXTENSIONS, PUBLIC, ScopeError, current, peek

_IN_ERROR = psycopg2.extensions.TRANSACTION_STATUS_INERROR
_IDLE = psycopg2.extensions.TRANSACTION_STATUS_IDLE
_MINIMUM_SERVER = 180000


@lru_cache(maxsize=8192)
def path_and_prefix(schema: str, takes_role: bool) -> tuple[str, str]:
    """(search_path as the server reports it, SQL that brings it about).

    Schema names are checked when a Scope is made ([a-z0-9_] only), so they need no quoting.
    """
    path = f"{schema}, {EXTENSIONS}"
    role = ""
    if takes_role:
        role = "SET ROLE NONE;" if schema == PUBLIC else f"SET ROLE {schema};"
    return path, f"{role}SET search_path={path};"


class DatabaseWrapper(django_tenants_base.DatabaseWrapper):
    """`settings_dict["TENANT_ROLE"]`: whether this login takes the tenant's role (web) or not (migrator)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._takes_role = bool(self.settings_dict.get("TENANT_ROLE", True))
        self._unsure = True
        self._transaction_schema: str | None = None
        self._strip_prefix_from_captured_sql()

    # -- Kernel protocol, called by the guarded cursors

    def has_scope(self) -> bool:
        return peek() is not None

    def statement_failed(self) -> None:
        self._unsure = True

    def schema_in_force(self) -> str:
        return current().schema

    def refuse_other_scope(self, schema: str | None) -> None:
        """Raises ScopeError when what was opened in `schema` is used in another one."""
        if schema is not None and current().schema != schema:
            raise ScopeError(f"a cursor opened in {schema} is read in {current().schema}")

    def prefix_for(self, connection: GuardedConnection, *, inline: bool) -> str:
        """SQL to put in front of the next statement; '' when the server is already where it should be.

        Raises NoScope outside any scope, ScopeError when a transaction goes on in another scope.
        """
        status = connection.get_transaction_status()
        if status == _IN_ERROR:
            return ""  # the server refuses everything but ROLLBACK
        schema = current().schema
        self._keep_transaction_in_one_scope(status, schema)
        path, prefix = path_and_prefix(schema, self._takes_role)
        if not self._unsure and connection.get_parameter_status("search_path") == path:
            return ""
        if not inline:
            with connection.cursor(cursor_factory=PlainCursor) as cursor:
                cursor.execute(prefix)
        self._unsure = False  # a failure of the statement sets it again
        return "" if not inline else prefix

    def _keep_transaction_in_one_scope(self, status: int, schema: str) -> None:
        if status == _IDLE:
            self._transaction_schema = None
        began_in = self._transaction_schema
        if began_in not in (None, schema) and not settings.TENANCY["SCOPE_SWITCH_IN_TRANSACTION"]:
            raise ScopeError(f"transaction began in {began_in}, statement is for {schema}")
        self._transaction_schema = schema

    # -- Django

    def get_connection_params(self) -> dict[str, Any]:
        params = super().get_connection_params()
        params["cursor_factory"] = GuardedCursor
        params["connection_factory"] = GuardedConnection
        return params

    def get_new_connection(self, conn_params: dict[str, Any]) -> GuardedConnection:
        connection = super().get_new_connection(conn_params)
        if connection.server_version < _MINIMUM_SERVER:
            connection.close()
            raise ImproperlyConfigured("PostgreSQL 18 or newer is required (it reports search_path).")
        self._unsure = True
        self._transaction_schema = None
        return connection

    def connect(self) -> None:
        super().connect()
        # Only now: django.contrib.postgres queries inside connection_created, before any scope.
        self.connection.kernel = self

    def _strip_prefix_from_captured_sql(self) -> None:
        original = self.ops.last_executed_query

        def last_executed_query(cursor: Any, sql: str, params: Any) -> str | None:
            query = original(cursor, sql, params)
            if query and ";SET search_path=" in query[:160]:
                query = query.split(";SET search_path=", 1)[1].split(";", 1)[1]
            elif query and query.startswith("SET search_path="):
                query = query.split(";", 1)[1]
            return query

        self.ops.last_executed_query = last_executed_query

    # -- django-tenants' own switching is dead

    def set_tenant(self, tenant: Any, include_public: bool = True) -> None:
        if tenant.schema_name != PUBLIC:
            raise ScopeError("use core.tenancy.scope.tenant_scope")

    def _handle_search_path(self, cursor: Any = None) -> None:
        """Never: the guard sets the path with each statement."""

    @property
    def schema_name(self) -> str:
        scope = peek()
        return scope.schema if scope else PUBLIC

    @schema_name.setter
    def schema_name(self, value: str) -> None:
        """django-tenants assigns it; the scope decides."""
