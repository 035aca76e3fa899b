"""From a host name to the tenant's snapshot: shared cache first, registry when cold or down."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.core.cache import caches
from django.db import transaction

from core.tenancy.scope import peek, public_scope
from core.tenancy.snapshot import Snapshot
from tenants.registry.models import Domain, Tenant, TenantState

_TTL_SECONDS = 600
_TTL_UNKNOWN_SECONDS = 20  # short: a sign-up may claim the name at any moment
_UNKNOWN: dict[str, Any] = {"unknown": True}
_SERVED = (TenantState.READY, TenantState.SUSPENDED)
# A closed one still has its address: its host answers with a page that says so.
_ROUTED = (*_SERVED, TenantState.CLOSED)


def snapshot_of_host(host: str) -> Snapshot | None:
    """host: lower case, without port. None when no tenant that was ever opened has it."""
    return _cached(f"host:{host}", lambda: _tenant_of_host(host))


def snapshot_of_schema(schema: str) -> Snapshot | None:
    """For work that knows only the schema. None unless the tenant is ready or suspended."""
    return _cached(f"schema:{schema}", lambda: _tenant_of_schema(schema))


def forget_tenant(tenant: Tenant) -> None:
    """Drop all cached snapshots of a tenant, after commit; call it with every change to Tenant or Domain."""
    hosts = list(tenant.domains.values_list("domain", flat=True))
    keys = [f"schema:{tenant.schema_name}", *(f"host:{host}" for host in hosts)]
    # Now for readers in this process, and after commit for a reader that refilled from the old row.
    caches["registry"].delete_many(keys)
    transaction.on_commit(lambda: caches["registry"].delete_many(keys))


def _cached(key: str, load: Any) -> Snapshot | None:
    cache = caches["registry"]
    entry = cache.get(key)
    if entry is None:
        tenant = load()
        entry = _UNKNOWN if tenant is None else _snapshot(tenant).as_cache_entry()
        cache.set(key, entry, _TTL_UNKNOWN_SECONDS if tenant is None else _TTL_SECONDS)
    return None if entry.get("unknown") else Snapshot.from_cache_entry(entry)


def _tenant_of_host(host: str) -> Tenant | None:
    with _public():
        domain = (
            Domain.objects.select_related("tenant").filter(domain=host, tenant__state__in=_ROUTED).first()
        )
    return domain.tenant if domain else None


def _tenant_of_schema(schema: str) -> Tenant | None:
    with _public():
        return Tenant.objects.filter(schema_name=schema, state__in=_SERVED).first()


def _snapshot(tenant: Tenant) -> Snapshot:
    with _public():
        primary = tenant.domains.filter(is_primary=True).values_list("domain", flat=True).first() or ""
        extras = _extras[0](tenant) if _extras else Extras()
    return Snapshot(
        tenant_id=str(tenant.id),
        schema=tenant.schema_name,
        domain=primary,
        **{
            **{name: getattr(tenant, name) for name in _COPIED},
            "features": {**tenant.features, **extras.features},
        },
        announcements=extras.announcements,
    )


@dataclass(frozen=True, slots=True)
class Extras:
    """What a floor above adds to a tenant's snapshot. features: over the tenant's own."""

    features: dict[str, Any] = field(default_factory=dict)
    announcements: tuple[dict[str, Any], ...] = ()


_extras: list[Callable[[Tenant], Extras]] = []


def use_extras(find: Callable[[Tenant], Extras]) -> None:
    """The operator's switches and announcements, asked for when a snapshot is made. Called in public scope."""
    _extras[:] = [find]


def forget_everybody() -> None:
    """Drop every cached snapshot, after commit: what concerns all tenants has changed."""
    keys = [f"host:{host}" for host in Domain.objects.values_list("domain", flat=True)]
    keys += [f"schema:{schema}" for schema in Tenant.objects.values_list("schema_name", flat=True)]
    caches["registry"].delete_many(keys)
    transaction.on_commit(lambda: caches["registry"].delete_many(keys))


_COPIED = (
    "state name shard plan language time_zone currency country entitlements features closed_at suspended_for".split()  # noqa: SIM905
)


def _public() -> Any:
    scope = peek()
    if scope is not None and not scope.is_public:
        return public_scope(reason="host lookup", switch=True)
    return public_scope()
