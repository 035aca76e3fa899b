"""Whether a workspace is served: the one place that changes it once it is open. Public scope."""

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from core.clock import now
from core.errors import Conflict
from tenants.registry.events import record_event
from tenants.registry.hosts import forget_tenant
from tenants.registry.models import Tenant, TenantState

# What is done, from which states it may be done, and what it leads to.
STEPS: dict[str, tuple[tuple[str, ...], str]] = {
    "suspend": ((TenantState.READY,), TenantState.SUSPENDED),
    "restore": ((TenantState.SUSPENDED,), TenantState.READY),
    "close": ((TenantState.READY, TenantState.SUSPENDED), TenantState.CLOSED),
    "reopen": ((TenantState.CLOSED,), TenantState.READY),
}
_REASON_LENGTH = 300


def take_step(
    tenant: Tenant, *, step: str, actor: str = "", operator_id: UUID | None = None, reason: str = ""
) -> Tenant:
    """Suspend, restore, close or reopen it; seen from the next request on.

    reason: of a suspension is shown to the workspace. Raises Conflict when it is not in a state for that step.
    """
    allowed, state = STEPS[step]
    with transaction.atomic():
        tenant = Tenant.objects.select_for_update().get(pk=tenant.pk)
        if tenant.state not in allowed:
            raise Conflict(
                _("This cannot be done to a workspace that is: %(state)s.")
                % {"state": TenantState(tenant.state).label}
            )
        tenant.state = state
        tenant.closed_at = now() if state == TenantState.CLOSED else None
        tenant.suspended_for = reason.strip()[:_REASON_LENGTH] if state == TenantState.SUSPENDED else ""
        tenant.save(update_fields=["state", "closed_at", "suspended_for"])
        record_event(step, tenant=tenant, actor=actor, operator_id=operator_id, reason=reason)
        forget_tenant(tenant)
    return tenant
