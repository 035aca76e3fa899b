"""Support access: an operator in a customer's workspace, for a reason and a time, seen by both sides."""

import datetime as dt

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.choices import TextChoices
from core.ids import uuid7
from tenants.registry.models import Tenant

LONGEST = dt.timedelta(minutes=60)


class Policy(TextChoices):
    """What a workspace says to support. Without a word of its own, the installation's default counts."""

    FORBID = "forbid", _("Never")
    ASK = "ask", _("Ask us first")
    ALLOW = "allow", _("Whenever it is needed")


class Mode(TextChoices):
    READ_ONLY = "read_only", _("Only look")
    MAY_WRITE = "may_write", _("Look and change")


class AccessState(TextChoices):
    """asked → granted → running → ended; asked → refused; asked or granted → lapsed."""

    ASKED = "asked", pgettext_lazy("support", "Asked")
    GRANTED = "granted", pgettext_lazy("support", "Allowed")
    RUNNING = "running", pgettext_lazy("support", "Running")
    ENDED = "ended", pgettext_lazy("support", "Ended")
    REFUSED = "refused", pgettext_lazy("support", "Refused")
    LAPSED = "lapsed", pgettext_lazy("support", "Lapsed")


class SupportPolicy(models.Model):
    """The workspace's own word; no row: the default of the installation."""

    tenant = models.OneToOneField(Tenant, models.CASCADE, primary_key=True, related_name="support_policy")
    policy = models.CharField(max_length=6, choices=Policy)
    changed_by = models.CharField(max_length=120)
    changed_at = models.DateTimeField(auto_now=True)


class SupportAccess(models.Model):
    """One access, from the question to its end. Times are UTC.

    minutes: how long it may run, 60 at most, also by the database's own check. code_hash: SHA-256 of the one-time
    code that carries the operator over, good until code_expires_at. answered_by, ended_by: people as text.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="support_accesses")
    operator_id = models.UUIDField(db_index=True)
    operator_name = models.CharField(max_length=120)
    reason = models.CharField(max_length=300)
    ticket = models.CharField(max_length=80)
    minutes = models.PositiveSmallIntegerField()
    mode = models.CharField(max_length=9, choices=Mode, default=Mode.READ_ONLY)
    state = models.CharField(max_length=8, choices=AccessState, default=AccessState.ASKED, db_index=True)
    asked_at = models.DateTimeField(auto_now_add=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.CharField(max_length=120, blank=True)
    code_hash = models.CharField(max_length=64, blank=True, db_index=True)
    code_expires_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["tenant", "-id"], name="support_of_tenant")]
        constraints = [
            models.CheckConstraint(
                condition=Q(minutes__gte=1) & Q(minutes__lte=60), name="support_an_hour_at_most"
            ),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__lte=F("started_at") + LONGEST),
                name="support_ends_within_the_hour",
            ),
        ]


class SupportRequest(models.Model):
    """One request of a support access. path: without what stands behind the question mark."""

    access = models.ForeignKey(SupportAccess, models.CASCADE, related_name="requests")
    at = models.DateTimeField(auto_now_add=True)
    method = models.CharField(max_length=8)
    path = models.CharField(max_length=500)
    status = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["-id"]
