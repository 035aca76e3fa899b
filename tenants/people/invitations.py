"""Inviting people by mail, and their answer."""

import datetime as dt
import hashlib
import re
import secrets
from collections.abc import Iterable

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.clock import now
from core.entitlements import require_growth
from core.errors import DomainError
from core.history.context import change
from core.limits import spend
from core.outbox.sending import send_on_commit
from tenants.people.membership import welcome
from tenants.people.models import AccessRole, EventKind, Invitation, Role, User
from tenants.people.rights import require_administrator
from tenants.people.roles.services import role_of
from tenants.people.security.events import note_event

INVITATION_DAYS = 7
MOST_AT_ONCE = 50
INVITATIONS_A_DAY = 100
"""Of one workspace: each is a mail to somebody who did not ask for it."""
UNCONFIRMED_INVITATIONS_A_DAY = 5
"""While the one who invites has not shown that their own address is theirs."""
_BETWEEN = re.compile(r"[\s,;，；、]+")


class InvitationGone(DomainError):
    """The link was used, withdrawn, replaced, has expired, or was never ours."""

    code = "invitation_gone"
    status = 410


def invite_people(*, mails: str, role: str, by: User) -> list[Invitation]:
    """Invite each address of the text (separated by spaces, commas or lines), all or none.

    An address invited before gets a new link; the old one stops working. Raises DomainError naming
    the addresses that cannot be invited, NotAllowed, TooOften.
    """
    require_administrator(by)
    require_growth()
    standing, access = role_of(role)
    wanted = list(dict.fromkeys(mail.lower() for mail in _BETWEEN.split(mails) if mail))
    _check_mails(wanted)
    _spend_invitations(len(wanted), by=by)
    label = ngettext("Invited %(count)d person", "Invited %(count)d people", len(wanted))
    with change(label=label % {"count": len(wanted)}, by=by):
        return [_invite(mail, role=standing, access=access, by=by) for mail in wanted]


def invite_placeholder(person: User, *, mail: str, role: str = Role.MEMBER, by: User) -> Invitation:
    """Ask a placeholder to become a person: the same row, so that all it owns stays its own."""
    require_administrator(by)
    require_growth()
    standing, access = role_of(role)
    if not person.is_placeholder:
        raise DomainError(_("%(name)s can already sign in.") % {"name": person.name})
    mail = mail.strip().lower()
    _check_mails([mail])
    _spend_invitations(1, by=by)
    with change(label=_("Invited %(name)s") % {"name": person.name}, by=by):
        return _invite(mail, role=standing, access=access, by=by, person=person)


def resend_invitation(invitation: Invitation, *, by: User) -> Invitation:
    """The same invitation with a new link and new days."""
    require_administrator(by)
    require_growth()
    if invitation.accepted_at or invitation.withdrawn_at:
        raise DomainError(_("This invitation was answered or withdrawn."))
    _check_mails([invitation.email])
    _spend_invitations(1, by=by)
    with change(label=_("Invited %(mail)s again") % {"mail": invitation.email}, by=by):
        return _invite(
            invitation.email,
            role=invitation.role,
            access=invitation.access_role,
            by=by,
            person=invitation.person,
        )


def withdraw_invitation(invitation: Invitation, *, by: User) -> None:
    """Its link stops working at once."""
    require_administrator(by)
    with change(label=_("Withdrew the invitation of %(mail)s") % {"mail": invitation.email}, by=by):
        _withdraw(Invitation.objects.filter(pk=invitation.pk))


def invitation_of(token: str) -> Invitation:
    """The invitation whose link holds this token. Raises InvitationGone with the reason."""
    found = Invitation.objects.select_related("person", "invited_by").filter(token_hash=_hash(token)).first()
    _refuse_gone(found)
    assert found is not None
    return found


def accept_invitation(token: str, *, name: str, password: str, language: str = "") -> User:
    """Make the invited person; works once. Raises InvitationGone, or DomainError with messages by field.

    language: '' for the workspace's.
    """
    with change(label=_("Accepted an invitation"), via="request"):
        # The lock makes two answers to one invitation take turns: the second finds it accepted.
        invitation = Invitation.objects.select_for_update().filter(token_hash=_hash(token)).first()
        _refuse_gone(invitation)
        assert invitation is not None
        person = invitation.person or User()
        _check_answer(person, mail=invitation.email, name=name, password=password)
        person.language = language or person.language
        welcome(
            person,
            mail=invitation.email,
            name=name,
            password=password,
            role=invitation.role,
            access_role=invitation.access_role,
        )
        invitation.accepted_at, invitation.person = now(), person
        invitation.save(update_fields=["accepted_at", "person", "updated_at"])
        _withdraw(Invitation.objects.filter(email=invitation.email).exclude(pk=invitation.pk))
    return person


def take_up_invitation(*, mail: str, name: str) -> User | None:
    """For somebody whom another service vouches for: their open invitation is accepted. None when there is none.

    Inside a `change`. Raises OverLimit.
    """
    waiting = Invitation.objects.select_for_update().filter(email=mail, accepted_at=None, withdrawn_at=None)
    invitation = waiting.filter(expires_at__gt=now()).order_by("-created_at").first()
    if invitation is None:
        return None
    person = invitation.person or User()
    welcome(
        person,
        mail=mail,
        name=person.name or name,
        password=None,
        role=invitation.role,
        access_role=invitation.access_role,
    )
    invitation.accepted_at, invitation.person = now(), person
    invitation.save(update_fields=["accepted_at", "person", "updated_at"])
    return person


def _check_mails(mails: list[str]) -> None:
    """Raises DomainError with one sentence on all that cannot be invited."""
    problem = ""
    if not mails:
        problem = _("Give at least one mail address.")
    elif len(mails) > MOST_AT_ONCE:
        problem = _("At most %(count)d at once.") % {"count": MOST_AT_ONCE}
    elif wrong := [mail for mail in mails if not _is_mail(mail)]:
        problem = _("Not a mail address: %(mails)s") % {"mails": ", ".join(wrong[:5])}
    elif known := list(User.objects.filter(email__in=mails).values_list("email", flat=True)):
        problem = _("Already in this workspace: %(mails)s") % {"mails": ", ".join(known[:5])}
    if problem:
        raise DomainError(problem, fields={"mails": problem, "mail": problem})


def _spend_invitations(count: int, *, by: User) -> None:
    """Raises TooOften. The counter is the workspace's own: the cache's keys carry it."""
    limit = INVITATIONS_A_DAY if by.mail_confirmed_at else UNCONFIRMED_INVITATIONS_A_DAY
    spend("invitations", "workspace", limit=limit, seconds=24 * 3600, amount=count)


def _is_mail(text: str) -> bool:
    try:
        EmailValidator()(text)
    except ValidationError:
        return False
    return len(text) <= 254


def _invite(
    mail: str, *, role: str, access: AccessRole | None, by: User, person: User | None = None
) -> Invitation:
    older = Invitation.objects.filter(email=mail)
    _withdraw(older | Invitation.objects.filter(person=person) if person else older)
    token = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        email=mail,
        name=person.name if person else "",
        role=role,
        access_role=access,
        person=person,
        invited_by=by,
        token_hash=_hash(token),
        expires_at=now() + dt.timedelta(days=INVITATION_DAYS),
    )
    note_event(EventKind.INVITED, person=person, by=by, text=f"{mail} · {invitation.role_name}")
    send_on_commit("people.send_invitation", str(invitation.pk), token)
    return invitation


def _withdraw(invitations: Iterable[Invitation]) -> None:
    for each in invitations:
        if each.accepted_at is None and each.withdrawn_at is None:
            each.withdrawn_at = now()
            each.save(update_fields=["withdrawn_at", "updated_at"])


def _refuse_gone(invitation: Invitation | None) -> None:
    if invitation is None:
        raise InvitationGone(_("This invitation is not known here. Ask for a new one."))
    if invitation.accepted_at is not None:
        raise InvitationGone(_("This invitation was accepted already. You can sign in."))
    if invitation.withdrawn_at is not None:
        raise InvitationGone(_("This invitation was withdrawn or replaced by a newer one."))
    if invitation.expires_at <= now():
        raise InvitationGone(_("This invitation has expired. Ask for a new one."))


def _check_answer(person: User, *, mail: str, name: str, password: str) -> None:
    problems = {}
    if not name.strip():
        problems["name"] = _("This is needed.")
    try:
        validate_password(password, User(email=mail, name=name))
    except ValidationError as error:
        problems["password"] = " ".join(error.messages)
    if problems:
        raise DomainError(_("Please look at the marked fields."), fields=problems)
    if User.objects.filter(email=mail).exclude(pk=person.pk).exists():
        raise InvitationGone(_("Somebody with this address is in the workspace already. You can sign in."))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
