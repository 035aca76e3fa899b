"""The virtual environment, made for real in a folder of its own, with requirements that need no network."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PLATFORM = Path(__file__).resolve().parents[3] / "platform"
ENTRANCE = """
import sys
from pathlib import Path
sys.path.insert(0, {platform!r})
from config.up.errors import CannotStart
from config.up.interpreter import use_own_interpreter
try:
    use_own_interpreter(Path(__file__).resolve().parent, sys.argv, for_tests="test" in sys.argv)
except CannotStart as refusal:
    sys.exit(str(refusal))
print("runs in", sys.prefix)
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "manage.py").write_text(ENTRANCE.format(platform=str(PLATFORM)))
    (tmp_path / "deploy").mkdir()
    for name in ("requirements.txt", "requirements-dev.txt"):
        (tmp_path / "deploy" / name).write_text(f"# {name}\n")
    return tmp_path


def enter(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(root / "manage.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def stamp(root: Path) -> dict[str, str]:
    content: dict[str, str] = json.loads((root / ".venv" / "guanxi.json").read_text())
    return content


def test_it_is_made_once_and_entered(root: Path) -> None:
    first = enter(root)
    assert first.stdout.splitlines()[-1] == f"runs in {root / '.venv'}"
    assert "Making the virtual environment" in first.stdout
    second = enter(root)
    assert second.stdout == f"runs in {root / '.venv'}\n"


def test_an_installation_that_was_killed_is_made_again(root: Path) -> None:
    enter(root)
    (root / ".venv" / "guanxi.json").unlink()
    (root / ".venv" / "bin" / "pip").unlink()
    again = enter(root)
    assert "Making the virtual environment" in again.stdout
    assert (root / ".venv" / "bin" / "pip").exists()


def test_an_upgrade_installs_and_the_tests_requirements_stay(root: Path) -> None:
    enter(root, "test")
    assert stamp(root)["requirements"] == "requirements-dev.txt"
    before = stamp(root)["sha256"]
    (root / "deploy" / "requirements-dev.txt").write_text("# a newer release\n")
    upgraded = enter(root)
    assert "Installing deploy/requirements-dev.txt" in upgraded.stdout
    assert "Making the virtual environment" not in upgraded.stdout
    assert stamp(root)["sha256"] != before


def test_a_package_without_a_hash_is_refused_and_nothing_is_stamped(root: Path) -> None:
    (root / "deploy" / "requirements.txt").write_text("polib==1.2.0\n")
    refused = enter(root)
    assert refused.returncode == 1
    assert "could not be installed" in refused.stderr
    assert not (root / ".venv" / "guanxi.json").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_explained(root: Path) -> None:
    root.chmod(0o555)
    refused = enter(root)
    root.chmod(0o755)
    assert refused.returncode == 1
    assert "you may not write there" in refused.stderr
    assert "Traceback" not in refused.stderr
