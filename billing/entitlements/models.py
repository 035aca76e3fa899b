"""What was given beside the plan. Public schema."""

from django.db import models

from core.ids import uuid7
from tenants.registry.models import Tenant


class TemporaryGrant(models.Model):
    """More of a limit (amount in its unit), or a feature, until a moment (UTC; None: for good).

    granted_by: who, as text, since operators come and go. withdrawn_at: taken back before its end (UTC).
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="grants")
    limit = models.CharField(max_length=30, blank=True)
    amount = models.PositiveBigIntegerField(default=0)
    feature = models.CharField(max_length=30, blank=True)
    until = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=200)
    granted_by = models.CharField(max_length=120)
    created_at = models.DateTimeField(auto_now_add=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
