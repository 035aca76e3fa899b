from collections import namedtuple
from pathlib import Path

import pytest

from config.up import disk
from config.up.disk import SCARCE_BYTES, DiskWatch

Usage = namedtuple("Usage", "free")


def test_a_disk_that_runs_full_is_told_once_and_so_is_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    free = SCARCE_BYTES
    monkeypatch.setattr(disk.shutil, "disk_usage", lambda folder: Usage(free))
    monkeypatch.setattr(disk, "LOOK_EVERY_SECONDS", 0.0)
    watch = DiskWatch(tmp_path)
    watch.look()
    assert capsys.readouterr().out == ""
    free = SCARCE_BYTES - 1
    watch.look()
    watch.look()
    assert capsys.readouterr().out.count(f"only 99 MB are free for {tmp_path}") == 1
    free = SCARCE_BYTES
    watch.look()
    assert "there is room again" in capsys.readouterr().out
