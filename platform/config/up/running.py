"""One child while it lives: start, notice its death, stop."""

import os
import signal
import subprocess
import time
from pathlib import Path

from config.up.children import Child
from config.up.leftovers import Recorded, started_at

GROUP_END_SECONDS = 3


class Running:
    """A started child and all that it starts: it leads a session of its own."""

    def __init__(self, child: Child, log: Path) -> None:
        self.child = child
        self.born = time.monotonic()
        login = child.login
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                child.command,
                env=dict(child.environment),
                cwd=child.folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                user=login.user if login else None,
                group=login.group if login else None,
                extra_groups=[] if login else None,
            )
        self.recorded = Recorded(child.name, self.process.pid, started_at(self.process.pid) or "")

    @property
    def exit_code(self) -> int | None:
        return self.process.poll()

    def age_seconds(self) -> float:
        return time.monotonic() - self.born

    def end_group(self) -> None:
        """After the child's death: what it had started must not keep its port or its files."""
        deadline = time.monotonic() + GROUP_END_SECONDS
        while self._signal_group(signal.SIGKILL) and time.monotonic() < deadline:
            time.sleep(0.02)

    def ask_to_stop(self) -> None:
        """Only the child itself is asked: it knows how to end what it started."""
        if self.exit_code is None:
            self.process.send_signal(self.child.stop_signal)

    def hasten(self) -> None:
        if self.exit_code is None:
            self.process.send_signal(self.child.hasty_signal)

    def _signal_group(self, number: signal.Signals) -> bool:
        """False when nobody is left in the group."""
        try:
            os.killpg(self.process.pid, number)
        except (ProcessLookupError, PermissionError):
            # macOS answers "not permitted" for a group of which only dead members are left.
            return False
        return True


def describe_end(exit_code: int) -> str:
    if exit_code < 0:
        return f"was ended by {signal.Signals(-exit_code).name}"
    return f"ended with exit code {exit_code}"
