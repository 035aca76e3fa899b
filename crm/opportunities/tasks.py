"""What opportunities have done in the background."""

from core.tenancy.tasks import tenant_task
from crm.opportunities.services import pricing


@tenant_task(name="opportunities.reprice")
def reprice(tenant: str, code: str) -> int:
    """Amounts in a currency follow its rates. A second run changes nothing."""
    return pricing.reprice(code)
