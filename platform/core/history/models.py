"""What history stores. The database writes these tables; the application only reads them."""

import json
from decimal import Decimal
from typing import Any

from django.contrib.postgres.functions import RandomUUID
from django.db import models


class TransactionIdField(models.Field):
    """xid8: a 64-bit transaction id, read as text."""

    def db_type(self, connection: Any) -> str:
        return "xid8"


class SnapshotField(models.Field):
    """pg_snapshot: which transactions were finished at one moment, read as text."""

    def db_type(self, connection: Any) -> str:
        return "pg_snapshot"


class ExactDecoder(json.JSONDecoder):
    """Numbers with decimals become Decimal: 1.00 is shown as it was, not as 1.0."""

    def __init__(self) -> None:
        super().__init__(parse_float=Decimal)


class Transaction(models.Model):
    """One database transaction under one signed context.

    xid and at (start of the transaction) name it; epoch counts the restores from a dump, after which
    transaction ids begin anew. batch joins the transactions of one action of a person. verified is
    false, and actor empty, when the context was missing, forged, expired or used before.
    """

    id = models.BigAutoField(primary_key=True)
    xid = TransactionIdField()
    epoch = models.SmallIntegerField()
    at = models.DateTimeField()
    db_user = models.TextField()
    context = models.BinaryField(help_text="sha256 of the context as it was set")
    verified = models.BooleanField()
    actor = models.UUIDField(null=True)
    behalf = models.UUIDField(null=True)
    via = models.TextField()
    ref = models.TextField()
    batch = models.UUIDField(null=True)
    undo_of = models.UUIDField(null=True)
    label = models.TextField()

    class Meta:
        db_table = "hist_tx"
        indexes = [
            models.Index(fields=["xid"], name="hist_tx_xid"),
            models.Index(fields=["batch"], name="hist_tx_batch", condition=models.Q(batch__isnull=False)),
        ]
        constraints = [
            # A signed context is good for one transaction only.
            models.UniqueConstraint(
                fields=["context"], name="hist_tx_context_once", condition=models.Q(verified=True)
            ),
        ]


class Change(models.Model):
    """One row inserted (I), updated (U) or deleted (D).

    old and new are whole rows for I and D, and only the changed columns for U. salt and digest serve
    the seal and the erasure of a person: the digest stays when salt and images are dropped.
    """

    id = models.BigAutoField(primary_key=True)
    tx = models.ForeignKey(
        Transaction,
        on_delete=models.DO_NOTHING,
        db_column="tx",
        db_constraint=False,  # both rows are written by the same trigger; a check per row would cost more
        db_index=False,
        related_name="changes",
    )
    relation = models.TextField()
    record_id = models.UUIDField()
    op = models.CharField(max_length=1)
    salt = models.UUIDField(null=True, db_default=RandomUUID())
    old = models.JSONField(null=True, decoder=ExactDecoder)
    new = models.JSONField(null=True, decoder=ExactDecoder)
    digest = models.BinaryField(null=True)

    class Meta:
        db_table = "hist_change"
        indexes = [
            models.Index(fields=["record_id"], name="hist_change_record"),
            models.Index(fields=["tx"], name="hist_change_tx"),
        ]


class Seal(models.Model):
    """A link of the chain that proves history unchanged: what was finished at `snapshot`, hashed."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    epoch = models.SmallIntegerField()
    snapshot = SnapshotField()
    transactions = models.BigIntegerField()
    changes = models.BigIntegerField()
    previous_root = models.BinaryField(null=True)
    root = models.BinaryField()

    class Meta:
        db_table = "hist_seal"
