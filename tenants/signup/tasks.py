"""The installation's own work round sign-up: the pool, the mail directory, "find my workspace"."""

import shutil
from pathlib import Path

from django.conf import settings

from core.tenancy.tasks import public_task, send_named, tenant_task
from tenants.people.leaving.services import HINTS as HAND_OVERS
from tenants.people.selectors import has_owner, mails_of_active_people
from tenants.registry.events import record_event
from tenants.registry.hosts import forget_tenant
from tenants.registry.models import Tenant, TenantState
from tenants.registry.provisioning.pool import fill_pool, remove_workspace
from tenants.registry.provisioning.reaper import reap
from tenants.registry.selectors import ready_schemas
from tenants.signup.directory import replace_mails
from tenants.signup.finding import mail_workspaces as mail_them
from tenants.signup.pending import count_pending, forget_expired
from tenants.signup.workspace import due_for_removal


@public_task(name="registry.tend_pool", expires=60)
def tend_pool() -> None:
    """Keep the pool full, and make one workspace more for each sign-up that waits.

    Runs where the migrator's login is, one at a time. A second run finds nothing to do: three queries.
    """
    forget_expired()
    reap(has_owner=has_owner)
    fill_pool(waited_for=count_pending)


@public_task(name="registry.remove_closed")
def remove_closed() -> None:
    """Remove what was closed 30 days ago, files too. A second run finds nothing."""
    for tenant in due_for_removal():
        folder = Path(settings.GUANXI["STATE"]) / "files" / tenant.schema_name
        forget_tenant(tenant)
        record_event("removed", tenant=tenant)
        remove_workspace(tenant)
        if folder.is_dir():
            shutil.rmtree(folder)


@public_task(name="people.clear_expired_all")
def clear_expired_all() -> None:
    """Send every workspace its own sweep. A second run does the same again, harmlessly."""
    served = Tenant.objects.filter(state__in=[TenantState.READY, TenantState.SUSPENDED])
    for schema in served.values_list("schema_name", flat=True):
        send_named("people.clear_expired", schema)
        send_named("signup.sync_mails", schema)


@public_task(name="people.resume_hand_overs_all")
def resume_hand_overs_all() -> None:
    """Twice a minute: a task for each workspace with a hand-over under way. A second run sends the same tasks."""
    for schema in HAND_OVERS.due_among(ready_schemas()):
        send_named("people.resume_hand_overs", schema)


@tenant_task(name="signup.sync_mails")
def sync_mails(tenant: str) -> None:
    """Make the mail directory say who is in this workspace. A second run changes nothing."""
    while True:
        mails = set(mails_of_active_people())
        replace_mails(tenant, mails)
        # Somebody may have joined between reading and writing, and their task may have written first.
        if set(mails_of_active_people()) == mails:
            return


@public_task(name="signup.mail_workspaces")
def mail_workspaces(mail: str, language: str) -> None:
    """Write to this address which workspaces know it. A second run sends a second mail."""
    mail_them(mail, language)
