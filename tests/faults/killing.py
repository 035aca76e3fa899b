"""Jobs whose workers are killed at random moments, until one is left alone."""

import random
import subprocess
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from celery import current_app
from django.core.cache import caches

from core.clock import now
from crm.transfer.models import LeasedJob
from crm.transfer.services.leases import LOST_AFTER
from tests.waiting import wait_until
from tests.working import real_worker

_LONGEST_SECONDS = 120
_AT_ONCE = 0.05


@pytest.fixture
def quiet_broker() -> Iterator[None]:
    """No task of another test, before and after."""
    current_app.control.purge()
    yield
    current_app.control.purge()
    caches["default"].clear()


def survive(
    job: LeasedJob,
    working: set[str],
    send_again: Callable[[LeasedJob], None],
    log: Path,
    *,
    kills: int,
    dice: random.Random,
    longest_seconds: float,
) -> int:
    """Kill the job's worker `kills` times within `longest_seconds` of its start; then let it end.

    The first blow falls as soon as the job is taken: a quick machine could be done before a later one.
    working: the states with a worker. How often a worker was killed at work.
    """
    killed = 0
    delays = [dice.uniform(0.0, _AT_ONCE), *(dice.uniform(0.0, longest_seconds) for _ in range(kills - 1))]
    for delay in delays:
        before = _fresh(job).lease
        with real_worker(log) as process:
            wait_until(partial(_is_taken, job, before, working), "a worker has taken the job", 60)
            try:
                process.wait(timeout=delay)
            except subprocess.TimeoutExpired:
                pass
        killed += _fresh(job).state in working
        _lose(job, working, send_again)
    with real_worker(log):
        wait_until(lambda: _fresh(job).state not in working, f"the job ends: {log}", _LONGEST_SECONDS)
    return killed


def _fresh(job: LeasedJob) -> LeasedJob:
    return type(job).objects.get(pk=job.pk)


def _is_taken(job: LeasedJob, before: object, working: set[str]) -> bool:
    found = _fresh(job)
    return found.state not in working or (found.lease is not None and found.lease != before)


def _lose(job: LeasedJob, working: set[str], send_again: Callable[[LeasedJob], None]) -> None:
    """What the sweep does once the dead worker has been silent for long enough."""
    type(job).objects.filter(pk=job.pk).update(heartbeat_at=now() - 2 * LOST_AFTER)
    found = _fresh(job)
    if found.state in working:
        send_again(found)
