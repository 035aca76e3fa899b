"""`manage.py backup FILE`: database and uploaded files of the whole installation."""

import os
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections

from config.backup import BackupFailed, write_backup


class Command(BaseCommand):
    help = "Write the whole installation into one file. Needs GUANXI_SUPERUSER_URL (a running `up` gives it)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        superuser = os.environ.get("GUANXI_SUPERUSER_URL")
        if not superuser:
            raise CommandError("Set GUANXI_SUPERUSER_URL: only a superuser reads every workspace.")
        try:
            size = write_backup(
                options["file"],
                superuser_url=superuser,
                database=connections["default"].settings_dict["NAME"],
            )
        except (BackupFailed, OSError) as error:
            raise CommandError(str(error))
        self.stdout.write(
            f"{options['file']}: {size / 1_000_000:.1f} MB. Keep the state folder's keys apart."
        )
