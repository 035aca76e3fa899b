"""The one way in. A scope says in which schema the work at hand may touch tables.

It is a context variable: it follows the logical flow, is empty in a new thread, and each asyncio
task has its own. Code without a scope raises `NoScope` at its first statement instead of running
in whatever schema the connection was left in.
"""

import contextlib
import contextvars
import datetime as dt
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from core.clock import zone_or_utc
from core.tenancy.snapshot import Snapshot

PUBLIC = "public"
TEMPLATE = "zz_template"
EXTENSIONS = "extensions"
_SCHEMA_NAME = re.compile(r"(?:t_[a-z0-9]{6,40}|zz_[a-z0-9_]{1,40}|public)\Z")


class NoScope(RuntimeError):
    """A statement was about to run outside any tenant_scope or public_scope."""


class ScopeError(RuntimeError):
    """A scope was entered, left or used in a way that could mix two tenants."""


@dataclass(frozen=True, slots=True)
class Scope:
    """schema: where statements run. snapshot: the tenant as its host gave it; None for public work.

    memo: what `remember` keeps for the length of one request or task.
    """

    schema: str
    snapshot: Snapshot | None = None
    reason: str = ""
    memo: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        # The name is put into SQL text unquoted, so it is checked here and nowhere else.
        if not _SCHEMA_NAME.match(self.schema):
            raise ScopeError(f"not a schema name of ours: {self.schema!r}")

    @property
    def is_public(self) -> bool:
        return self.schema == PUBLIC


_current: contextvars.ContextVar[Scope | None] = contextvars.ContextVar("tenancy_scope", default=None)


def current() -> Scope:
    """The scope in force. Raises NoScope when there is none."""
    scope = _current.get()
    if scope is None:
        raise NoScope("no scope: wrap the call in tenant_scope(...) or public_scope(...)")
    return scope


def peek() -> Scope | None:
    """The scope in force, or None."""
    return _current.get()


def current_snapshot() -> Snapshot:
    """The tenant of this work. Raises NoScope in public work or where only a schema is known."""
    snapshot = current().snapshot
    if snapshot is None:
        raise NoScope("this scope carries no tenant snapshot")
    return snapshot


def workspace_zone() -> dt.tzinfo:
    """The zone of the workspace at hand, whoever looks at it from where; UTC where only a schema is known."""
    snapshot = current().snapshot
    return zone_or_utc(snapshot.time_zone if snapshot else "UTC")


def remember(key: str, load: Callable[[], Any]) -> Any:
    """load()'s value, asked for once a scope: for small things that every row of a page needs."""
    memo = current().memo
    if key not in memo:
        memo[key] = load()
    return memo[key]


def forget(key: str) -> None:
    """Load it again next time."""
    current().memo.pop(key, None)


def tenant_scope(
    schema: str, snapshot: Snapshot | None = None, *, switch: bool = False
) -> contextlib.AbstractContextManager[Scope]:
    """Run the block inside one tenant's schema.

    switch: allow leaving another scope for the time of the block (sign-up, provisioning); without it
    a nested scope for another schema raises ScopeError.
    """
    outer = _current.get()
    if outer is not None and not switch and outer.schema != schema:
        raise ScopeError(f"scope for {schema} requested inside {outer.schema}")
    if snapshot is None and outer is not None and outer.schema == schema:
        snapshot = outer.snapshot
    return _enter(Scope(schema, snapshot))


def public_scope(*, reason: str = "", switch: bool = False) -> contextlib.AbstractContextManager[Scope]:
    """Run the block in the public schema: sign-up, registry, billing, operator.

    Inside a tenant's scope it needs `switch=True` and a `reason` that the audit can show.
    """
    outer = _current.get()
    if outer is not None and not outer.is_public:
        if not switch:
            raise ScopeError(f"public_scope requested inside {outer.schema}")
        if not reason:
            raise ScopeError("leaving a tenant for public needs a reason")
    return _enter(Scope(PUBLIC, reason=reason))


@contextlib.contextmanager
def _enter(scope: Scope) -> Iterator[Scope]:
    token = _current.set(scope)
    try:
        yield scope
    finally:
        try:
            _current.reset(token)
        except ValueError as error:
            _current.set(None)
            raise ScopeError("scope left in another context than it was entered in") from error
