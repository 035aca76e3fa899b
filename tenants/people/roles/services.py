"""Making, changing and giving roles. For administrators; each is one batch of history."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import IntegrityError
from django.utils.translation import gettext as _

from core.errors import Conflict, DomainError
from core.history.context import change
from core.ids import read_uuid
from core.records.rights import ANY_TYPE, FieldAccess, Scope, Verb
from core.records.types import RecordType, record_types
from tenants.people.models import AccessRole, EventKind, Role, User
from tenants.people.rights import require_administrator
from tenants.people.roles.ready import DEFAULT_ROLE, READY_SCOPES
from tenants.people.roles.rights import scopes_of
from tenants.people.security.events import note_event

_LONGEST_NAME = 60


def guarded_types() -> list[RecordType]:
    """Types that roles decide about."""
    return [kind for kind in record_types() if kind.guarded]


def copy_role(like: AccessRole, *, name: str, by: User) -> AccessRole:
    """A role of the workspace's own that begins as a copy. Raises DomainError, Conflict, NotAllowed."""
    require_administrator(by)
    role = AccessRole(name=_checked(name), scopes=scopes_of(like), fields=like.fields)
    with change(label=_("Made the role “%(name)s”") % {"name": role.name}, by=by):
        _save(role)
    return role


def change_scopes(
    role: AccessRole, scopes: Mapping[str, Mapping[str, str]], *, name: str = "", by: User
) -> UUID:
    """scopes: of record types and ANY_TYPE; a verb that is not named stays. The batch.

    Raises DomainError, Conflict, NotAllowed.

    name: a new one for a role of the workspace's own; a ready role keeps its.
    """
    require_administrator(by)
    known = {kind.key for kind in guarded_types()} | {ANY_TYPE}
    read = {
        key: {verb: _scope(scope) for verb, scope in row.items() if verb in set(Verb)}
        for key, row in scopes.items()
        if key in known
    }
    with change(label=_("Changed the role “%(name)s”") % {"name": role}, by=by) as entry:
        held = AccessRole.objects.select_for_update().get(pk=role.pk)
        before = scopes_of(held)
        held.scopes = {
            **before,
            **{key: {**before.get(key, before.get(ANY_TYPE, {})), **row} for key, row in read.items()},
        }
        if name and not held.key:
            held.name = _checked(name)
        _save(held)
        note_event(EventKind.RIGHTS_CHANGED, by=by, text=str(held))
    return entry.batch


def change_fields(role: AccessRole, kind: RecordType, access: Mapping[str, str], *, by: User) -> UUID:
    """access: by field name; what is not named can be written. The batch. Raises DomainError, NotAllowed."""
    require_administrator(by)
    problems = {}
    kept = {}
    for name, given in access.items():
        field = kind.by_name.get(name)
        if field is None or given not in set(FieldAccess):
            problems[name] = _("This is no longer there.")
        elif given == FieldAccess.HIDDEN and (field.required or name == kind.title):
            problems[name] = _("A record cannot do without this: it can be read at least.")
        elif given != FieldAccess.WRITE:
            kept[name] = str(given)
    if problems:
        raise DomainError(_("Please look at the marked fields."), fields=problems)
    with change(label=_("Changed the role “%(name)s”") % {"name": role}, by=by) as entry:
        held = AccessRole.objects.select_for_update().get(pk=role.pk)
        held.fields = {**held.fields, kind.key: kept}
        held.save(update_fields=["fields", "updated_at"])
        note_event(EventKind.RIGHTS_CHANGED, by=by, text=f"{held} · {kind.label_plural}")
    return entry.batch


def reset_role(role: AccessRole, *, by: User) -> UUID:
    """A ready role as it was at the start. Raises DomainError for one that never was ready."""
    require_administrator(by)
    if role.key not in READY_SCOPES:
        raise DomainError(_("Only a ready role can be put back."))
    with change(label=_("Put the role “%(name)s” back") % {"name": role}, by=by) as entry:
        AccessRole.objects.filter(pk=role.pk).update(scopes={}, fields={})
        note_event(EventKind.RIGHTS_CHANGED, by=by, text=str(role))
    return entry.batch


def delete_role(role: AccessRole, *, to: AccessRole, by: User) -> UUID:
    """Its people get the role `to`. Ready roles stay. The batch. Raises DomainError, NotAllowed."""
    require_administrator(by)
    if role.key:
        raise DomainError(_("A ready role stays; nobody needs to have it."))
    if role.pk == to.pk:
        message = _("Choose another role for its people.")
        raise DomainError(message, fields={"to": message})
    with change(label=_("Deleted the role “%(name)s”") % {"name": role}, by=by) as entry:
        User.objects.filter(access_role=role).update(access_role=to)
        note_event(EventKind.RIGHTS_CHANGED, by=by, text=f"{role} → {to}")
        AccessRole.objects.filter(pk=role.pk).delete()
    return entry.batch


def _scope(text: str) -> str:
    if text not in set(Scope):
        raise DomainError(_("This form is not complete. Please start again."))
    return text


def _checked(name: str) -> str:
    name = " ".join(name.split())
    problem = ""
    if not name:
        problem = _("This is needed.")
    elif len(name) > _LONGEST_NAME:
        problem = _("At most %(count)d characters.") % {"count": _LONGEST_NAME}
    if problem:
        raise DomainError(problem, fields={"name": problem})
    return name


def _save(role: AccessRole) -> None:
    try:
        role.save()
    except IntegrityError as error:
        message = _("There is already a role of this name.")
        raise Conflict(message, fields={"name": message}) from error


def role_of(text: str) -> tuple[str, AccessRole | None]:
    """(the person's standing, their access role) for a form's value: 'admin', or as `value_of` writes it.

    Raises DomainError.
    """
    if text == Role.ADMIN:
        return Role.ADMIN, None
    role_id = read_uuid(text)
    asked = {"pk": role_id} if role_id else {"key": text}
    found = AccessRole.objects.filter(**asked).first() if text else None
    if found is None:
        message = _("Choose a role.")
        raise DomainError(message, fields={"role": message})
    return Role.MEMBER, found


def value_of(role: AccessRole | None) -> str:
    """How forms name a role: by its key, one of the workspace's own by its id. None: the default."""
    return DEFAULT_ROLE if role is None else role.key or str(role.pk)


def role_choices() -> list[tuple[str, Any]]:
    """(value, label) for forms that give a role: administrator, then the others in order."""
    roles = [(value_of(role), str(role)) for role in AccessRole.objects.all()]
    return [(Role.ADMIN.value, Role.ADMIN.label), *roles]
