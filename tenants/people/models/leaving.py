"""Hand-overs (交接): what one person owns on its way to others."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.choices import TextChoices
from core.clock import now
from core.ids import uuid7
from core.tenancy.models import TenantModel
from tenants.people.models.people import User


class HandOverState(TextChoices):
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")


class HandOver(TenantModel):
    """One hand-over. wish: how it was asked for (leaving.rules.Wish). batch: of history, for the undo.

    leaving: the person's access was taken away with it. total, done: records. given: {person: records}.
    moved_at: when it last went on (UTC); the sweep looks for those that stand still.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(User, models.CASCADE, related_name="+")
    leaving = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=HandOverState, default=HandOverState.RUNNING)
    language = models.CharField(max_length=10, default="en")
    wish = models.JSONField(default=dict)
    batch = models.UUIDField(default=uuid7, editable=False)
    total = models.IntegerField(default=0)
    done = models.IntegerField(default=0)
    given = models.JSONField(default=dict)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=now, editable=False)
    moved_at = models.DateTimeField(default=now, editable=False)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["moved_at"], condition=models.Q(state="running"), name="hand_over_running")
        ]


class HandOverLine(models.Model):
    """One record that waits to change hands; the row goes with the same commit that gives the record away."""

    hand_over = models.ForeignKey(HandOver, models.CASCADE, related_name="lines", db_index=False)
    record_type = models.CharField(max_length=40)
    record_id = models.UUIDField()
    receiver_id = models.UUIDField()

    class Meta:
        indexes = [models.Index(fields=["hand_over", "id"], name="hand_over_line_in_order")]
