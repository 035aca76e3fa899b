"""`manage.py bench [NAME] [--json]`: the measurements of bench/, on the database of the environment."""

from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser


class Command(BaseCommand):
    help = "Without a name: list the benches. They make and remove their own workspaces."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", nargs="?")
        parser.add_argument(
            "--size", nargs="+", type=int, default=[], help="rows, tenants or visitors, where a bench has any"
        )
        parser.add_argument("--json", action="store_true", help="one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        benches = _benches()
        name = options["name"]
        if name is None:
            for each, measure in benches.items():
                self.stdout.write(f"{each:13} {(measure.__doc__ or '').splitlines()[0]}")
            return
        if name not in benches:
            raise CommandError(f"There is no bench {name!r}. There are: {', '.join(benches)}.")
        result = benches[name](*options["size"])
        self.stdout.write(result.as_json() if options["json"] else result.as_text())


def _benches() -> dict[str, Callable[[], Any]]:
    from bench import (
        booting,
        burst,
        events,
        exporting,
        importing,
        interrupted,
        reading,
        shaping,
        stock,
        tenancy,
    )

    return {
        "reading": reading.measure,
        "shaping": shaping.measure,
        "import": importing.measure_import,
        "export": exporting.measure,
        "signup": tenancy.measure_signup,
        "signup_burst": burst.measure,
        "upgrade": tenancy.measure_upgrade,
        "stock": stock.measure,
        "switch": tenancy.measure_switch,
        "fleet": tenancy.measure_fleet,
        "connections": interrupted.measure,
        "boot": booting.measure,
        "billing_events": events.measure,
    }
