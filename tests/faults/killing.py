"""Jobs whose workers are killed at random moments, until one is left alone."""

import os
import random
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import psycopg2
import pytest
from celery import current_app
from django.core.cache import caches
from django.db import connection, transaction

from core.clock import now
from crm.transfer.models import LeasedJob
from crm.transfer.services.leases import LOST_AFTER
from tests.waiting import wait_until
from tests.working import real_worker

_LONGEST_SECONDS = 120
_LONGEST_START_SECONDS = 60


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

    working: the states with a worker. How often a worker was killed at work: at least once, however fast it is,
    because the first one is kept from ending.
    """
    killed = 0
    for number in range(kills):
        before = _fresh(job).lease
        watch = _held_at_work if number == 0 else _seen_at_work
        with ExitStack() as watched:
            with real_worker(log) as process:
                watched.enter_context(watch(job, before, working))
                _let_work(process, dice.uniform(0.0, longest_seconds))
            killed += _fresh(job).state in working
        _lose(job, working, send_again)
    with real_worker(log):
        wait_until(lambda: _fresh(job).state not in working, f"the job ends: {log}", _LONGEST_SECONDS)
    return killed


def _fresh(job: LeasedJob) -> LeasedJob:
    return type(job).objects.get(pk=job.pk)


@contextmanager
def _held_at_work(job: LeasedJob, before: object, working: set[str]) -> Iterator[None]:
    """A worker has taken the job and cannot end it within the block: its end needs the row that is locked here."""
    deadline = time.monotonic() + _LONGEST_START_SECONDS
    taken = type(job).objects.filter(pk=job.pk, state__in=working, lease__isnull=False)
    while time.monotonic() < deadline:
        # Seen and locked by one statement, so that it cannot end in between.
        with transaction.atomic():
            if taken.select_for_update(of=("self",)).exclude(lease=before).exists():
                yield
                # What waits for the row would be done once it is free, by a worker that is dead.
                _end_statements_that_wait()
                return
        time.sleep(0.005)
    raise AssertionError("still not so: a worker has taken the job")


def _end_statements_that_wait() -> None:
    """End the connections that wait for this one, and see them gone."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        here = cursor.fetchone()[0]
    server = psycopg2.connect(os.environ["GUANXI_SUPERUSER_URL"])
    server.autocommit = True
    with server.cursor() as cursor:

        def are_gone() -> bool:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE %s = ANY(pg_blocking_pids(pid))",
                [here],
            )
            return not cursor.fetchall()

        wait_until(are_gone, "the statements of the dead worker end")
    server.close()


@contextmanager
def _seen_at_work(job: LeasedJob, before: object, working: set[str]) -> Iterator[None]:
    """A worker has taken the job, and may have ended it by now."""
    wait_until(partial(_is_taken, job, before, working), "a worker has taken the job", _LONGEST_START_SECONDS)
    yield


def _is_taken(job: LeasedJob, before: object, working: set[str]) -> bool:
    found = _fresh(job)
    return found.state not in working or (found.lease is not None and found.lease != before)


def _let_work(process: subprocess.Popen[bytes], seconds: float) -> None:
    try:
        process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        pass


def _lose(job: LeasedJob, working: set[str], send_again: Callable[[LeasedJob], None]) -> None:
    """What the sweep does once the dead worker has been silent for long enough."""
    type(job).objects.filter(pk=job.pk).update(heartbeat_at=now() - 2 * LOST_AFTER)
    found = _fresh(job)
    if found.state in working:
        send_again(found)
