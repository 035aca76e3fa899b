"""Background work of this room."""

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils.translation import gettext as _

from core.clock import now
from core.tenancy.addresses import address_of
from core.tenancy.scope import current_snapshot
from core.tenancy.tasks import public_task, tenant_task
from crm.activities.models import Notification
from crm.activities.services.notifications import MAIL_TASK, speaking_to
from crm.activities.services.reminders import HINTS, remind_due
from tenants.registry.selectors import ready_schemas


@public_task(name="activities.remind_all")
def remind_all() -> int:
    """Every minute: a task for each workspace with a reminder due. A second run sends the same tasks."""
    due = HINTS.due_among(ready_schemas())
    for schema in due:
        remind_workspace.delay(schema)
    return len(due)


@tenant_task(name="activities.remind_workspace")
def remind_workspace(tenant: str) -> int:
    """Give the reminders that are due. A second run finds them given."""
    return remind_due()


@tenant_task(name=MAIL_TASK, autoretry_for=(OSError,), retry_backoff=True)
def mail_notification(tenant: str, notification_id: str) -> None:
    """Mail one notification to its person. A second run finds it mailed and does nothing.

    It is marked before the mail is handed over: a worker that dies in between loses one mail rather than
    sending two; the notification itself is there either way. A mail server that does not take it (SMTPException
    is an OSError) is asked again, later each time.
    """
    notification = _claim(notification_id)
    if notification is None:
        return
    try:
        _mail_of(notification).send()
    except OSError:
        notification.mailed_at = None
        notification.save(update_fields=["mailed_at"])
        raise


def _claim(notification_id: str) -> Notification | None:
    """Mark a notification as mailed; None when it is already, or wants no mail."""
    with transaction.atomic():
        waiting = Notification.objects.select_for_update(of=("self",)).select_related("person")
        notification = waiting.filter(
            pk=notification_id, mail_wanted_at__isnull=False, mailed_at__isnull=True
        ).first()
        if notification is not None:
            notification.mailed_at = now()
            notification.save(update_fields=["mailed_at"])
    return notification


def _mail_of(notification: Notification) -> EmailMessage:
    """In the language of the person."""
    snapshot = current_snapshot()
    with speaking_to(notification.person):
        link = address_of(snapshot.domain, notification.url or "/")
        footer = _("You get this because you asked to be reminded by mail.")
        return EmailMessage(
            subject=" ".join(notification.text.split()),
            body=f"{notification.text}\n\n{link}\n\n{footer}\n{snapshot.name}\n",
            from_email=settings.DEFAULT_FROM_EMAIL,
            to=[notification.person.email],
        )
