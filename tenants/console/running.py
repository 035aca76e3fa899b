"""How the installation runs: queues, workers, the fleet's upgrade. Public scope."""

import logging
from dataclasses import dataclass
from typing import Any

import kombu.exceptions
import redis
import redis.exceptions
from celery import current_app
from django.conf import settings
from django.db.models import Count, Sum

from core.tenancy.tasks import send_named
from tenants.console.models import TenantFacts
from tenants.registry.events import record_event
from tenants.registry.models import TemplateScript, Tenant, TenantState, UpgradeEntry

log = logging.getLogger(__name__)
QUEUES = ("default", "provision")
_PING_SECONDS = 0.7
_BROKER_SECONDS = 2
_AWAY = (redis.exceptions.RedisError, kombu.exceptions.OperationalError, OSError)
_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Running:
    """queues: (name, tasks waiting; None when the broker does not answer). workers: names of those that answered."""

    queues: list[tuple[str, int | None]]
    workers: list[str]
    broker_answers: bool


def look_at_queues() -> Running:
    """Asks the broker and, through it, the workers; takes as long as they may answer."""
    try:
        # Connections of its own: a shared one has answers to others' questions under way.
        with redis.Redis.from_url(settings.CELERY_BROKER_URL, socket_timeout=_BROKER_SECONDS) as broker:
            queues: list[tuple[str, int | None]] = [(name, int(broker.llen(name))) for name in QUEUES]
        with current_app.connection_for_write() as connection:
            asked = current_app.control.inspect(timeout=_PING_SECONDS, connection=connection)
            answers = asked.ping() or {}
    except _AWAY as error:
        log.warning("the broker does not answer: %s", error)
        return Running([(name, None) for name in QUEUES], [], broker_answers=False)
    return Running(queues, sorted(answers), broker_answers=True)


@dataclass(frozen=True, slots=True)
class Fleet:
    """Counts of opened tenants. failed: the tenants whose upgrade failed, with why."""

    version: str
    present: int
    behind: int
    failed: list[Tenant]
    attempts: dict[Any, int]


def look_at_fleet() -> Fleet:
    """How far the present version has come."""
    newest = TemplateScript.objects.order_by("-made_at").values_list("version", flat=True).first() or ""
    opened = Tenant.objects.filter(state__in=(TenantState.READY, TenantState.SUSPENDED, TenantState.CLOSED))
    failed = list(opened.exclude(failed_upgrade="").order_by("name")[:_SHOWN])
    entries = UpgradeEntry.objects.filter(version=newest, tenant__in=failed)
    return Fleet(
        version=newest[:12],
        present=opened.filter(schema_version=newest).count(),
        behind=opened.exclude(schema_version=newest).count(),
        failed=failed,
        attempts=dict(entries.values_list("tenant_id", "attempts")),
    )


def retry_upgrades(*, by: Any) -> None:
    """Ask the provisioner, who alone may change schemas, to go on. Raises OperationalError without a queue."""
    send_named("registry.upgrade_fleet")
    record_event("fleet_retried", actor=by.name, operator_id=by.pk)


def waiting_everywhere() -> dict[str, int]:
    """What the workspaces' facts add up to: tasks that wait to be sent, jobs that failed in a week."""
    sums = TenantFacts.objects.aggregate(
        waiting=Sum("waiting_tasks"), failed=Sum("failed_jobs"), looked=Count("pk")
    )
    return {name: value or 0 for name, value in sums.items()}
