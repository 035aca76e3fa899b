"""Gathering the facts of one tenant, inside it; they are kept in public, so that no list visits schemas."""

import datetime as dt
from collections.abc import Callable
from dataclasses import asdict, dataclass

from allauth.usersessions.models import UserSession
from django.db import DatabaseError
from django.db.models import Max

from core.clock import now
from core.entitlements import Limit, limit_of
from core.outbox.models import WaitingTask
from core.tenancy.scope import current_snapshot, public_scope
from core.usage.counting import percent_used, used
from tenants.console.models import TenantFacts
from tenants.people.models import Role
from tenants.people.selectors import active_people

_LOOKED_BACK = dt.timedelta(days=7)
# Filled by config: jobs belong to a floor above. Called inside the tenant with the moment to look back to (UTC).
_count_failed: list[Callable[[dt.datetime], int]] = []


def use_job_counter(count: Callable[[dt.datetime], int]) -> None:
    """count(since): how many imports and exports of the tenant at hand failed since then."""
    _count_failed[:] = [count]


@dataclass(frozen=True, slots=True)
class Gathered:
    """See TenantFacts."""

    owner_name: str
    owner_mail: str
    people: int
    records: int
    storage_bytes: int
    last_active_at: dt.datetime | None
    failed_jobs: int
    waiting_tasks: int
    fullest: str
    fullest_percent: int
    error: str = ""


def gather_facts() -> None:
    """Of the workspace at hand. A failure is a fact, too: it is kept, and raised again."""
    tenant_id = current_snapshot().tenant_id
    try:
        gathered = asdict(_gather())
    except DatabaseError as error:
        _keep(tenant_id, error=str(error)[:300])
        raise
    _keep(tenant_id, **gathered)


def _gather() -> Gathered:
    fullest, percent = _fullest()
    since = now() - _LOOKED_BACK
    owner = active_people().filter(role=Role.OWNER).order_by("created_at").first()
    return Gathered(
        owner_name=owner.name if owner else "",
        owner_mail=(owner.email or "") if owner else "",
        people=active_people().count(),
        records=used(Limit.RECORDS),
        storage_bytes=used(Limit.STORAGE_BYTES),
        last_active_at=UserSession.objects.aggregate(last=Max("last_seen_at"))["last"],
        failed_jobs=sum(count(since) for count in _count_failed),
        waiting_tasks=WaitingTask.objects.count(),
        fullest=fullest,
        fullest_percent=percent,
    )


def _fullest() -> tuple[str, int]:
    """The limit that is nearest to its end, and how full it is in percent; ('', 0) without limits."""
    snapshot = current_snapshot()
    shares = [
        (percent_used(used(limit), most), str(limit))
        for limit in Limit
        if (most := limit_of(snapshot, limit)) is not None
    ]
    percent, limit = max(shares, default=(0, ""))
    return limit, min(percent, 10_000)


def _keep(tenant_id: str, **values: object) -> None:
    with public_scope(reason="facts for operators", switch=True):
        TenantFacts.objects.update_or_create(tenant_id=tenant_id, defaults=values)
