"""Who an operator is inside a workspace: a person of the role `support`, without mail, password or seat."""

from django.utils.translation import gettext as _
from django.utils.translation import override

from core.history.context import change
from core.records.text import sort_key
from core.tenancy.scope import current_snapshot
from tenants.console.models import SupportAccess
from tenants.people.models import Role, User


def make_support_person(access: SupportAccess) -> None:
    """Under the operator's own id, once a workspace: what they change stands in the history under this name."""
    if User.objects.filter(pk=access.operator_id).exists():
        return
    with override(current_snapshot().language):
        name = (_("Support (%(name)s)") % {"name": access.operator_name})[:120]
        with change(label=_("Support was let in"), via="request"):
            User.objects.create(
                pk=access.operator_id, name=name, name_key=sort_key(name), role=Role.SUPPORT, is_active=False
            )


def support_person(access: SupportAccess) -> User | None:
    """For the length of one request: sees what an administrator sees. None when the row is gone.

    Active only here, in memory: the stored row cannot sign in, own anything new or count as a seat.
    """
    person = User.objects.filter(pk=access.operator_id, role=Role.SUPPORT).first()
    if person is not None:
        person.is_active = True
    return person
