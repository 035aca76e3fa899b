"""`migrate` in one schema: the one whose scope is open, else public; always by the migrator."""

from typing import Any

from django.core.management.commands import migrate

from core.tenancy.router import MIGRATOR
from core.tenancy.scope import peek, public_scope


class Command(migrate.Command):
    help = "Migrate the public schema. Workspaces are upgraded with `fleet upgrade`."

    def handle(self, *args: Any, **options: Any) -> Any:
        options["database"] = MIGRATOR
        if peek() is not None:
            return super().handle(*args, **options)
        with public_scope():
            return super().handle(*args, **options)
