"""Counters of what is used up in a period."""

from django.db import models

from core.ids import uuid7
from core.tenancy.models import TenantModel


class UsageCount(TenantModel):
    """key: a Limit. period: '2026-11' or '2026-11-25', in the workspace's zone. used: in the limit's unit."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    key = models.CharField(max_length=30)
    period = models.CharField(max_length=10)
    used = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "period"], name="one_count_a_period")]
