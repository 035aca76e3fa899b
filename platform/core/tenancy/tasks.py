"""Background work always names its tenant.

`@tenant_task(name="transfer.run_import")` makes a Celery task whose first argument is the tenant's
schema. Called without one, with one that is not served, or from inside another tenant, it is refused.
Delivery is at least once: every task says in its docstring what a second run does.
"""

import functools
from collections.abc import Callable
from typing import Any

from celery import Task, current_app, shared_task
from django.db import close_old_connections

from core.tenancy.scope import PUBLIC, NoScope, ScopeError, public_scope, tenant_scope
from core.tenancy.snapshot import Snapshot

ATTEMPTS = 5
# Set by the registry when Django starts: schema -> snapshot, or None when the tenant is not served.
_find_snapshot: Callable[[str], Snapshot | None] | None = None


def use_snapshots_from(find: Callable[[str], Snapshot | None]) -> None:
    """The registry (a floor above) tells how a schema becomes a snapshot."""
    global _find_snapshot
    _find_snapshot = find


def tenant_task(*, name: str, **options: Any) -> Callable[[Callable[..., Any]], Task]:
    """Decorate `def f(tenant: str, ...)`; `f.delay(schema, ...)` or, better, `core.outbox`'s `send_on_commit`."""

    def decorate(function: Callable[..., Any]) -> Task:
        @functools.wraps(function)
        def run(tenant: str | None = None, *args: Any, **kwargs: Any) -> Any:
            if not tenant or tenant == PUBLIC:
                raise NoScope(f"task {name} was sent without a tenant")
            with _scope_of_worker(tenant):
                return function(tenant, *args, **kwargs)

        return shared_task(name=name, acks_late=True, max_retries=ATTEMPTS, **options)(run)

    return decorate


def public_task(*, name: str, **options: Any) -> Callable[[Callable[..., Any]], Task]:
    """A task of the installation itself: provisioning, sweeps over all tenants."""

    def decorate(function: Callable[..., Any]) -> Task:
        @functools.wraps(function)
        def run(*args: Any, **kwargs: Any) -> Any:
            # A cancelled exit can leave a connection half-used: loops outside requests start clean.
            close_old_connections()
            try:
                with public_scope(reason=f"task {name}"):
                    return function(*args, **kwargs)
            finally:
                close_old_connections()

        return shared_task(name=name, acks_late=True, max_retries=ATTEMPTS, **options)(run)

    return decorate


class _scope_of_worker:
    """Enter the tenant as a worker does: fresh connections, a snapshot, and out again."""

    def __init__(self, schema: str) -> None:
        self.schema = schema

    def __enter__(self) -> None:
        close_old_connections()
        if _find_snapshot is None:
            raise ScopeError("the registry has not said how to find snapshots")
        with public_scope(reason="a task looks up its tenant", switch=True):
            snapshot = _find_snapshot(self.schema)
        if snapshot is None:
            raise ScopeError(f"no tenant is served in {self.schema}")
        self._scope = tenant_scope(self.schema, snapshot)
        self._scope.__enter__()

    def __exit__(self, *error: Any) -> None:
        self._scope.__exit__(*error)
        close_old_connections()


def send_named(name: str, *args: Any, **kwargs: Any) -> None:
    """Send a task by its registered name, for code below the floor where the task lives."""
    current_app.signature(name, args=args, kwargs=kwargs).apply_async()
