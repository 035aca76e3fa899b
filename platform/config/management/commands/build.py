"""`manage.py build`: styles, scripts and translations, for an image that is to run without Node."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config.up.assets import build_assets
from config.up.errors import CannotStart
from config.up.translations import compile_translations


class Command(BaseCommand):
    help = "Build what is not committed: styles, scripts, translations. `up` and `test` do it by themselves."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            build_assets(settings.ROOT)
            compile_translations(settings.ROOT)
        except CannotStart as problem:
            raise CommandError(str(problem))
        self.stdout.write("Styles, scripts and translations are built.")
