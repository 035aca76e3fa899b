"""Staged rows can be read from their file again: they need no write-ahead log."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("transfer", "0001_imports")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE transfer_stagedrow SET UNLOGGED",
            "ALTER TABLE transfer_stagedrow SET LOGGED",
        ),
    ]
