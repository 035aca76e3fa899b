"""Base of every record, and what the shared machinery keeps about records."""

from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from core.clock import now
from core.ids import uuid7
from core.records.custom import CustomValues
from core.tenancy.models import TenantModel


class AliveManager(models.Manager[Any]):
    """Hides what lies in the bin."""

    def get_queryset(self) -> models.QuerySet[Any]:
        return super().get_queryset().filter(deleted_at__isnull=True)


class Record(TenantModel):
    """One record of a record type.

    created_at, updated_at: UTC. deleted_at: when it went to the bin; None for a living record.
    `objects` hides the bin, `everything` does not.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    created_at = models.DateTimeField(_("created"), db_default=Now(), default=now, editable=False)
    updated_at = models.DateTimeField(_("changed"), db_default=Now(), default=now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+"
    )
    deleted_at = models.DateTimeField(null=True, editable=False)

    objects = AliveManager()
    everything = models.Manager()

    class Meta:
        abstract = True
        base_manager_name = "everything"
        default_manager_name = "objects"


class ShapedRecord(Record):
    """A record of a type that workspaces give fields of their own. custom, computed: see core.records.custom."""

    custom = CustomValues()
    computed = CustomValues()

    class Meta(Record.Meta):
        abstract = True


class SearchDocument(models.Model):
    """What one record is found by. Derived: not recorded in history, rebuilt by `manage.py reindex`.

    id: the record's. text: folded, with digits, pinyin and initials. tokens: for one or two characters.
    """

    id = models.UUIDField(primary_key=True)
    record_type = models.CharField(max_length=40)
    title = models.CharField(max_length=300)
    subtitle = models.CharField(max_length=300, blank=True)
    text = models.TextField()
    tokens = ArrayField(models.TextField())
    owner_id = models.UUIDField(null=True)
    team_id = models.UUIDField(null=True)

    class Meta:
        indexes = [
            GinIndex(OpClass("text", "gin_trgm_ops"), name="search_by_fragment"),
            GinIndex(fields=["tokens"], name="search_by_token"),
        ]


class SavedView(TenantModel):
    """A list as somebody wants to see it again. query: the list's URL query, checked when opened.

    owner None or shared: for everybody.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    record_type = models.CharField(max_length=40)
    name = models.CharField(_("name"), max_length=80)
    query = models.TextField(blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    shared = models.BooleanField(_("for everybody"), default=False)
    pinned = models.BooleanField(_("in the menu"), default=False)
    position = models.IntegerField(default=0)
    created_at = models.DateTimeField(default=now, editable=False)
    updated_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        indexes = [models.Index(fields=["record_type", "position"], name="saved_view_by_type")]


class Visit(models.Model):
    """Which records a person looked at last, for "recent" in the palette and on the desk."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    record_type = models.CharField(max_length=40)
    record_id = models.UUIDField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "record_id"], name="one_visit_a_record")]
        indexes = [models.Index(fields=["person", "-at"], name="visit_by_person")]


class RecordShare(TenantModel):
    """One record shown to somebody whose role does not show it. subject_id: of a person or a team.

    may_edit: and changed by them. Whoever may edit a record may share it.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    record_type = models.CharField(max_length=40)
    record_id = models.UUIDField()
    subject_id = models.UUIDField()
    may_edit = models.BooleanField(_("may edit"), default=False)
    shared_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["record_id", "subject_id"], name="one_share_a_subject")
        ]
        indexes = [models.Index(fields=["subject_id", "record_type"], name="share_by_subject")]
