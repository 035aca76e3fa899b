"""A stand-in of a test's own, as a process that can be killed."""

import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import stripe as sdk

from tests.waiting import wait_until

ROOT = Path(__file__).resolve().parents[3]


class StandIn:
    """state: the folder of its database. Its port stays the same over its lives."""

    key = "sk_test_devstripe_own"

    def __init__(self, state: Path, **environment: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.base = f"http://127.0.0.1:{self.port}"
        self.log = state / "log"
        self.environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "DEVSTRIPE_PORT": str(self.port),
            "DEVSTRIPE_DATABASE": str(state / "devstripe.sqlite3"),
            "DEVSTRIPE_SECRET_KEY": self.key,
            **environment,
        }
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "billing.devstripe"],
                env=self.environment, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        wait_until(self.answers, f"it answers\n{self.log.read_text()}")

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.base}/devstripe.css", timeout=2) as answer:
                return answer.status == 200
        except (OSError, urllib.error.URLError):
            return False

    def kill(self) -> None:
        """At once, with all its threads and workers."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def client(self, retries: int = 0) -> Any:
        return sdk.StripeClient(
            self.key,
            base_addresses={"api": self.base},
            max_network_retries=retries,
            http_client=sdk.RequestsClient(timeout=15),
        ).v1
