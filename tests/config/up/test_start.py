"""How `up` ends when it is stopped, or refuses, before everything runs."""

from pathlib import Path

import pytest

from config.up import entrance, start
from config.up.errors import CannotStart
from config.up.options import UpOptions
from config.up.supervisor import Supervisor

OPTIONS = UpOptions(port=1, host="127.0.0.1", state=None, demo=False)


@pytest.fixture
def failing_start(monkeypatch: pytest.MonkeyPatch):
    """failing_start(stops) → the start breaks in initdb, after so many times of Ctrl-C."""

    def make(stops: int) -> None:
        def break_down(supervisor: Supervisor, *_: object) -> None:
            supervisor.stops_asked = stops
            raise CannotStart("initdb: interrupted")

        monkeypatch.setattr(start, "_check_port", lambda options: None)
        monkeypatch.setattr(Supervisor, "listen", lambda self: None)
        monkeypatch.setattr(start, "_start_everything", break_down)

    return make


def test_a_part_that_ctrl_c_ended_is_no_error(
    folder: Path, failing_start, capsys: pytest.CaptureFixture[str]
) -> None:
    failing_start(1)
    assert start._run(folder, folder, OPTIONS) == 0
    said = capsys.readouterr().out
    assert "stopped while starting" in said
    assert "initdb" not in said


def test_a_part_that_failed_by_itself_is_one(folder: Path, failing_start) -> None:
    failing_start(0)
    with pytest.raises(CannotStart, match="initdb"):
        start._run(folder, folder, OPTIONS)


def test_ctrl_c_while_packages_are_installed_shows_no_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(entrance, "_run", interrupted)
    with pytest.raises(SystemExit) as end:
        entrance.enter(tmp_path, ["manage.py", "up"])
    assert end.value.code == 130
    assert capsys.readouterr().err == "\nStopped.\n"
