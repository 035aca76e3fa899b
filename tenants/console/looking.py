"""Who looked at which tenant: a line of the access log, once an hour for each operator and tenant. Public scope."""

import datetime as dt
from typing import Any

from django.db import transaction

from core.clock import now
from tenants.console.models import TenantLook
from tenants.registry.events import record_event
from tenants.registry.models import Tenant

LOOKED = "looked"
_KEPT = dt.timedelta(days=1)


def note_look(tenant: Tenant, *, by: Any) -> bool:
    """Whether a line was written. Two requests of one hour, even at one moment, write one: the constraint decides."""
    hour = now().replace(minute=0, second=0, microsecond=0)
    with transaction.atomic():
        _look, is_first = TenantLook.objects.get_or_create(operator_id=by.pk, tenant=tenant, hour=hour)
        if is_first:
            record_event(LOOKED, tenant=tenant, actor=by.name, operator_id=by.pk)
    return is_first


def forget_looks() -> int:
    """What is older than a day only kept lines from being written twice; the lines themselves stay."""
    return TenantLook.objects.filter(hour__lt=now() - _KEPT).delete()[0]
