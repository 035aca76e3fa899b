"""What the stand-in remembers: its accounts, and every resource as the JSON that it answers with."""

from django.db import models


class Account(models.Model):
    """One a secret key. settings: after_retries (cancel, unpaid, past_due), delivery (normal, hold, drop, double,

    shuffle), fail_next. sequence: numbers its objects in the order in which they were made.
    """

    key = models.CharField(primary_key=True, max_length=200)
    sequence = models.BigIntegerField(default=0)
    settings = models.JSONField(default=dict)


class Thing(models.Model):
    """A resource. due_at: when time does something with it by itself (seconds since 1970); None for never.

    Keys of the body that begin with '_' are never answered.
    """

    account = models.ForeignKey(Account, models.CASCADE)
    id = models.CharField(primary_key=True, max_length=300)
    public_id = models.CharField(max_length=255)
    kind = models.CharField(max_length=40)
    number = models.BigIntegerField()
    customer = models.CharField(max_length=80, blank=True)
    clock = models.CharField(max_length=80, blank=True)
    due_at = models.BigIntegerField(null=True)
    body = models.JSONField()

    class Meta:
        indexes = [
            models.Index(fields=["account", "kind", "-number"]),
            models.Index(fields=["account", "customer", "kind"]),
            models.Index(fields=["clock", "due_at"]),
        ]


class Answer(models.Model):
    """What was answered under an idempotency key. Source: docs.stripe.com/api/idempotent_requests."""

    account = models.ForeignKey(Account, models.CASCADE)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    body = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "key"], name="one_answer_a_key")]


class Delivery(models.Model):
    """An event on its way. state: waiting, held, done, dropped, failed. next_at: seconds since 1970."""

    account = models.ForeignKey(Account, models.CASCADE)
    event = models.CharField(max_length=80)
    url = models.CharField(max_length=300)
    secret = models.CharField(max_length=80)
    state = models.CharField(max_length=8)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.FloatField(default=0)
    answer = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [models.Index(fields=["state", "next_at"])]
