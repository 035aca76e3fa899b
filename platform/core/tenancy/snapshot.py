"""What a host name says about its tenant, immutable for the length of a request."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Snapshot:
    """tenant_id: UUID as text. domain: the primary host without port.

    currency: ISO 4217. country: ISO 3166 alpha-2. closed_at: when the workspace was closed (UTC).
    suspended_for: why it was suspended, in the operator's words. announcements: what the operator tells its people,
    as plain values (tenants.console.announcing).
    """

    tenant_id: str
    schema: str
    state: str
    name: str
    domain: str
    shard: str = "main"
    plan: str = "trial"
    language: str = "en"
    time_zone: str = "UTC"
    currency: str = "USD"
    country: str = ""
    closed_at: datetime | None = None
    suspended_for: str = ""
    announcements: tuple[Mapping[str, Any], ...] = ()
    entitlements: Mapping[str, Any] = field(default_factory=dict)
    features: Mapping[str, Any] = field(default_factory=dict)

    def as_cache_entry(self) -> dict[str, Any]:
        """Plain values for the shared cache."""
        return {name: _plain(getattr(self, name)) for name in self.__slots__}

    @classmethod
    def from_cache_entry(cls, entry: Mapping[str, Any]) -> Self:
        frozen: dict[str, Any] = {
            name: MappingProxyType(dict(value)) if isinstance(value, Mapping) else value
            for name, value in entry.items()
        }
        return cls(**frozen)


def _plain(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else value
