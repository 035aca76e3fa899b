"""`boot`: `manage.py up` on a state folder of its own until it is ready: the second start, the first beside it."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from django.conf import settings

from bench.figures import Figure, Result
from config.up.state import SHARED_VARIABLES

_LONGEST_SECONDS = 300
_READY = b"Guanxi is ready"


def measure() -> Result:
    """From the command to "ready" once installed: the second start, and the first."""
    folder = Path(tempfile.mkdtemp(prefix="guanxi-bench-"))
    # The database's own user must pass through on its way to its files.
    folder.chmod(0o711)
    try:
        first, second = _start_seconds(folder), _start_seconds(folder)
    finally:
        shutil.rmtree(folder)
    return Result(
        "boot",
        [
            Figure("second start", second, None, 15.0, "s"),
            Figure(
                "first start", first, None, None, "s", "cluster, schemas, pool and demonstration are made"
            ),
        ],
    )


def _start_seconds(folder: Path) -> float:
    """Starts, waits for the line that says so, stops. Raises RuntimeError with what it said instead."""
    own = {*SHARED_VARIABLES, "DJANGO_SETTINGS_MODULE", "GUANXI_STATE"}
    environment = {name: value for name, value in os.environ.items() if name not in own}
    command = [sys.executable, str(settings.ROOT / "manage.py"), "up", "--port", str(_free_port())]
    begun = time.perf_counter()
    product = subprocess.Popen(
        [*command, "--state", str(folder / "state")],
        cwd=settings.ROOT,
        env=environment | {"GUANXI_NO_VENV": "1", "PYTHONUNBUFFERED": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    said = b""
    try:
        assert product.stdout is not None
        for line in product.stdout:
            said += line
            if _READY in line:
                return time.perf_counter() - begun
            if time.perf_counter() - begun > _LONGEST_SECONDS:
                break
        raise RuntimeError(said.decode()[-2000:])
    finally:
        product.send_signal(signal.SIGINT)
        product.communicate(timeout=120)


def _free_port() -> int:
    with socket.socket() as any_free:
        any_free.bind(("127.0.0.1", 0))
        return int(any_free.getsockname()[1])
