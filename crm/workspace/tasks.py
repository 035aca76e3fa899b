"""What the settings of a workspace have done in the background."""

from uuid import UUID

from core.ids import read_uuid
from core.tenancy.tasks import tenant_task
from crm.workspace.services import base_currency, numbering


@tenant_task(name="workspace.change_base_currency")
def change_base_currency(tenant: str, change_id: str, code: str, convert: int) -> int:
    """Bring all amounts into another currency. A second run converts nothing again."""
    return base_currency.change_base_currency(code, convert=bool(convert), change_id=change_id)


@tenant_task(name="workspace.reprice_everything")
def reprice_everything(tenant: str) -> list[str]:
    """Amounts in other currencies follow a new base currency. A second run sends the same once more."""
    return base_currency.reprice_everything()


@tenant_task(name="workspace.number_existing")
def number_existing(tenant: str, key: str, batch: str, by: str) -> int:
    """Number the records of a type that have none. A second run goes on where the first one stopped."""
    return numbering.number_existing(key, batch=UUID(batch), by=read_uuid(by))
