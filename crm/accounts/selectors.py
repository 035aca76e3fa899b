"""Reading accounts and contacts, always as somebody may see them."""

from typing import Any

from django.db.models import QuerySet

from core.records.rights import within
from core.records.types import record_type
from crm.accounts.models import Account, Contact


def visible_accounts(*, to: Any) -> QuerySet[Account]:
    """The accounts that a person may see."""
    return within(Account.objects.all(), record_type("account"), to=to)


def visible_contacts(*, to: Any) -> QuerySet[Contact]:
    """The contacts that a person may see."""
    return within(Contact.objects.all(), record_type("contact"), to=to)
