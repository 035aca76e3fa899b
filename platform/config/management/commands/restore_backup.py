"""`manage.py restore_backup FILE`: into a database that does not exist yet."""

import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.cache import caches
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.backup import BackupFailed, restore_backup


class Command(BaseCommand):
    help = "Restore a backup into the database that DATABASE_URL names; it must not exist yet."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            count = restore_backup(
                options["file"],
                superuser_url=os.environ["GUANXI_SUPERUSER_URL"],
                web_url=os.environ["DATABASE_URL"],
                migrator_url=os.environ["MIGRATOR_DATABASE_URL"],
                files_to=settings.GUANXI["STATE"] / "files",
            )
        except KeyError as error:
            raise CommandError(f"Set {error.args[0]}.")
        except (BackupFailed, OSError) as error:
            raise CommandError(str(error))
        # What is remembered there is of the database that was: hosts, sessions, counters.
        for name in ("registry", "default"):
            caches[name].clear()
        self.stdout.write(f"{count} workspaces restored. Run `manage.py boot` next.")
