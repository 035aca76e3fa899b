"""Who may do what to the people of a workspace, until fine-grained roles exist."""

from django.utils.translation import gettext as _

from core.errors import DomainError, NotAllowed
from tenants.people.models import Role, User


def require_administrator(user: User) -> None:
    """Raises NotAllowed."""
    if not user.may_administer:
        raise NotAllowed(_("Only the owner and administrators may do this."))


def require_owner(user: User) -> None:
    """Raises NotAllowed."""
    if not (user.is_active and user.role == Role.OWNER):
        raise NotAllowed(_("Only an owner of the workspace may do this."))


def require_power_over(person: User, *, by: User) -> None:
    """Administrators act on members and administrators; owners on everybody. Raises NotAllowed."""
    require_administrator(by)
    if person.role == Role.OWNER and by.role != Role.OWNER:
        raise NotAllowed(_("Only an owner may change another owner."))


def require_other_owner(person: User) -> None:
    """Somebody must be able to run the workspace. Locks the owners: call inside a transaction.

    Raises DomainError when `person` is the last active owner.
    """
    owners = User.objects.select_for_update().filter(role=Role.OWNER, is_active=True).order_by("pk")
    if person.role == Role.OWNER and not any(owner.pk != person.pk for owner in owners):
        raise DomainError(
            _("%(name)s is the only owner. Hand the workspace over to somebody first.") % {"name": person.name}
        )
