import os
import socket
import stat
from pathlib import Path

import pytest

from config.up import state
from config.up.errors import CannotStart


def test_a_second_run_on_the_same_folder_is_refused(folder: Path) -> None:
    refusal = f"already running .* \\(process {os.getpid()}\\)"
    with state.lock(folder), pytest.raises(CannotStart, match=refusal):
        state.lock(folder)
    state.lock(folder).close()


def test_the_keys_are_made_once_and_private(folder: Path) -> None:
    first = state.load_keys(folder)
    assert state.load_keys(folder) == first
    assert stat.S_IMODE((folder / "keys.json").stat().st_mode) == 0o600
    assert len({*vars(first).values()}) == 6


def test_a_port_is_kept_while_it_is_free_and_changed_when_it_is_not(folder: Path) -> None:
    port = state.choose_port(folder, "cache")
    assert state.choose_port(folder, "cache") == port
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        assert state.choose_port(folder, "cache") != port


def test_a_folder_that_is_no_folder_is_refused_with_advice(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CannotStart, match="--state DIR"):
        state.open_folder(tmp_path / "file" / "state")


def test_a_full_disk_is_refused_with_advice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "NEEDED_FREE_BYTES", 2**60)
    with pytest.raises(CannotStart, match="MB free"):
        state.open_folder(tmp_path)


def test_logs_are_rotated_and_the_oldest_goes(folder: Path) -> None:
    log = folder / "log" / "web.log"
    for run in range(5):
        log.write_text(f"run {run}")
        state.rotate_logs(folder)
    kept = sorted(path.name for path in log.parent.iterdir())
    assert kept == ["web.log.1", "web.log.2", "web.log.3"]
    assert (log.parent / "web.log.1").read_text() == "run 4"


def test_plain_commands_find_the_running_database(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state.share_environment(folder, {"DATABASE_URL": "postgres://here", "HOME": "/not-shared"})
    monkeypatch.setenv("GUANXI_STATE", str(folder))
    for name in state.SHARED_VARIABLES:
        if name != "GUANXI_STATE":
            monkeypatch.delenv(name, raising=False)
    state.join_running_product(tmp_path)
    assert os.environ["DATABASE_URL"] == "postgres://here"
    monkeypatch.delenv("DATABASE_URL")
