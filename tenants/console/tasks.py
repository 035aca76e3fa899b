"""The console's own background work."""

from uuid import UUID

from core.tenancy.tasks import public_task, tenant_task
from tenants.console.support.services import end_overdue
from tenants.console.support.telling import tell_of_support as tell_them


@tenant_task(name="console.tell_of_support", autoretry_for=(OSError,), retry_backoff=True)
def tell_of_support(tenant: str, access_id: str) -> None:
    """Tell owner and administrators. A second run tells them again, unless it was answered meanwhile."""
    tell_them(UUID(access_id))


@public_task(name="console.end_overdue_support")
def end_overdue_support() -> int:
    """Once a minute: mark accesses whose time is over. A second run finds none."""
    return end_overdue()
