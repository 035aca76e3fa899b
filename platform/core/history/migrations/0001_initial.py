import django.contrib.postgres.functions
import django.db.models.deletion
from django.db import migrations, models

import core.history.models

# What an undo works on. Unlogged and without statistics or keys: rows never outlive a transaction.
WORK_TABLE = """
CREATE UNLOGGED TABLE hist_work (
    relation text NOT NULL,
    record_id uuid NOT NULL,
    action varchar(1) NOT NULL,
    before jsonb,
    after jsonb,
    reason text,
    fields text[],
    detail text
)
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Transaction",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("xid", core.history.models.TransactionIdField()),
                ("epoch", models.SmallIntegerField()),
                ("at", models.DateTimeField()),
                ("db_user", models.TextField()),
                ("context", models.BinaryField(help_text="sha256 of the context as it was set")),
                ("verified", models.BooleanField()),
                ("actor", models.UUIDField(null=True)),
                ("behalf", models.UUIDField(null=True)),
                ("via", models.TextField()),
                ("ref", models.TextField()),
                ("batch", models.UUIDField(null=True)),
                ("undo_of", models.UUIDField(null=True)),
                ("label", models.TextField()),
            ],
            options={
                "db_table": "hist_tx",
                "indexes": [
                    models.Index(fields=["xid"], name="hist_tx_xid"),
                    models.Index(
                        condition=models.Q(("batch__isnull", False)), fields=["batch"], name="hist_tx_batch"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("verified", True)),
                        fields=("context",),
                        name="hist_tx_context_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Change",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "tx",
                    models.ForeignKey(
                        db_column="tx",
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="changes",
                        to="history.transaction",
                    ),
                ),
                ("relation", models.TextField()),
                ("record_id", models.UUIDField()),
                ("op", models.CharField(max_length=1)),
                (
                    "salt",
                    models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID(), null=True),
                ),
                ("old", models.JSONField(decoder=core.history.models.ExactDecoder, null=True)),
                ("new", models.JSONField(decoder=core.history.models.ExactDecoder, null=True)),
                ("digest", models.BinaryField(null=True)),
            ],
            options={
                "db_table": "hist_change",
                "indexes": [
                    models.Index(fields=["record_id"], name="hist_change_record"),
                    models.Index(fields=["tx"], name="hist_change_tx"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Seal",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("epoch", models.SmallIntegerField()),
                ("snapshot", core.history.models.SnapshotField()),
                ("transactions", models.BigIntegerField()),
                ("changes", models.BigIntegerField()),
                ("previous_root", models.BinaryField(null=True)),
                ("root", models.BinaryField()),
            ],
            options={"db_table": "hist_seal"},
        ),
        migrations.RunSQL(WORK_TABLE, "DROP TABLE hist_work"),
    ]
