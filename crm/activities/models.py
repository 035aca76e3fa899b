"""Activities (跟进记录): what happened with a record, and what is to be done."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.choices import TextChoices
from core.clock import now
from core.ids import uuid7
from core.records.models import Record, ShapedRecord
from core.tenancy.models import TenantModel
from tenants.people.models import User


class Kind(TextChoices):
    """What an activity was, or a task is."""

    NOTE = "note", _("Note")
    CALL = "call", _("Call")
    MEETING = "meeting", _("Meeting")
    VISIT = "visit", _("Visit")
    MAIL = "mail", _("Mail")
    TASK = "task", _("Task")


TASK_KINDS = (Kind.TASK, Kind.CALL, Kind.MEETING, Kind.VISIT, Kind.MAIL)
"""What a task may be: notes are only written down."""


class Activity(Record):
    """Something that happened with one record; any room's records can be its target.

    target_type, target_id: the record. root_id: another record whose timeline also shows it (the account
    of a contact). at: when it happened (UTC). details: what the kind needs more, e.g. a mail's recipients.
    """

    kind = models.CharField(max_length=8, choices=Kind)
    target_type = models.CharField(max_length=40)
    target_id = models.UUIDField()
    root_id = models.UUIDField(null=True)
    at = models.DateTimeField(default=now)
    author = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    title = models.CharField(max_length=200, blank=True)
    body = models.TextField(blank=True)
    minutes = models.IntegerField(null=True, blank=True)
    details = models.JSONField(default=dict, blank=True)

    class Meta(Record.Meta):
        indexes = [
            models.Index(fields=["target_id", "-at", "-id"], name="activity_by_target"),
            models.Index(fields=["root_id", "-at", "-id"], name="activity_by_root"),
            models.Index(fields=["author", "-at"], name="activity_by_author"),
        ]


class Task(ShapedRecord):
    """Something to be done. due_on: the day; due_at: also the time of day, where one was set (UTC).

    remind_at: when its person wants to be told (UTC); reminded_at: when that happened. remind_by_mail:
    whether a mail goes out beside the notification.
    target_*, root_id: as of an activity; a task may stand alone.
    """

    title = models.CharField(_("title"), max_length=200)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.TASK)
    owner = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("owner")
    )
    due_on = models.DateField(_("due"), null=True, blank=True)
    due_at = models.DateTimeField(_("at"), null=True, blank=True)
    remind_at = models.DateTimeField(_("remind"), null=True, blank=True)
    remind_by_mail = models.BooleanField(_("remind by mail"), default=False, db_default=False)
    reminded_at = models.DateTimeField(null=True, editable=False)
    done_at = models.DateTimeField(_("done"), null=True, blank=True)
    description = models.TextField(_("description"), blank=True)
    target_type = models.CharField(max_length=40, blank=True)
    target_id = models.UUIDField(null=True, blank=True)
    root_id = models.UUIDField(null=True, blank=True)

    class Meta(ShapedRecord.Meta):
        indexes = [
            models.Index(
                fields=["owner", "due_on"],
                condition=models.Q(done_at__isnull=True, deleted_at__isnull=True),
                name="task_open_by_owner",
            ),
            models.Index(fields=["target_id", "due_on"], name="task_by_target"),
            models.Index(fields=["root_id", "due_on"], name="task_by_root"),
            models.Index(
                fields=["remind_at"],
                condition=models.Q(reminded_at__isnull=True, done_at__isnull=True),
                name="task_by_reminder",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Notification(TenantModel):
    """Something a person should see. url: a path inside the workspace.

    mail_wanted_at, mailed_at: when a mail was asked for, and when one was handed over (UTC).
    """

    class Kind(TextChoices):
        MENTION = "mention", _("Mention")
        REMINDER = "reminder", _("Reminder")
        ASSIGNMENT = "assignment", _("Assignment")
        JOB = "job", _("Job")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(User, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20, choices=Kind)
    text = models.CharField(max_length=300)
    url = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=now)
    read_at = models.DateTimeField(null=True)
    mail_wanted_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["person", "-created_at"], name="notification_by_person")]
