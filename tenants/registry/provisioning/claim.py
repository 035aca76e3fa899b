"""Taking a workspace out of the pool: rows only, no DDL, with the web login's rights."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from core.clock import now
from core.errors import Conflict, Unavailable
from core.tenancy.scope import public_scope
from tenants.registry.events import record_event
from tenants.registry.hosts import forget_tenant
from tenants.registry.models import Domain, TemplateScript, Tenant, TenantState

TRIAL_DAYS = 14
CLAIM_TIMEOUT = dt.timedelta(minutes=2)


class PoolEmpty(Unavailable):
    """No finished workspace waits; one has been asked for."""

    code = "pool_empty"


def claim_workspace(*, domain: str, name: str, **locale: Any) -> Tenant:
    """First commit of a sign-up: take a pool row of the current version and its address.

    locale: language, time_zone, currency, country. Raises PoolEmpty, or Conflict when the address was
    taken in the meantime.
    """
    with public_scope():
        try:
            with transaction.atomic():
                tenant = _oldest_in_pool()
                tenant.state, tenant.claimed_at = TenantState.CLAIMING, now()
                tenant.trial_ends_at = now() + dt.timedelta(days=TRIAL_DAYS)
                tenant.name = name
                for field, value in locale.items():
                    setattr(tenant, field, value)
                tenant.save()
                Domain.objects.create(domain=domain, tenant=tenant, is_primary=True)
        except IntegrityError:
            raise Conflict(_("This address was taken a moment ago."), fields={"address": [_("Taken")]})
    return tenant


def _oldest_in_pool() -> Tenant:
    newest = TemplateScript.objects.order_by("-made_at").values("version")[:1]
    tenant = (
        Tenant.objects.select_for_update(skip_locked=True)
        .filter(state=TenantState.POOL, schema_version=newest)
        .order_by("created_at")
        .first()
    )
    if tenant is None:
        raise PoolEmpty(_("Your workspace is being prepared. This takes a few seconds."))
    return tenant


def open_workspace(tenant: Tenant) -> None:
    """Last commit of a sign-up: from now on the address is routed."""
    with public_scope(), transaction.atomic():
        tenant.state, tenant.opened_at = TenantState.READY, now()
        claimed = Tenant.objects.filter(pk=tenant.pk, state=TenantState.CLAIMING)
        if not claimed.update(state=tenant.state, opened_at=tenant.opened_at):
            raise Conflict(_("This took too long. Please sign up again."))
        record_event("opened", tenant=tenant)
        forget_tenant(tenant)


def release_workspace(tenant: Tenant) -> None:
    """Give the address back. The schema is never used again: nobody can know what its second commit left.

    The reaper drops it.
    """
    with public_scope(), transaction.atomic():
        forget_tenant(tenant)
        tenant.domains.all().delete()
        tenant.state, tenant.claimed_at, tenant.name = TenantState.BUILDING, None, ""
        tenant.trial_ends_at = None
        tenant.save(update_fields=["state", "claimed_at", "name", "trial_ends_at"])


def pool_level() -> tuple[int, int]:
    """(workspaces waiting, workspaces wanted)."""
    with public_scope():
        newest = TemplateScript.objects.order_by("-made_at").values("version")[:1]
        waiting = Tenant.objects.filter(state=TenantState.POOL, schema_version=newest).count()
    return waiting, settings.GUANXI["POOL_SIZE"]
