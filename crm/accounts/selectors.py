"""Reading accounts and contacts, always as somebody may see them."""

from typing import Any

from django.db.models import QuerySet

from crm.accounts.models import Account, Contact


def visible_accounts(*, to: Any) -> QuerySet[Account]:
    """The accounts that a person may see."""
    return Account.objects.all()


def visible_contacts(*, to: Any) -> QuerySet[Contact]:
    """The contacts that a person may see."""
    return Contact.objects.all()
