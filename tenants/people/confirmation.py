"""Does a mail address belong to its person? Asked by a signed link, good in this workspace only.

The link is ours and not allauth's: allauth's key is a signed number that exists in every workspace.
"""

from uuid import UUID

from allauth.account.models import EmailAddress
from django.core.signing import BadSignature
from django.db import IntegrityError
from django.utils.translation import gettext as _

from core.clock import now
from core.errors import Conflict, DomainError
from core.history.context import change
from core.outbox.sending import send_on_commit
from core.records.search import index_records
from core.records.types import record_type
from core.tenancy.signing import sign, unsign
from tenants.people.models import EventKind, User
from tenants.people.security.events import note_event

CONFIRMATION_SECONDS = 7 * 24 * 3600
_PURPOSE = "confirm-mail"


class ConfirmationRefused(DomainError):
    """The link is not of this workspace, too old, or the person's address has changed since."""

    code = "confirmation_refused"
    status = 410


def confirmation_token(person: User, mail: str) -> str:
    """For the link in the mail. It names the address it was made from: a change makes older links void."""
    return sign({"person": str(person.pk), "from": person.email, "to": mail}, purpose=_PURPOSE)


def read_confirmation(token: str) -> tuple[User, str]:
    """The person and the address to confirm. Raises ConfirmationRefused."""
    try:
        claims = unsign(token, purpose=_PURPOSE, max_age_seconds=CONFIRMATION_SECONDS)
    except BadSignature:
        raise ConfirmationRefused(_("This link is not valid here, or is older than a week."))
    person = User.objects.filter(pk=UUID(claims["person"]), is_active=True).first()
    if person is None or person.email not in (claims["from"], claims["to"]):
        raise ConfirmationRefused(_("The mail address has changed since this link was sent."))
    return person, claims["to"]


def confirm_mail(token: str) -> User:
    """Note that the address is the person's, and make it theirs when it is a new one.

    Confirming twice changes nothing. Raises ConfirmationRefused, Conflict when somebody else has it.
    """
    person, mail = read_confirmation(token)
    if person.email == mail and person.mail_confirmed_at:
        return person
    with change(label=_("Confirmed a mail address"), by=person):
        person = User.objects.select_for_update().get(pk=person.pk)
        former = person.email or ""
        person.email, person.mail_confirmed_at = mail, now()
        try:
            person.save(update_fields=["email", "mail_confirmed_at", "updated_at"])
        except IntegrityError:
            raise Conflict(_("Somebody else in this workspace has this address."))
        EmailAddress.objects.filter(user=person).exclude(email=mail).delete()
        EmailAddress.objects.update_or_create(
            user=person, email=mail, defaults={"primary": True, "verified": True}
        )
        index_records(record_type("person"), [person.pk])
        if former and former != mail:
            # Told where the person was reached until now: it may not have been them.
            note_event(EventKind.MAIL_CHANGED, person=person, text=f"{former} → {mail}", mail=former)
        send_on_commit("signup.sync_mails")
    return person


def ask_to_confirm(person: User, *, mail: str = "") -> None:
    """Send the link again, or to a new address that the person wants. Raises DomainError."""
    mail = mail.strip().lower()
    if mail and User.objects.filter(email=mail).exists():
        message = _("Somebody in this workspace has this address already.")
        raise DomainError(message, fields={"mail": message})
    send_on_commit("people.send_confirmation", str(person.pk), mail)
