"""What Stripe told us. Public schema."""

from django.db import models

from core.choices import TextChoices


class StripeEvent(models.Model):
    """One event, stored once by its id, before anything is done about it.

    created_at: Stripe's; received_at, settled_at: ours (UTC). customer_id: '' where it concerns no customer. Only the
    ids are kept: what is true is fetched from Stripe when the event is worked on.
    """

    class State(TextChoices):
        WAITING = "waiting", "waiting"
        SETTLED = "settled", "settled"
        FAILED = "failed", "failed"

    id = models.CharField(primary_key=True, max_length=80)
    mode = models.CharField(max_length=5)
    kind = models.CharField(max_length=80)
    object_id = models.CharField(max_length=80, blank=True)
    customer_id = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField()
    received_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    times_received = models.PositiveIntegerField(default=1)
    error = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["received_at"], condition=models.Q(state="waiting"), name="stripe_events_waiting"
            )
        ]
