"""`manage.py prepare_database --superuser-url URL`: what a PostgreSQL server of one's own needs once."""

import os
from pathlib import Path
from typing import Any

import psycopg2
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.up.errors import CannotStart
from config.up.external import check_database, place_of
from config.up.state import default_folder, load_keys, open_folder
from tenants.registry.provisioning.database import prepare_database


class Command(BaseCommand):
    help = (
        "Make the logins and the database that DATABASE_URL and MIGRATOR_DATABASE_URL name, with their rights. "
        "Run again after a change of passwords; it changes nothing else."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--superuser-url",
            default=os.environ.get("GUANXI_SUPERUSER_URL", ""),
            help="default: GUANXI_SUPERUSER_URL, which other users of the machine cannot read",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        superuser = options["superuser_url"]
        missing = [name for name in ("DATABASE_URL", "MIGRATOR_DATABASE_URL") if not os.environ.get(name)] + (
            [] if superuser else ["GUANXI_SUPERUSER_URL"]
        )
        if missing:
            raise CommandError(f"Set {', '.join(missing)}.")
        web, migrator = os.environ["DATABASE_URL"], os.environ["MIGRATOR_DATABASE_URL"]
        try:
            check_database("The superuser's address", superuser, prepared=False)
            prepare_database(superuser, web, migrator, history_key=_history_key())
        except (CannotStart, psycopg2.Error) as problem:
            raise CommandError(str(problem).strip())
        self.stdout.write(f"{place_of(web)} is prepared.")


def _history_key() -> str:
    """GUANXI_HISTORY_KEY, else the one of the state folder, which `up` on that folder will use."""
    if settings.HISTORY_KEY:
        return str(settings.HISTORY_KEY)
    folder = Path(os.environ.get("GUANXI_STATE") or default_folder(settings.ROOT))
    return load_keys(open_folder(folder)).history_key
