"""What the settings of a workspace have done in the background."""

from core.tenancy.tasks import tenant_task
from crm.workspace.services import base_currency


@tenant_task(name="workspace.change_base_currency")
def change_base_currency(tenant: str, change_id: str, code: str, convert: int) -> int:
    """Bring all amounts into another currency. A second run converts nothing again."""
    return base_currency.change_base_currency(code, convert=bool(convert), change_id=change_id)


@tenant_task(name="workspace.reprice_everything")
def reprice_everything(tenant: str) -> list[str]:
    """Amounts in other currencies follow a new base currency. A second run sends the same once more."""
    return base_currency.reprice_everything()
