"""Fields that a workspace gives its record types, and how it lays out all of them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.choices import TextChoices
from core.clock import now
from core.ids import uuid7
from core.tenancy.models import TenantModel
from crm.customize.models import PicklistItem
from tenants.people.ownership import OwnedRecord


class FieldKind(TextChoices):
    """What a field holds."""

    TEXT = "text", _("Text")
    LONG_TEXT = "long_text", _("Long text")
    NUMBER = "number", _("Number")
    MONEY = "money", _("Money")
    PERCENT = "percent", _("Percent")
    DATE = "date", _("Date")
    MOMENT = "moment", _("Date and time")
    TIME = "time", _("Time of day")
    YES_NO = "yes_no", _("Yes or no")
    CHOICE = "choice", _("Choice")
    CHOICES = "choices", _("Several choices")
    LINK = "link", _("Link to a record")
    PERSON = "person", _("Person")
    PHONE = "phone", _("Phone")
    MAIL = "mail", _("Mail")
    WEB = "web", _("Web address")
    ADDRESS = "address", _("Postal address")
    FORMULA = "formula", _("Formula")
    ROLL_UP = "roll_up", _("Roll-up")


class Ordering(TextChoices):
    """Whether lists can be sorted by a field: an index has to be built for it."""

    NONE = "none", _("Not sorted by")
    WANTED = "wanted", _("Being prepared")
    READY = "ready", _("Sorted by")
    FAILED = "failed", _("Could not be prepared")


class CustomField(TenantModel):
    """One field of a record type. name: what addresses, files and the API call it; it never changes.

    key: under which values stand in a record, see core.records.custom. options: what the kind needs more, see
    rules.kinds. retired_at: since when it is not offered any more; its values stay where they are.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    record_type = models.CharField(max_length=40)
    name = models.CharField(max_length=40)
    key = models.CharField(max_length=42)
    kind = models.CharField(_("kind"), max_length=12, choices=FieldKind)
    label = models.CharField(_("label"), max_length=80)
    help = models.CharField(_("help"), max_length=200, blank=True)
    required = models.BooleanField(_("required"), default=False)
    searched = models.BooleanField(_("found by search"), default=False)
    ordering = models.CharField(max_length=8, choices=Ordering, default=Ordering.NONE)
    options = models.JSONField(default=dict, blank=True)
    position = models.IntegerField(default=0)
    retired_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        ordering = ["record_type", "position", "created_at"]
        constraints = [
            models.UniqueConstraint(fields=["record_type", "name"], name="custom_field_name_unique"),
        ]

    def __str__(self) -> str:
        return self.label


class FieldLayout(TenantModel):
    """How a record type's form and page are laid out, where the workspace has changed it.

    sections: [{"label": text, "fields": [name, …]}]. rules: {name: {"required": true, "stages": [id, …],
    "shown_if": [{"field": name, "values": [text, …]}]}}, see rules.layouts.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    record_type = models.CharField(max_length=40, unique=True)
    sections = models.JSONField(default=list, blank=True)
    rules = models.JSONField(default=dict, blank=True)
    updated_at = models.DateTimeField(default=now, editable=False)


class CustomType(TenantModel):
    """A record type that the workspace made. key, slug: in its records, addresses and the API; they never change.

    has_stages: whether its records go through stages, a list of choices. in_menu: whether it has a place there.
    retired_at: since when it is not offered any more; its records stay.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    key = models.CharField(max_length=30, unique=True)
    slug = models.CharField(max_length=32, unique=True)
    label = models.CharField(_("name of one"), max_length=60)
    label_plural = models.CharField(_("name of several"), max_length=60)
    icon = models.CharField(_("icon"), max_length=30, default="package")
    title_label = models.CharField(max_length=60, blank=True)
    has_stages = models.BooleanField(_("goes through stages"), default=False)
    in_menu = models.BooleanField(_("in the menu"), default=True)
    position = models.IntegerField(default=0)
    retired_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        ordering = ["position", "created_at"]

    def __str__(self) -> str:
        return self.label


class CustomRecord(OwnedRecord):
    """A record of a type that the workspace made. record_type: its key. stage: of the type's own list of choices."""

    record_type = models.CharField(max_length=30, editable=False)
    name = models.CharField(_("name"), max_length=200)
    name_key = models.CharField(max_length=240, editable=False)
    stage = models.ForeignKey(PicklistItem, models.SET_NULL, null=True, blank=True, related_name="+")
    last_activity_at = models.DateTimeField(null=True, editable=False)
    description = models.TextField(blank=True)

    class Meta(OwnedRecord.Meta):
        indexes = [
            models.Index(fields=["record_type", "name_key", "id"], name="custom_record_by_name"),
            models.Index(fields=["record_type", "updated_at", "id"], name="custom_record_by_change"),
            models.Index(fields=["record_type", "last_activity_at", "id"], name="custom_record_by_activity"),
            models.Index(fields=["record_type", "owner", "name_key", "id"], name="custom_record_by_owner"),
        ]

    def __str__(self) -> str:
        return self.name
