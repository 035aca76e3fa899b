"""Changing what a person is in the workspace: role, access, ownership."""

from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.db.models import Q
from django.utils.translation import gettext as _

from core.clock import now
from core.entitlements import Limit, require_growth
from core.errors import DomainError
from core.history.context import change
from core.outbox.sending import send_on_commit
from core.records.search import index_records
from core.records.text import sort_key
from core.records.types import record_type
from core.usage.counting import require_room
from tenants.people.models import AccessRole, EventKind, Role, User
from tenants.people.rights import (
    require_other_owner,
    require_owner,
    require_power_over,
)
from tenants.people.roles.services import role_of
from tenants.people.security.events import note_event


def change_role(person: User, *, role: str, by: User) -> UUID:
    """role: as `roles.services.role_of` reads it; ownership is handed over instead. The batch, for an undo.

    Raises NotAllowed, or DomainError for the last owner.
    """
    standing, access = role_of(role)
    named = access or Role(standing).label
    label = _("Made %(name)s %(role)s") % {"name": person.name, "role": named}
    with change(label=label, by=by) as entry:
        person = _locked_for(person, by=by)
        if person.role == Role.OWNER:
            require_other_owner(person)
        person.role, person.access_role = standing, access
        person.save(update_fields=["role", "access_role", "updated_at"])
        note_event(EventKind.ROLE_CHANGED, person=person, by=by, text=str(named))
    return entry.batch


def end_access(person: User, *, by: User) -> None:
    """Inside a `change`: the person is out at the next request, and their seat is free.

    Raises NotAllowed, or DomainError for oneself and for the last owner.
    """
    if person.pk == by.pk:
        raise DomainError(_("You cannot deactivate yourself. Ask another administrator."))
    held = _locked_for(person, by=by)
    require_other_owner(held)
    held.is_active, held.deactivated_at = False, now()
    held.save(update_fields=["is_active", "deactivated_at", "updated_at"])
    end_sessions(held)
    note_event(EventKind.DEACTIVATED, person=held, by=by)
    send_on_commit("signup.sync_mails")
    person.is_active, person.deactivated_at = False, held.deactivated_at


def reactivate_person(person: User, *, by: User) -> UUID:
    """Give access back, with the password the person had."""
    with change(label=_("Reactivated %(name)s") % {"name": person.name}, by=by) as entry:
        person = _locked_for(person, by=by)
        _take_seat()
        person.is_active, person.deactivated_at = True, None
        person.save(update_fields=["is_active", "deactivated_at", "updated_at"])
        note_event(EventKind.REACTIVATED, person=person, by=by)
        send_on_commit("signup.sync_mails")
    return entry.batch


def hand_over_workspace(*, to: User, by: User) -> UUID:
    """Make somebody else the owner; the former owner becomes an administrator.

    Raises NotAllowed, or DomainError for somebody who cannot own it.
    """
    with change(label=_("Handed the workspace over to %(name)s") % {"name": to.name}, by=by) as entry:
        heir, owner = _both_locked(to, by)
        require_owner(owner)
        if heir.is_placeholder or not heir.is_active or heir.pk == owner.pk:
            raise DomainError(_("Choose an active person other than yourself."))
        heir.role, owner.role = Role.OWNER, Role.ADMIN
        for person in (heir, owner):
            person.save(update_fields=["role", "updated_at"])
        note_event(EventKind.OWNER_CHANGED, person=heir, by=owner)
    return entry.batch


def welcome(
    person: User,
    *,
    mail: str,
    name: str,
    password: str | None,
    role: str,
    access_role: AccessRole | None = None,
) -> User:
    """Let somebody in who accepted an invitation: a new row, or the placeholder's. Inside a `change`.

    password: None for who signs in by another service only.
    """
    _take_seat()
    person.email, person.name, person.role = mail.strip().lower(), name.strip()[:120], role
    person.access_role = access_role
    person.name_key = sort_key(person.name)
    person.is_placeholder, person.is_active, person.mail_confirmed_at = False, True, now()
    person.set_password(password)
    person.save()
    EmailAddress.objects.update_or_create(
        user=person, primary=True, defaults={"email": person.email, "verified": True}
    )
    index_records(record_type("person"), [person.pk])
    note_event(EventKind.JOINED, person=person)
    send_on_commit("signup.sync_mails")
    return person


def _take_seat() -> None:
    """Raises AccessLimited, OverLimit.

    Holds the owners, so that of two who want the last seat one has to wait and see.
    """
    require_growth()
    list(User.objects.select_for_update().filter(role=Role.OWNER).order_by("pk").values_list("pk"))
    require_room(Limit.SEATS)


def end_sessions(person: User, *, keep: str = "") -> int:
    """Sign the person out everywhere but in the session with the key `keep`; how many ended."""
    sessions = UserSession.objects.filter(user=person).exclude(session_key=keep)
    count = 0
    for session in sessions:
        session.end()
        count += 1
    return count


def _locked_for(person: User, *, by: User) -> User:
    """The person's row, held until the end. Raises NotAllowed when `by` has no power over it now:

    what the request read before may have been taken away since.
    """
    held, actor = _both_locked(person, by)
    require_power_over(held, by=actor)
    return held


def _both_locked(first: User, second: User) -> tuple[User, User]:
    """Held with all owners, in one order whoever calls: two at once must not wait for each other."""
    wanted = Q(pk__in=[first.pk, second.pk]) | Q(role=Role.OWNER)
    held = {each.pk: each for each in User.objects.select_for_update().filter(wanted).order_by("pk")}
    return held[first.pk], held[second.pk]
