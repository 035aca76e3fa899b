import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from config.up.children import Child
from config.up.leftovers import Recorded, clear_leftovers, record, started_at
from config.up.running import Running
from tests.waiting import is_alive, wait_until

SLEEPS = "import time; time.sleep(600)"
STARTS_ANOTHER = """
import pathlib, subprocess, sys, time
inner = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
pathlib.Path({note!r}).write_text(str(inner.pid))
time.sleep(600)
"""


def test_what_a_killed_run_left_is_ended(folder: Path, program: Callable[..., Child]) -> None:
    running = Running(program("worker", SLEEPS), folder / "log" / "worker.log")
    record(folder, [running.recorded])
    assert clear_leftovers(folder) == ["worker"]
    assert not is_alive(running.process.pid)
    running.process.wait()


def test_what_a_dead_leftover_had_started_is_ended_too(
    folder: Path, program: Callable[..., Child], tmp_path: Path
) -> None:
    note = tmp_path / "inner"
    running = Running(program("web", STARTS_ANOTHER.format(note=str(note))), folder / "log" / "web.log")
    wait_until(lambda: note.exists() and note.read_text(), "the inner process runs")
    inner = int(note.read_text())
    record(folder, [running.recorded])
    running.process.kill()
    running.process.wait()
    assert is_alive(inner)
    assert clear_leftovers(folder) == ["web"]
    assert not is_alive(inner)


def test_a_stranger_who_got_the_same_process_number_is_left_alone(folder: Path) -> None:
    stranger = subprocess.Popen([sys.executable, "-c", SLEEPS], start_new_session=True, env={**os.environ})
    try:
        record(folder, [Recorded("worker", stranger.pid, "another moment")])
        assert clear_leftovers(folder) == []
        assert is_alive(stranger.pid)
        assert started_at(stranger.pid) is not None
    finally:
        stranger.kill()
        stranger.wait()


def test_the_database_is_never_ended_here(folder: Path, program: Callable[..., Child]) -> None:
    running = Running(program("database", SLEEPS), folder / "log" / "database.log")
    record(folder, [running.recorded])
    assert clear_leftovers(folder) == []
    assert is_alive(running.process.pid)
    running.process.kill()
    running.process.wait()
