"""`manage.py check_templates`: every template is compiled, so that a slip is found without a request."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.template import TemplateDoesNotExist, TemplateSyntaxError
from django.template.loader import get_template
from django.template.utils import get_app_template_dirs

ENDINGS = (".html", ".txt")


class Command(BaseCommand):
    help = "Compile every template of the product; fails with the name and fault of each that does not."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        names = sorted(set(own_templates()))
        faults = [f"{name}: {fault}" for name in names if (fault := fault_of(name))]
        if faults:
            raise CommandError("\n".join(faults))
        self.stdout.write(f"{len(names)} templates compiled")


def own_templates() -> Iterator[str]:
    """The names by which views ask for them; those of installed packages are not ours to check."""
    folders = [Path(folder) for folder in settings.TEMPLATES[0]["DIRS"]]
    folders += [Path(folder) for folder in get_app_template_dirs("templates")]
    for folder in folders:
        if folder.is_relative_to(settings.ROOT) and ".venv" not in folder.parts:
            for path in folder.rglob("*"):
                if path.suffix in ENDINGS:
                    yield path.relative_to(folder).as_posix()


def fault_of(name: str) -> str | None:
    try:
        get_template(name)
    except (TemplateSyntaxError, TemplateDoesNotExist) as fault:
        return str(fault) or type(fault).__name__
    return None
