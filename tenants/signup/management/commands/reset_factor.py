"""`manage.py reset_factor (--workspace <address> | --operator) --mail <mail>`: for who lost the second factor."""

import logging
from typing import Any

from allauth.mfa.models import Authenticator
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from core.tenancy.scope import public_scope, tenant_scope
from tenants.people.membership import end_sessions
from tenants.people.models import EventKind, User
from tenants.people.security.events import note_event
from tenants.signup.management.commands.workspace import workspace_at

log = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Remove a person's second factor and recovery codes, and sign them out everywhere."

    def add_arguments(self, parser: CommandParser) -> None:
        where = parser.add_mutually_exclusive_group(required=True)
        where.add_argument("--workspace", help="the part before the base host, or the host")
        where.add_argument("--operator", action="store_true", help="of this installation, for the console")
        parser.add_argument("--mail", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        if options["operator"]:
            with public_scope():
                told = _reset(options["mail"], "this installation")
        else:
            with public_scope():
                tenant = workspace_at(options["workspace"])
            with tenant_scope(tenant.schema_name):
                told = _reset(options["mail"], tenant.name)
        self.stdout.write(told)


def _reset(mail: str, place: str) -> str:
    """What was done, in words. Raises CommandError."""
    person = User.objects.filter(email=mail.strip().lower()).first()
    if person is None:
        raise CommandError(f"nobody in {place} has the address {mail}")
    removed, _by_type = Authenticator.objects.filter(user=person).delete()
    ended = end_sessions(person)
    if removed:
        note_event(EventKind.FACTOR_REMOVED, person=person, text=_("By whoever runs the installation"))
    log.warning("second factor of person %s removed by command; %d sessions ended", person.pk, ended)
    return f"{person.name}: {removed} factors removed, {ended} sessions ended"
