from typing import Any

from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    """django-tenants' own would migrate without ledger, rendering or rights."""

    help = "Switched off: use `boot` or `fleet upgrade`."

    def run_from_argv(self, argv: list[str]) -> None:
        raise SystemExit("migrate_schemas is switched off: use `manage.py fleet upgrade`.")

    def handle(self, *args: Any, **options: Any) -> None:
        raise CommandError("migrate_schemas is switched off: use `manage.py fleet upgrade`.")
