"""Every room of the CRM and every record type: the one visible list.

A new room stands here twice: its app in ROOMS, its record types in `all_record_types`.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.records.types import RecordType

ROOMS = [
    "crm.customize",
    "crm.transfer",
    "crm.activities",
    "crm.documents",
    "crm.mail",
    "crm.accounts",
    "crm.products",
    "crm.opportunities",
    "crm.desk",
    "crm.analytics",
    "crm.samples",
]


def all_record_types() -> "list[RecordType]":
    """In the order of menus. Imported late: settings read ROOMS before any model can be loaded."""
    from crm.accounts.records import ACCOUNT, CONTACT
    from crm.opportunities.records import OPPORTUNITY
    from crm.products.records import PRODUCT
    from tenants.people.records import PERSON

    return [ACCOUNT, CONTACT, OPPORTUNITY, PRODUCT, PERSON]
