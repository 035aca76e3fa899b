"""The console's own background work."""

import datetime as dt
from uuid import UUID

from core.clock import now
from core.tenancy.tasks import public_task, tenant_task
from tenants.console.facts import gather_facts as gather
from tenants.console.figures import write_figures
from tenants.console.looking import forget_looks
from tenants.console.mailing import KEPT_DAYS
from tenants.console.models import SentMail, TenantFacts
from tenants.console.support.services import end_overdue
from tenants.console.support.telling import tell_of_support as tell_them
from tenants.registry.fleet import upgrade_fleet as upgrade
from tenants.registry.selectors import ready_schemas


@tenant_task(name="console.tell_of_support", autoretry_for=(OSError,), retry_backoff=True)
def tell_of_support(tenant: str, access_id: str) -> None:
    """Tell owner and administrators. A second run tells them again, unless it was answered meanwhile."""
    tell_them(UUID(access_id))


@public_task(name="console.end_overdue_support")
def end_overdue_support() -> int:
    """Once a minute: mark accesses whose time is over. A second run finds none."""
    return end_overdue()


@public_task(name="console.gather_all")
def gather_all() -> int:
    """Once an hour: write today's figures, and send every workspace its own look. A second run does it again."""
    write_figures()
    forget_looks()
    schemas = list(ready_schemas())
    for schema in schemas:
        gather_facts.delay(schema)
    return len(schemas)


@public_task(name="console.gather_new")
def gather_new() -> int:
    """Every five minutes: a first look at workspaces that nobody has looked at yet. A second run finds fewer."""
    looked_at = set(TenantFacts.objects.values_list("tenant__schema_name", flat=True))
    new = [schema for schema in ready_schemas() if schema not in looked_at]
    for schema in new:
        gather_facts.delay(schema)
    return len(new)


@tenant_task(name="console.gather_facts")
def gather_facts(tenant: str) -> None:
    """Write down what operators are shown of this workspace. A second run writes the same again."""
    gather()


@public_task(name="console.forget_mails")
def forget_mails() -> int:
    """Once a day: delete lines of the mail log after 30 days. A second run finds none."""
    return SentMail.objects.filter(at__lt=now() - dt.timedelta(days=KEPT_DAYS)).delete()[0]


@public_task(name="registry.upgrade_fleet")
def upgrade_fleet() -> int:
    """Where the migrator's login is: bring tenants that are behind to the present version. A second run resumes."""
    return upgrade(workers=1).done
