"""The story of each tenant, and of what operators do: written by whoever changes something. Public scope."""

from typing import Any
from uuid import UUID

from tenants.registry.models import Tenant, TenantEvent


def record_event(
    kind: str, *, tenant: Tenant | None = None, actor: str = "", operator_id: UUID | None = None, **facts: Any
) -> TenantEvent:
    """Inside the transaction of the change itself, so that neither is there without the other.

    facts: plain values that the sentence of `kind` needs.
    """
    return TenantEvent.objects.create(
        kind=kind,
        tenant=tenant,
        tenant_name=tenant.name if tenant else "",
        actor=actor[:120],
        operator_id=operator_id,
        facts=facts,
    )
