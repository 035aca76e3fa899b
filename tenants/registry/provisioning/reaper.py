"""Finishes or removes what a killed process left half-made."""

import datetime as dt
from collections.abc import Callable

from core.clock import now
from core.tenancy.scope import public_scope, tenant_scope
from tenants.registry.models import Tenant, TenantState
from tenants.registry.provisioning.claim import CLAIM_TIMEOUT, open_workspace, release_workspace
from tenants.registry.provisioning.pool import remove_workspace

_BUILD_TIMEOUT = dt.timedelta(minutes=10)


def reap(*, has_owner: Callable[[], bool], everything: bool = False) -> tuple[int, int, int]:
    """(opened, released, removed). A second run finds nothing to do.

    has_owner: called inside a claimed workspace; true when its second commit happened. everything: do
    not wait for the time-outs; only when no other process can be at work (start-up).
    """
    at = now()
    with public_scope(switch=True, reason="reaper"):
        claiming = Tenant.objects.filter(state=TenantState.CLAIMING)
        building = Tenant.objects.filter(state=TenantState.BUILDING)
        if not everything:
            claiming = claiming.filter(claimed_at__lt=at - CLAIM_TIMEOUT)
            building = building.filter(created_at__lt=at - _BUILD_TIMEOUT)
        opened = released = 0
        for tenant in claiming:
            with tenant_scope(tenant.schema_name, switch=True):
                owned = has_owner()
            if owned:
                open_workspace(tenant)
                opened += 1
            else:
                release_workspace(tenant)
                released += 1
        half_built = list(building)
        for tenant in half_built:
            remove_workspace(tenant)
    return opened, released, len(half_built)
