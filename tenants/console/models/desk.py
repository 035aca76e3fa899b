"""How each operator works with the list of tenants, what they looked at, and the figures of each day."""

from django.db import models

from core.ids import uuid7
from tenants.registry.models import Tenant


class SavedFilter(models.Model):
    """An operator's own tab above the list: what stood in the address when it was saved."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    operator_id = models.UUIDField()
    name = models.CharField(max_length=40)
    tab = models.CharField(max_length=20)
    search = models.CharField(max_length=200, blank=True)
    sort = models.CharField(max_length=20)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["operator_id", "name"], name="one_filter_a_name_and_operator")
        ]


class ListLayout(models.Model):
    """Which columns of the list an operator sees, by name and in the list's order. No row: the usual ones."""

    operator_id = models.UUIDField(primary_key=True)
    columns = models.JSONField(default=list)


class TenantLook(models.Model):
    """An operator opened a tenant's page within an hour (its beginning, UTC): so that it is told once an hour."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    operator_id = models.UUIDField()
    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="+")
    hour = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["operator_id", "tenant", "hour"], name="one_look_an_hour")
        ]


class DailyFigures(models.Model):
    """How the installation stood on a day (UTC), as last seen. monthly_minor: {currency: minor units a month}."""

    day = models.DateField(primary_key=True)
    paying = models.PositiveIntegerField()
    trials_ending = models.PositiveIntegerField()
    past_due = models.PositiveIntegerField()
    monthly_minor = models.JSONField(default=dict)

    class Meta:
        ordering = ["day"]
