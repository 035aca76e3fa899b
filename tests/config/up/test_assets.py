"""Where Node comes from when styles and scripts are built."""

import os
import subprocess
from pathlib import Path

import pytest

from config.up.assets import OLDEST_NODE, find_node


def test_on_a_machine_without_node_that_of_the_wheel_runs_npm(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    node = find_node()
    environment = {**os.environ, "PATH": f"{node.path}{os.pathsep}/usr/bin:/bin", "HOME": str(tmp_path)}
    for command in (
        [*node.npm, "--version"],
        [str(Path(node.path.split(os.pathsep)[0]) / "node"), "--version"],
    ):
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert done.stdout.strip().lstrip("v")[0].isdigit()


@pytest.mark.parametrize(("version", "machine"), [(OLDEST_NODE, True), (OLDEST_NODE - 1, False)])
def test_the_machines_own_is_used_only_when_new_enough(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, version: int, machine: bool
) -> None:
    for name, words in (("node", f"echo v{version}.1.0"), ("npm", "true")):
        (tmp_path / name).write_text(f"#!/bin/sh\n{words}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert (find_node().npm == ("npm",)) is machine
