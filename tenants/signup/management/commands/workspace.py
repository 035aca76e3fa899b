"""`manage.py workspace <address> suspend|restore|close|reopen|show`: the operator's hand on one workspace."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.errors import Conflict
from core.tenancy.scope import public_scope, tenant_scope
from tenants.registry.models import KEPT_DAYS, Domain, Tenant
from tenants.registry.state import STEPS, take_step
from tenants.signup.site_pages import agreement


class Command(BaseCommand):
    help = f"Suspend, restore, close or reopen a workspace. Closed ones are removed after {KEPT_DAYS} days."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("address", help="the part before the base host, or the whole host")
        parser.add_argument("step", choices=[*STEPS, "show"])

    def handle(self, *args: Any, **options: Any) -> None:
        with public_scope():
            tenant = workspace_at(options["address"])
            if options["step"] != "show":
                self._take(tenant, options["step"])
                tenant.refresh_from_db()
        self.stdout.write(f"{tenant.name} ({tenant.schema_name}): {tenant.state}")
        if options["step"] == "show":
            with tenant_scope(tenant.schema_name):
                self.stdout.write(_told(agreement()))

    @staticmethod
    def _take(tenant: Tenant, step: str) -> None:
        try:
            take_step(tenant, step=step, actor="manage.py")
        except Conflict:
            raise CommandError(f"cannot {step} a workspace that is {tenant.state}")


def _told(agreed: dict[str, Any] | None) -> str:
    """Who agreed to which texts, for `show`."""
    if agreed is None:
        return "No agreement to terms is recorded: the workspace was not opened by the form."
    texts = "\n".join(
        f"  {slug} ({text['language']}): version {text['version']}, sha256 {text['sha256']}"
        for slug, text in agreed["texts"].items()
    )
    return f"{agreed['mail']} agreed at {agreed['at']} to\n{texts}"


def workspace_at(address: str) -> Tenant:
    """The tenant of an address. Public scope. Raises CommandError."""
    host = address if "." in address else f"{address}.{settings.GUANXI['BASE_HOST']}"
    domain = Domain.objects.select_related("tenant").filter(domain=host.lower()).first()
    if domain is None:
        raise CommandError(f"no workspace has the address {host}")
    return domain.tenant
