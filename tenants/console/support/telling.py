"""Telling a workspace's owner and administrators that support asked, or may look."""

from collections.abc import Callable
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import override

from core.tenancy.addresses import address_of
from core.tenancy.scope import current_snapshot, public_scope
from tenants.console.models import SupportAccess
from tenants.console.models.support import AccessState
from tenants.people.mailing import send_mail_in
from tenants.people.models import Role, User
from tenants.people.selectors import active_people

PAGE = "/settings/support/"
# Filled by config: the bell belongs to a floor above.
_notify: list[Callable[[User, str, str], None]] = []


def use_bell(notify: Callable[[User, str, str], None]) -> None:
    """notify(person, text, url): config says how a person of a workspace is told."""
    _notify[:] = [notify]


def tell_of_support(access_id: UUID) -> int:
    """Bell and mail to everybody who may answer; how many. Inside the workspace's scope."""
    with public_scope(reason="support access", switch=True):
        access = SupportAccess.objects.filter(pk=access_id).first()
    if access is None or access.state not in (AccessState.ASKED, AccessState.GRANTED):
        return 0
    workspace = current_snapshot()
    asked = access.state == AccessState.ASKED
    people = list(active_people().filter(role__in=[Role.OWNER, Role.ADMIN]))
    for person in people:
        language = person.language or workspace.language
        with override(language):
            text = (
                _("%(name)s of support asks to look into the workspace: %(reason)s")
                if asked
                else _("%(name)s of support may look into the workspace: %(reason)s")
            ) % {"name": access.operator_name, "reason": access.reason}
        for notify in _notify:
            notify(person, text, PAGE)
    for person in people:
        if person.email:
            context = {
                "workspace": workspace,
                "access": access,
                "asked": asked,
                "url": address_of(workspace.domain, PAGE),
            }
            send_mail_in(
                person.language or workspace.language,
                "tenants/console/mail/support_asked",
                person.email,
                context,
            )
    return len(people)
