"""Sending one mail from a record. It is logged first and sent after the commit, by a task."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from core.clock import now
from core.entitlements import Feature, Limit, require
from core.errors import DomainError, NotAllowed
from core.history.context import change
from core.limits import spend
from core.outbox.sending import send_on_commit
from core.records.types import type_of
from core.records.writing import Written
from core.usage.counting import spend as spend_limit
from crm.activities.models import Activity, Kind
from crm.activities.services.activities import log_activity
from crm.mail.rules import check_subject, read_addresses
from tenants.people.models import User

SEND_TASK = "mail.send"
RECIPIENTS_AN_HOUR = 60
"""Of one person. A trial costs nothing: without a bound it would carry anybody's bulk mail."""
RECIPIENTS_A_DAY = 500
"""Of one workspace."""
STUCK_AFTER = timedelta(minutes=10)
"""A mail still "sending" after this long was in the hands of a worker that died."""


def send_mail(target: Any, *, to: str, cc: str, subject: str, text: str, by: User) -> Written:
    """Log a mail on a record and send it soon. to, cc: addresses as typed.

    Raises DomainError for what cannot be sent, NotAllowed for somebody who asked not to be written to or
    whose own address is not confirmed, TooOften.
    """
    _require_sender(by)
    if getattr(target, "do_not_contact", False):
        raise NotAllowed(_("This contact asked not to be contacted."))
    recipients = read_addresses(to, field="to")
    if not recipients:
        message = _("A mail needs a recipient.")
        raise DomainError(message, fields={"to": message})
    copies = read_addresses(cc, field="cc")
    subject = check_subject(subject)
    _spend_recipients([*recipients, *copies], by=by)
    label = _("Sent a mail to “%(title)s”") % {"title": type_of(target).title_of(target)}
    with change(label=label, by=by) as entry:
        spend_limit(Limit.MAILS, len(recipients) + len(copies))
        activity = log_activity(
            target,
            kind=Kind.MAIL,
            text=text,
            title=subject,
            details={"to": recipients, "cc": copies, "state": "queued", "reason": ""},
            by=by,
        ).record
        send_on_commit(SEND_TASK, str(activity.pk))
    return Written([activity], entry.batch)


def retry_mail(activity_id: UUID, *, by: User) -> Activity:
    """Send a failed mail once more: its author or an administrator.

    Raises Activity.DoesNotExist, NotAllowed, DomainError, TooOften.
    """
    _require_sender(by)
    with change(label=_("Sent a mail again"), by=by):
        activity = Activity.objects.select_for_update().get(pk=activity_id, kind=Kind.MAIL)
        if activity.author_id != by.pk and not by.may_administer:
            raise NotAllowed(_("Only its author or an administrator can change this."))
        state = activity.details.get("state")
        stuck = state in ("queued", "sending") and now() - activity.updated_at > STUCK_AFTER
        if state != "failed" and not stuck:
            raise DomainError(_("This mail is on its way or has been sent."))
        _spend_recipients([*activity.details["to"], *activity.details["cc"]], by=by)
        _write_state(activity, "queued")
        send_on_commit(SEND_TASK, str(activity.pk))
    return activity


def claim_mail(activity_id: UUID) -> Activity | None:
    """Take a queued mail to send it; None when somebody else has it, it is sent, or it was undone."""
    with change(label=_("Mail on its way"), via="mail"):
        activity = (
            Activity.objects.select_for_update(of=("self",))
            .select_related("author")
            .filter(pk=activity_id)
            .first()
        )
        if activity is None or activity.details.get("state") != "queued":
            return None
        _write_state(activity, "sending")
    return activity


def settle_mail(activity_id: UUID, *, failure: str = "") -> None:
    """What became of a mail. failure: the reason in words; '' for sent."""
    with change(label=_("Mail not sent") if failure else _("Mail sent"), via="mail"):
        activity = Activity.everything.select_for_update().get(pk=activity_id)
        _write_state(activity, "failed" if failure else "sent", failure)


def _require_sender(by: User) -> None:
    """The plan sends mails, and answers go to the sender's address, so it is theirs. Raises NotInPlan, NotAllowed."""
    require(Feature.MAIL)
    if by.mail_confirmed_at is None:
        raise NotAllowed(_("Confirm your own mail address first."))


def _spend_recipients(addresses: list[str], *, by: User) -> None:
    """Raises TooOften. Counters are the workspace's own: the cache's keys carry it."""
    count = len(addresses)
    spend("mail-recipients", str(by.pk), limit=RECIPIENTS_AN_HOUR, seconds=3600, amount=count)
    spend("mail-recipients", "workspace", limit=RECIPIENTS_A_DAY, seconds=24 * 3600, amount=count)


def _write_state(activity: Activity, state: str, reason: str = "") -> None:
    activity.details = {**activity.details, "state": state, "reason": reason[:300]}
    activity.updated_at = now()
    activity.save(update_fields=["details", "updated_at"])
