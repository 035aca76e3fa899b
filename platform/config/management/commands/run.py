"""`manage.py run web|worker|provisioner|scheduler`: one part of the product, in this process.

For places with a supervisor of their own: containers, systemd. The list of parts is that of `manage.py up`.
"""

import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.up.children import Child, product_children
from config.up.errors import CannotStart
from config.up.options import DEFAULT_PORT, UpOptions
from config.up.state import open_folder

PARTS = ("web", "worker", "provisioner", "scheduler")


class Command(BaseCommand):
    help = "Run one part of the product in this process, which it replaces. See deploy/README.md."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("part", choices=PARTS)
        parser.add_argument("--host", default="127.0.0.1", help="of web (default %(default)s)")
        parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="of web (default %(default)s)")

    def handle(self, *args: Any, **options: Any) -> None:
        child = _part(options["part"], UpOptions(options["port"], options["host"], state=None, demo=False))
        os.execve(child.command[0], list(child.command), dict(child.environment))


def _part(name: str, options: UpOptions) -> Child:
    """Raises CommandError when something is missing that the part cannot be without."""
    needed = ["SECRET_KEY", "DATABASE_URL", "REDIS_URL"]
    needed += ["MIGRATOR_DATABASE_URL"] if name == "provisioner" else []
    missing = [variable for variable in needed if not os.environ.get(variable)]
    if missing:
        raise CommandError(f"Set {', '.join(missing)}.")
    root: Path = settings.ROOT
    try:
        folder = open_folder(settings.GUANXI["STATE"])
    except CannotStart as refusal:
        raise CommandError(str(refusal))
    paths = {"PYTHONPATH": os.pathsep.join([str(root / "platform"), str(root)]), "GUANXI_STATE": str(folder)}
    children = product_children(root, folder, {**os.environ, **paths}, options)
    return next(child for child in children if child.name == name)
