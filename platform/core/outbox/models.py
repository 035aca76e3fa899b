"""What waits to be sent."""

from django.db import models
from django.db.models.functions import Now

from core.ids import uuid7
from core.tenancy.models import TenantModel


class WaitingTask(TenantModel):
    """A task that a committed transaction asked for; gone once the queue has taken it.

    name: as registered. arguments: without the tenant, whose own table this is. Written in the transaction that
    asks for the task, so that neither is there without the other.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=100)
    arguments = models.JSONField(default=list)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["id"]
