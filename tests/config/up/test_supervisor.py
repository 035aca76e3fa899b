import errno
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from config.up.children import Child, Stage
from config.up.errors import CannotStart
from config.up.leftovers import recorded
from config.up.supervisor import StopAsked, Supervisor
from tests.waiting import is_alive, wait_until

SLEEPS = "import time; time.sleep(600)"
ENDS_LATE = "import signal, time; signal.signal(signal.SIGTERM, lambda *_: None); time.sleep(600)"
WITH_A_CHILD_OF_ITS_OWN = """
import pathlib, subprocess, sys, time
inner = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
pathlib.Path({note!r}).write_text(str(inner.pid))
time.sleep(600)
"""
NOTES_ITS_END = """
import pathlib, signal, sys
def end(*_):
    with open({note!r}, "a") as note:
        note.write({name!r} + "\\n")
    sys.exit()
signal.signal(signal.SIGTERM, end)
pathlib.Path({note!r} + "." + {name!r}).touch()
signal.pause()
"""


def pids(supervisor: Supervisor) -> list[int]:
    return [running.process.pid for running in supervisor.running]


def test_a_killed_child_is_started_again(supervisor: Supervisor, program: Callable[..., Child]) -> None:
    supervisor.start(program("worker", SLEEPS))
    (first,) = pids(supervisor)
    os.kill(first, signal.SIGKILL)

    def healed() -> bool:
        supervisor.watch_once()
        return bool(pids(supervisor)) and pids(supervisor) != [first]

    wait_until(healed, "a new worker runs")


def test_what_a_killed_child_had_started_ends_before_its_successor(
    supervisor: Supervisor, program: Callable[..., Child], tmp_path: Path
) -> None:
    note = tmp_path / "inner"
    supervisor.start(program("web", WITH_A_CHILD_OF_ITS_OWN.format(note=str(note))))
    wait_until(lambda: note.exists() and note.read_text(), "the inner process runs")
    inner = int(note.read_text())
    (first,) = pids(supervisor)
    os.kill(first, signal.SIGKILL)

    def healed() -> bool:
        supervisor.watch_once()
        return bool(pids(supervisor)) and pids(supervisor) != [first]

    wait_until(healed, "a new web server runs")
    assert not is_alive(inner)


def test_a_child_that_keeps_dying_is_started_ever_later_and_said_so(
    supervisor: Supervisor, program: Callable[..., Child], capsys: pytest.CaptureFixture[str]
) -> None:
    supervisor.start(program("worker", "raise SystemExit(3)"))

    def died_three_times() -> bool:
        supervisor.watch_once()
        return supervisor.deaths.get("worker", 0) >= 3

    wait_until(died_three_times, "three deaths")
    said = capsys.readouterr().out
    assert "worker ended with exit code 3; starting it again." in said
    assert "starting it again in 1 s (death 2)" in said
    assert "starting it again in 2 s (death 3)" in said
    assert "worker" in supervisor.due


def test_children_stop_from_the_web_server_down_to_the_database(
    supervisor: Supervisor, program: Callable[..., Child], tmp_path: Path
) -> None:
    note = tmp_path / "ends"
    for stage in Stage:
        source = NOTES_ITS_END.format(note=str(note), name=stage.name)
        supervisor.start(program(stage.name.lower(), source, stage=stage))
        wait_until((tmp_path / f"ends.{stage.name}").exists, f"{stage.name} listens for its end")
    supervisor.stop()
    assert note.read_text().split() == ["WEB", "SCHEDULER", "WORKERS", "CACHE", "DATABASE"]
    assert recorded(supervisor.state) == []


def test_a_second_request_to_stop_hastens(supervisor: Supervisor, program: Callable[..., Child]) -> None:
    child = program("worker", ENDS_LATE, patience_seconds=600)
    supervisor.start(child)
    (pid,) = pids(supervisor)
    supervisor.stops_asked = 2
    supervisor.stop()
    assert not is_alive(pid)


def test_a_child_that_ends_while_starting_is_refused_with_its_last_words(
    supervisor: Supervisor, program: Callable[..., Child]
) -> None:
    child = program("cache", "raise SystemExit('no memory left')", is_ready=lambda: False)
    with pytest.raises(CannotStart, match="no memory left"):
        supervisor.start(child)


def test_a_request_to_stop_ends_the_wait_for_a_child(
    supervisor: Supervisor, program: Callable[..., Child]
) -> None:
    supervisor.stops_asked = 1
    with pytest.raises(StopAsked):
        supervisor.start(program("web", SLEEPS, is_ready=lambda: False))


def test_on_a_full_disk_a_child_is_started_again_once_and_written_down_later(
    supervisor: Supervisor,
    program: Callable[..., Child],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    supervisor.start(program("worker", SLEEPS))
    (first,) = pids(supervisor)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("config.up.supervisor.record", full)
        os.kill(first, signal.SIGKILL)

        def healed() -> bool:
            supervisor.watch_once()
            return bool(pids(supervisor)) and pids(supervisor) != [first]

        wait_until(healed, "a new worker runs")
        for _ in range(50):
            supervisor.watch_once()
        assert len(pids(supervisor)) == 1
        assert not supervisor.due
    assert capsys.readouterr().out.count("cannot be written now: No space left on device") == 1
    supervisor.watch_once()
    assert [one.pid for one in recorded(supervisor.state)] == pids(supervisor)
