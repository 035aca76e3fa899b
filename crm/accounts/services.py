"""What hangs on writing accounts and contacts."""

from uuid import UUID

from crm.accounts.models import Account
from crm.accounts.rules import refuse_circle


def check_account(account: Account) -> None:
    """Raises DomainError when the account would stand above itself."""
    if account.parent_id is not None:
        refuse_circle(account.pk, account.parent_id, _parent_of)


def _parent_of(account_id: UUID) -> UUID | None:
    return Account.everything.filter(pk=account_id).values_list("parent_id", flat=True).first()
