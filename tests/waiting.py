"""Waiting for a state, instead of for a time."""

import time
from collections.abc import Callable
from pathlib import Path

LONGEST_WAIT_SECONDS = 20


def wait_until(condition: Callable[[], object], what: str, seconds: float = LONGEST_WAIT_SECONDS) -> None:
    """Ask until it holds; fail with `what` when it does not within the seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"still not so: {what}"
        time.sleep(0.01)


def is_alive(pid: int) -> bool:
    """Runs, and is not merely waiting for its parent to notice its end."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in ("Z", "X")
    except FileNotFoundError:
        return False
