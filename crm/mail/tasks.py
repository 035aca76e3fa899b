"""Handing mails to the mail server."""

import smtplib
from email.utils import parseaddr
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.translation import gettext as _

from core.tenancy.scope import current_snapshot
from core.tenancy.tasks import tenant_task
from crm.activities.models import Activity
from crm.activities.services.notifications import speaking_to
from crm.mail.rules import sender_address
from crm.mail.services import SEND_TASK, claim_mail, settle_mail
from tenants.people.mailing import with_footer


@tenant_task(name=SEND_TASK)
def send(tenant: str, activity_id: str) -> str:
    """Send one mail. A second run finds it taken and does nothing.

    A worker that dies between taking and sending leaves the mail "sending"; the timeline offers to send it
    again after ten minutes, since nobody can know whether it left.
    """
    activity = claim_mail(UUID(activity_id))
    if activity is None:
        return "not queued"
    failure = ""
    try:
        _message(activity).send()
    except (smtplib.SMTPException, OSError, ValueError) as error:
        failure = _reason(activity, error)
    settle_mail(activity.pk, failure=failure)
    return failure or "sent"


def _message(activity: Activity) -> EmailMessage:
    author = activity.author
    no_reply = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    return EmailMessage(
        subject=activity.title,
        body=with_footer(activity.body),
        from_email=sender_address(author.name if author else "", current_snapshot().name, no_reply),
        to=activity.details["to"],
        cc=activity.details["cc"],
        reply_to=[author.email] if author and author.email else None,
    )


def _reason(activity: Activity, error: Exception) -> str:
    """For the person who wrote it, in their language; the server's own words follow."""
    with speaking_to(activity.author):
        if isinstance(error, smtplib.SMTPRecipientsRefused):
            said = "; ".join(sorted(error.recipients))
            return _("The mail server refused these addresses: %(said)s") % {"said": said}
        if isinstance(error, smtplib.SMTPResponseException):
            said = f"{error.smtp_code} {_decoded(error.smtp_error)}"
            return _("The mail server refused it: %(said)s") % {"said": said}
        return _("The mail server cannot be reached: %(said)s") % {"said": error}


def _decoded(text: bytes | str) -> str:
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
