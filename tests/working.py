"""A real Celery worker on this test's database, killed with its children at the end."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connections


def _environment() -> dict[str, str]:
    """The worker's: this test's database instead of the one in the addresses."""
    name = connections["default"].settings_dict["NAME"]
    address = os.environ["DATABASE_URL"].rsplit("/", 1)[0]
    return {
        **os.environ,
        "DATABASE_URL": f"{address}/{name}",
        "DJANGO_SETTINGS_MODULE": "config.settings.test",
    }


@contextmanager
def real_worker(log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A real worker in a session of its own, so that it can be killed with its children."""
    command = (
        "-m celery -A config.celery worker -Q default -c 1 -n killed@%h --without-gossip --without-mingle"
    )
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, *command.split(), "--loglevel", "info"],
            cwd=settings.ROOT,
            env=_environment(),
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            _kill(process)


def _kill(process: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()
