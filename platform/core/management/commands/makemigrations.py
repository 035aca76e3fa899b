from typing import Any

from django.core.management.commands import makemigrations

from core.tenancy.scope import public_scope


class Command(makemigrations.Command):
    """As Django's; reads the public schema to see whether its history is consistent."""

    def handle(self, *args: Any, **options: Any) -> Any:
        with public_scope():
            return super().handle(*args, **options)
