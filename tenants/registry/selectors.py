"""Reading the registry. Public scope."""

from django.db.models import QuerySet

from tenants.registry.models import Tenant, TenantState


def ready_schemas() -> QuerySet[Tenant, str]:
    """The schemas of all workspaces that are served: what a sweep goes through."""
    return Tenant.objects.filter(state=TenantState.READY).values_list("schema_name", flat=True)
