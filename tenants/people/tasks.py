"""Mails to people, and the sweep of what has expired."""

from uuid import UUID

from django.contrib.sessions.models import Session
from django.utils import translation

from core.clock import now
from core.tenancy.addresses import address_of
from core.tenancy.scope import current_snapshot
from core.tenancy.tasks import tenant_task
from tenants.people.confirmation import confirmation_token
from tenants.people.entrance import forget_entry_codes
from tenants.people.invitations import INVITATION_DAYS
from tenants.people.leaving.services import resume_still, take_step
from tenants.people.mailing import send_mail_in
from tenants.people.models import HandOver, Invitation, User


@tenant_task(name="people.send_invitation", autoretry_for=(OSError,), retry_backoff=True)
def send_invitation(tenant: str, invitation_id: str, token: str) -> None:
    """The mail with the link. A second run sends the same link again; an answered one sends nothing."""
    invitation = Invitation.objects.select_related("invited_by").filter(pk=UUID(invitation_id)).first()
    if invitation is None or invitation.accepted_at or invitation.withdrawn_at:
        return
    workspace = current_snapshot()
    context = {
        "workspace": workspace,
        "inviter": invitation.invited_by,
        "url": address_of(workspace.domain, f"/join/{token}/"),
        "days": INVITATION_DAYS,
    }
    send_mail_in(workspace.language, "tenants/people/mail/invitation", invitation.email, context)


@tenant_task(name="people.send_confirmation", autoretry_for=(OSError,), retry_backoff=True)
def send_confirmation(tenant: str, person_id: str, mail: str = "") -> None:
    """Ask whether an address is the person's. mail: a new one that they want; '' for the one they have.

    A second run sends a second, equally good link; an address confirmed meanwhile sends nothing.
    """
    person = User.objects.filter(pk=UUID(person_id), is_active=True).exclude(email=None).first()
    if person is None or (not mail and person.mail_confirmed_at):
        return
    to = mail or str(person.email)
    workspace = current_snapshot()
    context = {
        "workspace": workspace,
        "person": person,
        "url": address_of(workspace.domain, f"/confirm/{confirmation_token(person, to)}/"),
    }
    send_mail_in(person.language or workspace.language, "tenants/people/mail/confirmation", to, context)


@tenant_task(name="people.clear_expired")
def clear_expired(tenant: str) -> None:
    """Delete sessions and one-time codes that nobody can use any more. A second run finds nothing."""
    Session.objects.filter(expire_date__lt=now()).delete()
    forget_entry_codes()


@tenant_task(name="people.hand_over")
def hand_over(tenant: str, hand_over_id: str) -> None:
    """Go on with a hand-over to its end. A second run takes turns with the first, and finds it done."""
    found = HandOver.objects.get(pk=UUID(hand_over_id))
    with translation.override(found.language):
        while take_step(found.pk):
            pass


@tenant_task(name="people.resume_hand_overs")
def resume_hand_overs(tenant: str) -> int:
    """Give hand-overs whose worker was lost to another one. A second run finds that they move."""
    return resume_still()
