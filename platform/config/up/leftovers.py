"""Which processes belong to this state folder, and clearing those that outlived a killed `up`.

Every child leads a session of its own, so what it started is found by its session. A process number alone
proves nothing, since the system gives it out again: the moment of the process's start must agree too.
"""

import json
import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from config.up.state import write_private

PROC = Path("/proc")
# Fields of /proc/<pid>/stat after the parenthesis that closes the command's name (man 5 proc).
STATE_FIELD, SESSION_FIELD, STARTED_FIELD = 0, 3, 19
GONE = ("Z", "X")
PATIENCE_SECONDS = 5


@dataclass(frozen=True)
class Recorded:
    """started: an opaque mark of the moment; equal for two processes only if they are the same one."""

    name: str
    pid: int
    started: str


def started_at(pid: int) -> str | None:
    """The opaque mark of when a process started; None when it runs no more."""
    if not PROC.is_dir():
        answer = subprocess.run(
            ["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
        )
        return answer.stdout.strip() or None
    fields = _stat(pid)
    if fields is None or fields[STATE_FIELD] in GONE:
        return None
    return f"{_boot_id()} {fields[STARTED_FIELD]}"


def _boot_id() -> str:
    return (PROC / "sys/kernel/random/boot_id").read_text().strip()


def _stat(pid: int) -> list[str] | None:
    try:
        return (PROC / str(pid) / "stat").read_text().rsplit(")", 1)[1].split()
    except (FileNotFoundError, ProcessLookupError):
        return None


def record(folder: Path, running: list[Recorded]) -> None:
    """Write down what runs now; after a kill -9 of `up` the next one reads it."""
    write_private(folder / "children.json", json.dumps([[r.name, r.pid, r.started] for r in running]))


def recorded(folder: Path) -> list[Recorded]:
    path = folder / "children.json"
    return [Recorded(*entry) for entry in json.loads(path.read_text())] if path.exists() else []


def clear_leftovers(folder: Path) -> list[str]:
    """End what a killed `up` left running; the names of what was ended. Asks first, then kills.

    The database is not among them: only PostgreSQL's own tools may stop that (config.up.postgres).
    """
    ended = []
    for one in recorded(folder):
        if one.name != "database" and _members(folder, one):
            _end_session(folder, one)
            ended.append(one.name)
    return ended


def _end_session(folder: Path, one: Recorded) -> None:
    for ending in (signal.SIGTERM, signal.SIGKILL):
        deadline = time.monotonic() + PATIENCE_SECONDS
        for pid in _members(folder, one):
            _send(pid, ending)
        while _members(folder, one) and time.monotonic() < deadline:
            time.sleep(0.05)


def _send(pid: int, ending: signal.Signals) -> None:
    try:
        os.kill(pid, ending)
    except ProcessLookupError:
        return  # it ended by itself meanwhile


def _members(folder: Path, one: Recorded) -> list[int]:
    """The child, if it still runs, and those of its session that were told of this state folder."""
    leader = [one.pid] if started_at(one.pid) == one.started else []
    if not PROC.is_dir():
        return leader
    others = [int(entry.name) for entry in PROC.iterdir() if entry.name.isdecimal()]
    return leader + [pid for pid in others if pid != one.pid and _belongs(pid, one.pid, folder)]


def _belongs(pid: int, session: int, folder: Path) -> bool:
    fields = _stat(pid)
    if fields is None or fields[STATE_FIELD] in GONE or int(fields[SESSION_FIELD]) != session:
        return False
    try:
        environment = (PROC / str(pid) / "environ").read_bytes()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return False
    return f"GUANXI_STATE={folder}".encode() in environment.split(b"\0")
