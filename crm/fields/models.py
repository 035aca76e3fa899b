"""Fields that a workspace gives its record types, and how it lays out all of them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.choices import TextChoices
from core.clock import now
from core.ids import uuid7
from core.tenancy.models import TenantModel


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
