"""What must hold for accounts and contacts. Pure: no clock, and the database only through arguments."""

from collections.abc import Callable
from uuid import UUID

from django.utils.translation import gettext as _

from core.errors import DomainError

_DEEPEST = 20


def refuse_circle(account_id: UUID, parent_id: UUID | None, parent_of: Callable[[UUID], UUID | None]) -> None:
    """An account may not stand above itself. parent_of: the parent's id of an account, or None."""
    seen = 0
    while parent_id is not None:
        if parent_id == account_id:
            message = _("An account cannot belong to itself or to one below it.")
            raise DomainError(message, fields={"parent": message})
        seen += 1
        if seen > _DEEPEST:
            message = _("The hierarchy is deeper than %(limit)d levels.") % {"limit": _DEEPEST}
            raise DomainError(message, fields={"parent": message})
        parent_id = parent_of(parent_id)
