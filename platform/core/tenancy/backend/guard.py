"""psycopg2 cursors and connections that ask the kernel before every statement, whoever opened them."""

import re
from typing import Any, Protocol

import psycopg2
import psycopg2.extensions

# Statements that touch no table and may run without a scope, by full match only.
_NEUTRAL = re.compile(
    r'(?:(?:SAVEPOINT|RELEASE SAVEPOINT|ROLLBACK TO SAVEPOINT) "\w+"'
    r"|SET CONSTRAINTS ALL (?:IMMEDIATE|DEFERRED)|SELECT 1)\Z"
)


class Kernel(Protocol):
    """What a guarded connection needs of the Django wrapper that owns it."""

    def prefix_for(self, connection: "GuardedConnection", *, inline: bool) -> str: ...
    def statement_failed(self) -> None: ...
    def has_scope(self) -> bool: ...
    def refuse_other_scope(self, schema: str | None) -> None: ...
    def schema_in_force(self) -> str: ...


class GuardedCursor(psycopg2.extensions.cursor):
    """Puts path and role in front of the statement, in its packet, so both succeed or fail together."""

    connection: "GuardedConnection"
    _opened_in: str | None = None

    def execute(self, query: Any, vars: Any = None) -> None:
        prefix = self._prefix(inline=self.name is None, query=query)
        try:
            super().execute(self._prepend(prefix, query), vars)
        except BaseException:
            self._report_failure()
            raise
        if self.name is not None and self.connection.kernel is not None:
            self._opened_in = self.connection.kernel.schema_in_force()

    # These send several packets or a body of data: path and role go ahead as a statement of their own.

    def executemany(self, query: Any, vars_list: Any) -> None:
        self._prefix(inline=False)
        super().executemany(query, vars_list)

    def callproc(self, procname: Any, parameters: Any = None) -> Any:
        self._prefix(inline=False)
        return super().callproc(procname, parameters or ())

    def copy_expert(self, *args: Any, **kwargs: Any) -> None:
        self._prefix(inline=False)
        super().copy_expert(*args, **kwargs)

    def copy_from(self, *args: Any, **kwargs: Any) -> None:
        self._prefix(inline=False)
        super().copy_from(*args, **kwargs)

    def copy_to(self, *args: Any, **kwargs: Any) -> None:
        self._prefix(inline=False)
        super().copy_to(*args, **kwargs)

    def fetchone(self) -> Any:
        self._check_named()
        return super().fetchone()

    def fetchmany(self, size: int | None = None) -> Any:
        self._check_named()
        return super().fetchmany(size if size is not None else self.arraysize)

    def fetchall(self) -> Any:
        self._check_named()
        return super().fetchall()

    def __next__(self) -> Any:
        self._check_named()
        return super().__next__()

    def close(self) -> None:
        try:
            super().close()
        except psycopg2.Error:
            # DECLARE of a named cursor failed: the CLOSE that follows would hide the real error.
            if self.name is None:
                raise

    def _check_named(self) -> None:
        # A server-side cursor keeps its rows: opened in one tenant, it must not be read in another.
        if self.name is not None and self.connection.kernel is not None:
            self.connection.kernel.refuse_other_scope(self._opened_in)
            self._prefix(inline=False)

    def _prefix(self, *, inline: bool, query: Any = None) -> str:
        kernel = self.connection.kernel
        if kernel is None:
            return ""
        if isinstance(query, str) and not kernel.has_scope() and _NEUTRAL.match(query):
            return ""
        return kernel.prefix_for(self.connection, inline=inline)

    def _prepend(self, prefix: str, query: Any) -> Any:
        if not prefix:
            return query
        if isinstance(query, bytes):
            return prefix.encode() + query
        if isinstance(query, str):
            return prefix + query
        return prefix + query.as_string(self)

    def _report_failure(self) -> None:
        if self.connection.kernel is not None:
            self.connection.kernel.statement_failed()


class GuardedConnection(psycopg2.extensions.connection):
    """Hands out guarded cursors only. `kernel` is None until Django has finished connecting."""

    kernel: Kernel | None = None

    def cursor(self, *args: Any, **kwargs: Any) -> Any:
        if kwargs.get("cursor_factory") in (None, psycopg2.extensions.cursor):
            kwargs["cursor_factory"] = GuardedCursor
        return super().cursor(*args, **kwargs)


class PlainCursor(psycopg2.extensions.cursor):
    """For the kernel's own SET statements."""
