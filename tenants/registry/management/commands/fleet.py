"""`manage.py fleet status|upgrade|fill`: the workspaces of this installation as a whole."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Count

from core.tenancy.scope import public_scope
from tenants.registry.fleet import upgrade_fleet
from tenants.registry.models import Tenant
from tenants.registry.provisioning.pool import fill_pool


class Command(BaseCommand):
    help = "Show, upgrade or prepare workspaces. Needs MIGRATOR_DATABASE_URL for all but `status`."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=["status", "upgrade", "fill"])
        parser.add_argument("--workers", type=int, default=2)
        parser.add_argument("--size", type=int, help="workspaces that shall wait in the pool")

    def handle(self, *args: Any, **options: Any) -> None:
        getattr(self, f"_{options['action']}")(options)

    def _status(self, options: dict[str, Any]) -> None:
        with public_scope():
            rows = Tenant.objects.values_list("state", "schema_version").annotate(Count("pk")).order_by()
            for state, version, count in sorted(rows):
                self.stdout.write(f"{count:6}  {state:10} {version[:8]}")
            for tenant in Tenant.objects.exclude(failed_upgrade=""):
                self.stdout.write(f"failed: {tenant.name or tenant.schema_name}: {tenant.failed_upgrade}")

    def _upgrade(self, options: dict[str, Any]) -> None:
        report = upgrade_fleet(workers=options["workers"])
        self.stdout.write(f"version {report.version[:8]}: {report.done} upgraded, {report.failed} failed")
        if report.failed or report.paused:
            raise CommandError("The upgrade is paused. `fleet status` says why; run it again to resume.")

    def _fill(self, options: dict[str, Any]) -> None:
        self.stdout.write(f"{fill_pool(options['size'])} workspaces made")
