"""Mails to people, and the sweep of what has expired."""

import datetime as dt
from uuid import UUID

from django.contrib.sessions.models import Session
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from core.clock import now, zone_or_utc
from core.tenancy.addresses import address_of
from core.tenancy.scope import current_snapshot
from core.tenancy.tasks import tenant_task
from tenants.people.confirmation import confirmation_token
from tenants.people.entrance import forget_entry_codes
from tenants.people.invitations import INVITATION_DAYS
from tenants.people.leaving.services import resume_still, take_step
from tenants.people.mailing import send_mail_in
from tenants.people.models import EventKind, HandOver, Invitation, User
from tenants.people.security.events import forget_older_than
from tenants.people.security.policy import security_policy


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


@tenant_task(name="people.send_security_notice", autoretry_for=(OSError,), retry_backoff=True)
def send_security_notice(
    tenant: str, person_id: str, kind: str, mail: str, text: str, ip: str, agent: str, at: str
) -> None:
    """Tell somebody what was done with their own account. A second run sends it again.

    at: when it was done (UTC, ISO 8601).
    """
    person = User.objects.filter(pk=UUID(person_id)).first()
    if person is None:
        return
    workspace = current_snapshot()
    context = {
        "workspace": workspace,
        "person": person,
        "what": EventKind(kind).label if kind != EventKind.SIGNED_IN else _("Signed in from a new device"),
        "text": text,
        "ip": ip,
        "agent": agent,
        "at": dt.datetime.fromisoformat(at).astimezone(zone_or_utc(person.time_zone or workspace.time_zone)),
        "url": address_of(workspace.domain, "/account/sessions/"),
    }
    send_mail_in(person.language or workspace.language, "tenants/people/mail/security_notice", mail, context)


@tenant_task(name="people.clear_expired")
def clear_expired(tenant: str) -> None:
    """Delete sessions, codes and lines of the security log that are past their time. A second run finds nothing."""
    Session.objects.filter(expire_date__lt=now()).delete()
    forget_entry_codes()
    forget_older_than(security_policy().log_days)


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
