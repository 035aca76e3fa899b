"""Bringing every workspace, the pool's included, to the template's version.

Each tenant is one transaction of its own; a ledger in public remembers what is done, so that a kill
at any point is followed by a clean resume. A canary group goes first; an error pauses the rest.
"""

import queue
import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db import DatabaseError, connections, transaction
from django.utils.module_loading import import_string

from core.history.install import install_triggers
from core.tenancy.router import MIGRATOR
from core.tenancy.scope import public_scope, tenant_scope
from tenants.registry.hosts import forget_tenant
from tenants.registry.models import SchemaStep, Tenant, TenantState, UpgradeEntry
from tenants.registry.provisioning.template import (
    MIGRATIONS_TABLE,
    current_script,
    grants_sql,
)

CANARIES = 3
LOCK_TIMEOUT_MS = 3000
ATTEMPTS = 5
# A closed workspace can be opened again: it is kept at the present version until it is removed.
_SERVED = tuple(state for state in TenantState if state != TenantState.BUILDING)


@dataclass(frozen=True, slots=True)
class UpgradeReport:
    """done, failed: counts of tenants. paused: an error stopped the run before all were tried."""

    version: str
    done: int
    failed: int
    paused: bool


def upgrade_fleet(*, workers: int = 2, progress: Callable[[int, int], None] | None = None) -> UpgradeReport:
    """Upgrade all tenants that are behind. Running it again resumes; with nothing to do it is one query."""
    version = current_script().version
    with public_scope():
        behind = list(
            Tenant.objects.using(MIGRATOR)
            .filter(state__in=_SERVED)
            .exclude(schema_version=version)
            .order_by("opened_at", "created_at")
        )
        steps = list(SchemaStep.objects.using(MIGRATOR).all()) if behind else []
    done = failed = 0
    for group in (behind[:CANARIES], behind[CANARIES:]):
        for ok in _upgrade_each(group, steps, version, workers):
            done, failed = done + ok, failed + (not ok)
            if progress:
                progress(done + failed, len(behind))
        if failed:
            break
    return UpgradeReport(version, done, failed, paused=done + failed < len(behind))


def _upgrade_each(group: list[Tenant], steps: list[SchemaStep], version: str, workers: int) -> Iterator[bool]:
    """True or False a tenant; after the first failure no further tenant is begun."""
    waiting = deque(group)
    results: queue.SimpleQueue[bool | BaseException | None] = queue.SimpleQueue()
    stop = threading.Event()

    def work() -> None:
        """One connection a thread, for as many tenants as it gets."""
        outcome: BaseException | None = None
        try:
            while not stop.is_set() and (tenant := _next(waiting)) is not None:
                ok = _upgrade_with_retries(tenant, steps, version)
                if not ok:
                    stop.set()
                results.put(ok)
        except BaseException as error:  # noqa: BLE001  (raised again in the caller's thread)
            stop.set()
            outcome = error
        finally:
            connections[MIGRATOR].close()
            results.put(outcome)

    for number in range(workers):
        threading.Thread(target=work, name=f"fleet-{number}", daemon=True).start()
    running = workers
    while running:
        result = results.get()
        if isinstance(result, BaseException):
            raise result
        if result is None:
            running -= 1
        else:
            yield result


def _next(waiting: deque[Tenant]) -> Tenant | None:
    try:
        return waiting.popleft()
    except IndexError:
        return None


def _upgrade_with_retries(tenant: Tenant, steps: list[SchemaStep], version: str) -> bool:
    """One tenant, tried again while somebody holds a lock on its tables."""
    with public_scope():
        entry, _created = UpgradeEntry.objects.using(MIGRATOR).get_or_create(
            tenant=tenant, version=version, defaults={"state": UpgradeEntry.State.RUNNING}
        )
        for attempt in range(1, ATTEMPTS + 1):
            entry.attempts += 1
            try:
                _replay_missing_steps(tenant.schema_name, steps)
            except DatabaseError as error:
                entry.state, entry.error = UpgradeEntry.State.FAILED, str(error)
                entry.save(using=MIGRATOR)
                if "lock timeout" not in str(error) or attempt == ATTEMPTS:
                    Tenant.objects.using(MIGRATOR).filter(pk=tenant.pk).update(failed_upgrade=str(error))
                    return False
            else:
                entry.state, entry.error = UpgradeEntry.State.DONE, ""
                entry.save(using=MIGRATOR)
                break
        tenant.schema_version, tenant.failed_upgrade = version, ""
        tenant.save(using=MIGRATOR, update_fields=["schema_version", "failed_upgrade"])
        forget_tenant(tenant)
    return True


def _replay_missing_steps(schema: str, steps: list[SchemaStep]) -> None:
    """What the tenant's own migrations table lacks, in order, in one transaction."""
    with (
        tenant_scope(schema, switch=True),
        transaction.atomic(using=MIGRATOR),
        connections[MIGRATOR].cursor() as cursor,
    ):
        cursor.execute(f"SET LOCAL lock_timeout = {LOCK_TIMEOUT_MS}")
        cursor.execute(f"SELECT app, name FROM {MIGRATIONS_TABLE}")
        applied = set(cursor.fetchall())
        missing = [step for step in steps if (step.app, step.name) not in applied]
        for step in missing:
            if step.sql.strip():
                cursor.execute(step.sql)
            if step.data_step:
                import_string(step.data_step)(cursor)
            cursor.execute(
                f"INSERT INTO {MIGRATIONS_TABLE} (app, name, applied) VALUES (%s, %s, now())",
                [step.app, step.name],
            )
        if any("CREATE TABLE" in step.sql for step in missing):
            cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY 1", [schema])
            tables = [row[0] for row in cursor.fetchall()]
            cursor.execute(grants_sql(schema, tables))
        install_triggers(cursor, schema)
