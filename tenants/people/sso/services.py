"""The settings of the service, and whom it lets in."""

import re
from typing import Any

from django.db import IntegrityError
from django.utils.translation import gettext as _

from core.clock import now
from core.errors import Conflict, DomainError
from core.history.context import change
from core.sealing import seal
from core.tenancy.scope import current
from tenants.people.invitations import take_up_invitation
from tenants.people.membership import welcome
from tenants.people.models import EventKind, OutsideIdentity, Role, SignInService, User
from tenants.people.rights import require_administrator
from tenants.people.roles.services import role_of
from tenants.people.security.events import note_event
from tenants.people.sso.errors import ServiceTrouble, SignInRefused
from tenants.people.sso.fetching import check_address
from tenants.people.sso.provider import discover
from tenants.people.sso.tokens import PURPOSE, Claims

_DOMAIN = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+")
_BETWEEN = re.compile(r"[\s,;，；、]+")


def sign_in_service() -> SignInService | None:
    """Of the workspace at hand, in use or not."""
    return SignInService.objects.select_related("role").first()


def service_in_use() -> SignInService | None:
    found = sign_in_service()
    return found if found is not None and found.enabled else None


def is_only_way_in() -> bool:
    """Whether passwords of people who are no owners open nothing."""
    if current().is_public:
        return False
    found = service_in_use()
    return found is not None and found.required


def save_service(
    *,
    issuer: str,
    client_id: str,
    secret: str,
    button: str,
    domains: str,
    creates_people: bool,
    role: str,
    required: bool,
    enabled: bool,
    by: User,
) -> SignInService:
    """secret: '' keeps the one there is. domains: separated by spaces, commas or lines.

    The service is asked whether it is there before it is put in use. Raises NotAllowed, DomainError with messages by
    field.
    """
    require_administrator(by)
    standing, access = role_of(role)
    named = _domains(domains)
    problems: dict[str, Any] = {}
    if standing != Role.MEMBER:
        problems["role"] = _("Nobody becomes an administrator by signing in elsewhere.")
    if creates_people and not named:
        problems["domains"] = _(
            "Say whose addresses are believed: otherwise anybody could make themselves a person."
        )
    if not client_id.strip():
        problems["client_id"] = _("This is needed.")
    if not problems:
        problems = _trouble_with(issuer.strip(), enabled)
    if problems:
        raise DomainError(_("Please look at the marked fields."), fields=problems)
    with change(label=_("Changed how people sign in"), by=by):
        found = SignInService.objects.select_for_update().first() or SignInService()
        found.issuer, found.client_id = issuer.strip(), client_id.strip()
        if secret:
            found.sealed_secret = seal(secret, purpose=PURPOSE)
        found.button, found.domains = " ".join(button.split())[:60], named
        found.creates_people, found.role = creates_people, access
        found.enabled, found.required = enabled, required and enabled
        found.save()
        note_event(EventKind.SSO_CHANGED, by=by, text=_told(found))
    return found


def remove_service(*, by: User) -> None:
    """Nobody signs in by it any more; who was known there stays linked, for when it comes back."""
    require_administrator(by)
    with change(label=_("Changed how people sign in"), by=by):
        for found in SignInService.objects.all():
            found.delete()
        note_event(EventKind.SSO_CHANGED, by=by, text=_("Removed"))


def person_for(service: SignInService, claims: Claims) -> User:
    """Whom to sign in: who is known there, who has the verified address, or somebody new.

    Raises SignInRefused, OverLimit.
    """
    with change(label=_("Signed in by another service"), via="request"):
        known = OutsideIdentity.objects.select_related("person").filter(
            issuer=service.issuer, subject=claims.subject
        )
        identity = known.first()
        if identity is not None:
            OutsideIdentity.objects.filter(pk=identity.pk).update(last_used_at=now(), mail=claims.mail)
            _refuse_leaver(identity.person)
            return identity.person
        person = _by_mail(service, claims)
        _refuse_leaver(person)
        _link(service, claims, person)
    return person


def _refuse_leaver(person: User) -> None:
    if not person.is_active:
        raise SignInRefused(_("Your access was taken away. Ask somebody who runs this workspace."))


def link_person(service: SignInService, claims: Claims, *, person: User) -> None:
    """Somebody who is signed in shows who they are there. Raises Conflict when another is known under that name."""
    with change(label=_("Linked an account"), by=person):
        known = OutsideIdentity.objects.filter(issuer=service.issuer, subject=claims.subject).first()
        if known is not None and known.person_id != person.pk:
            raise Conflict(_("Somebody else of this workspace is linked with that account."))
        if known is None:
            _link(service, claims, person)


def is_same_person(service: SignInService, claims: Claims, person: User) -> bool:
    """For a question in between: whether the person who is signed in has just signed in there."""
    return OutsideIdentity.objects.filter(
        issuer=service.issuer, subject=claims.subject, person=person
    ).exists()


def is_linked(service: SignInService, person: Any) -> bool:
    return OutsideIdentity.objects.filter(issuer=service.issuer, person_id=person.pk).exists()


def _by_mail(service: SignInService, claims: Claims) -> User:
    if not claims.mail or not claims.mail_is_verified:
        raise SignInRefused(
            _("The service does not vouch for your mail address. Ask whoever runs it to verify it.")
        )
    is_believed = claims.mail.rpartition("@")[2] in service.domains
    person = User.objects.filter(email=claims.mail, is_placeholder=False).exclude(role=Role.SUPPORT).first()
    if service.domains and not is_believed:
        raise SignInRefused(
            _("Addresses like %(mail)s do not sign in this way here.") % {"mail": claims.mail}
        )
    # An administrator says which service is believed: no owner is known by it before they linked it themselves.
    if person is not None and (not service.domains or person.role == Role.OWNER):
        raise SignInRefused(
            _(
                "Sign in with your password once, and link the account under Profile; from then on this way is yours."
            )
        )
    if person is not None:
        return person
    return _newcomer(service, claims)


def _newcomer(service: SignInService, claims: Claims) -> User:
    name = claims.name or claims.mail.partition("@")[0]
    invited = take_up_invitation(mail=claims.mail, name=name)
    if invited is not None:
        return invited
    if not service.creates_people:
        raise SignInRefused(
            _("Nobody here has the address %(mail)s. Ask to be invited.") % {"mail": claims.mail}
        )
    return welcome(
        User(), mail=claims.mail, name=name, password=None, role=Role.MEMBER, access_role=service.role
    )


def _link(service: SignInService, claims: Claims, person: User) -> None:
    try:
        OutsideIdentity.objects.create(
            person=person, issuer=service.issuer, subject=claims.subject, mail=claims.mail, last_used_at=now()
        )
    except IntegrityError as error:
        raise Conflict(_("Somebody else has just made the same. Reload the page to see it.")) from error
    note_event(EventKind.SSO_LINKED, person=person, text=claims.mail or claims.subject)


def _domains(text: str) -> list[str]:
    """Raises DomainError for what is none."""
    found = sorted({each.lower().lstrip("@") for each in _BETWEEN.split(text) if each})
    wrong = [each for each in found if not _DOMAIN.fullmatch(each)]
    if wrong:
        message = _("Not a mail domain: %(domains)s") % {"domains": ", ".join(wrong[:5])}
        raise DomainError(message, fields={"domains": message})
    return found


def _trouble_with(issuer: str, enabled: bool) -> dict[str, Any]:
    try:
        check_address(issuer)
        if enabled:
            discover(issuer, fresh=True)
    except ServiceTrouble as error:
        return {"issuer": str(error)}
    return {}


def _told(service: SignInService) -> str:
    said = [service.issuer, _("in use") if service.enabled else _("not in use")]
    if service.required:
        said.append(_("required"))
    if service.creates_people:
        said.append(_("makes people"))
    return " · ".join([*said, *service.domains])
