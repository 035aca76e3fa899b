"""What a workspace shapes for itself: picklists (基础数据)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.ids import uuid7
from core.tenancy.models import TenantModel


class PicklistItem(TenantModel):
    """One choice of a picklist. picklist: its key, e.g. 'trade'. tone: a badge tone or ''.

    retired: no longer offered, still shown where it was chosen. formerly: names of the choices that were merged
    into this one; files go on using them.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    picklist = models.CharField(max_length=40)
    label = models.CharField(_("label"), max_length=80)
    position = models.IntegerField(default=0)
    tone = models.CharField(max_length=12, blank=True)
    retired = models.BooleanField(default=False)
    formerly = models.JSONField(default=list, db_default=[], blank=True)

    class Meta:
        ordering = ["position", "label"]
        constraints = [
            models.UniqueConstraint(fields=["picklist", "label"], name="picklist_label_unique"),
        ]

    def __str__(self) -> str:
        return self.label
