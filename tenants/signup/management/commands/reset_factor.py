"""`manage.py reset_factor --workspace <address> --mail <mail>`: for somebody who lost the second factor."""

import logging
from typing import Any

from allauth.mfa.models import Authenticator
from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.tenancy.scope import public_scope, tenant_scope
from tenants.people.membership import end_sessions
from tenants.people.models import User
from tenants.signup.management.commands.workspace import workspace_at

log = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Remove a person's second factor and recovery codes, and sign them out everywhere."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--workspace", required=True, help="the part before the base host, or the host")
        parser.add_argument("--mail", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        with public_scope():
            tenant = workspace_at(options["workspace"])
        with tenant_scope(tenant.schema_name):
            person = User.objects.filter(email=options["mail"].strip().lower()).first()
            if person is None:
                raise CommandError(f"nobody in {tenant.name} has the address {options['mail']}")
            removed, _by_type = Authenticator.objects.filter(user=person).delete()
            ended = end_sessions(person)
            log.warning("second factor of person %s removed by command; %d sessions ended", person.pk, ended)
        self.stdout.write(f"{person.name}: {removed} factors removed, {ended} sessions ended")
