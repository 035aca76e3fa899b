"""What the installation as a whole tells, switches, sends and is set to."""

from typing import Any

from django.db import models
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from core.choices import TextChoices
from core.ids import uuid7
from tenants.registry.models import Tenant


class Announcement(models.Model):
    """A notice above the pages of workspaces, from one moment to another (UTC; ends_at None: until withdrawn).

    plans, tenants: whom it is for by plan key and tenant id (text); both empty: everybody.
    """

    class Severity(TextChoices):
        NEWS = "news", pgettext_lazy("announcement", "News")
        WARNING = "warning", pgettext_lazy("announcement", "Warning")
        TROUBLE = "trouble", pgettext_lazy("announcement", "Trouble")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    title_en = models.CharField(_("Title (English)"), max_length=120)
    title_zh = models.CharField(_("Title (Chinese)"), max_length=120)
    text_en = models.TextField(_("Text (English)"), max_length=1000)
    text_zh = models.TextField(_("Text (Chinese)"), max_length=1000)
    severity = models.CharField(max_length=8, choices=Severity, default=Severity.NEWS)
    plans = models.JSONField(default=list, blank=True)
    tenants = models.JSONField(default=list, blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    created_by = models.CharField(max_length=120)
    created_at = models.DateTimeField(auto_now_add=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-starts_at", "-id"]

    @property
    def title(self) -> str:
        return self.title_zh if (get_language() or "").startswith("zh") else self.title_en

    @property
    def text(self) -> str:
        return self.text_zh if (get_language() or "").startswith("zh") else self.text_en


class FeatureSwitch(models.Model):
    """For whom a switch of rules.SWITCHES is on. No row: for nobody.

    percent: of all tenants, by a stable hash. plans: keys. tenants_on, tenants_off: ids as text; off wins over all.
    """

    key = models.CharField(primary_key=True, max_length=40)
    percent = models.PositiveSmallIntegerField(default=0)
    plans = models.JSONField(default=list, blank=True)
    tenants_on = models.JSONField(default=list, blank=True)
    tenants_off = models.JSONField(default=list, blank=True)
    changed_by = models.CharField(max_length=120)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(percent__lte=100), name="switch_percent")]


class SentMail(models.Model):
    """One mail that went, or did not go, through the installation; kept for 30 days.

    recipient: masked (o…@f….example); recipient_hash: registry.mail_hash of the address, to find an address that one
    knows. kind: the template or room that sent it. error: what the server said; '' when it took the mail.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    at = models.DateTimeField(auto_now_add=True, db_index=True)
    tenant = models.ForeignKey(Tenant, models.CASCADE, null=True, blank=True, related_name="+")
    kind = models.CharField(max_length=60)
    recipient = models.CharField(max_length=120)
    recipient_hash = models.CharField(max_length=64, db_index=True)
    sent = models.BooleanField()
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-id"]


class ConsoleSetting(models.Model):
    """One setting of the installation by its key."""

    key = models.CharField(primary_key=True, max_length=40)
    value: Any = models.JSONField()
    changed_at = models.DateTimeField(auto_now=True)
