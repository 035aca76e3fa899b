"""`manage.py boot`: everything between an empty database and the first request, idempotent."""

import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from config.demo import make_demo
from tenants.people.selectors import has_owner
from tenants.registry.fleet import upgrade_fleet
from tenants.registry.provisioning.database import prepare_database
from tenants.registry.provisioning.pool import fill_pool
from tenants.registry.provisioning.reaper import reap
from tenants.registry.provisioning.template import migrate_public, migrate_template


class Command(BaseCommand):
    help = "Prepare the database, bring every workspace to this version, fill the pool, make the demo."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--no-demo", action="store_true", help="make no demo workspace")

    def handle(self, *args: Any, **options: Any) -> None:
        superuser = os.environ.get("GUANXI_SUPERUSER_URL")
        if superuser:
            prepare_database(
                superuser,
                os.environ["DATABASE_URL"],
                os.environ["MIGRATOR_DATABASE_URL"],
                history_key=settings.HISTORY_KEY,
            )
        migrate_public()
        version = migrate_template()
        reap(has_owner=has_owner, everything=True)
        report = upgrade_fleet()
        if report.done or report.failed:
            self.stdout.write(f"workspaces upgraded: {report.done}, failed: {report.failed}")
        made = fill_pool()
        self.stdout.write(f"schema version {version[:8]}, {made} workspaces made for the pool")
        if not options["no_demo"]:
            self.stdout.write(make_demo())
