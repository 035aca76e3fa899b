"""The product's own virtual environment: made from hashed requirements, entered by replacing this process.

The stamp inside `.venv` is written last, so an installation that was killed has none and is made again; it
names the requirements and their hash, so that an upgrade installs what is new.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.up.errors import CannotStart
from config.up.terminal import say

RUNTIME = "requirements.txt"
TESTS = "requirements-dev.txt"


def use_own_interpreter(root: Path, argv: list[str], *, for_tests: bool) -> None:
    """Return when this process runs in an up-to-date `.venv`; otherwise make it and start over inside it.

    Raises CannotStart when it cannot be made.
    """
    folder = root / ".venv"
    requirements = _requirements(root, folder, for_tests=for_tests)
    if _stamp(folder) != _wanted_stamp(folder, requirements):
        _install(root, folder, requirements)
    if Path(sys.prefix).resolve() == folder.resolve():
        return
    python = str(folder / "bin" / "python")
    os.execv(python, [python, str(root / "manage.py"), *argv[1:]])


def _requirements(root: Path, folder: Path, *, for_tests: bool) -> Path:
    """Once the tests' requirements are in, they stay: `up` must not shrink what `test` has installed."""
    stamp = _stamp(folder) or {}
    name = TESTS if for_tests or stamp.get("requirements") == TESTS else RUNTIME
    return root / "deploy" / name


def _stamp(folder: Path) -> dict[str, str] | None:
    path = folder / "guanxi.json"
    if not path.is_file():
        return None
    try:
        return json.loads(path.read_text())
    except ValueError:
        return None


def _wanted_stamp(folder: Path, requirements: Path) -> dict[str, str]:
    """With the interpreter: after an upgrade of the system's Python the old packages cannot be imported."""
    return {
        "requirements": requirements.name,
        "sha256": hashlib.sha256(requirements.read_bytes()).hexdigest(),
        "python": os.path.realpath(folder / "bin" / "python"),
    }


def _install(root: Path, folder: Path, requirements: Path) -> None:
    _check_writable(root, folder)
    with _alone(root):
        stamp = _stamp(folder)
        if stamp == _wanted_stamp(folder, requirements):
            return  # another command made it while this one waited
        whole = stamp is not None and stamp["python"] == os.path.realpath(folder / "bin" / "python")
        (folder / "guanxi.json").unlink(missing_ok=True)
        if not whole:
            say("Making the virtual environment .venv …")
            _make(folder)
        say(f"Installing deploy/{requirements.name} into .venv, about a minute …")
        _pip_install(folder, requirements)
        unfinished = folder / "guanxi.json.new"
        unfinished.write_text(json.dumps(_wanted_stamp(folder, requirements)))
        unfinished.replace(folder / "guanxi.json")


def _check_writable(root: Path, folder: Path) -> None:
    target = folder if folder.exists() else root
    if not os.access(target, os.W_OK):
        state = "out of date or not usable by you" if folder.exists() else "not there yet"
        raise CannotStart(
            f"Guanxi keeps its Python packages in {folder}, which is {state}, and you may not write "
            "there.\nRun this once as a user who may, or copy the whole folder to a place of your own."
        )


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    """Two commands started together must not install over each other. Locks manage.py: no extra file."""
    with (root / "manage.py").open() as door:
        fcntl.flock(door, fcntl.LOCK_EX)
        yield


def _make(folder: Path) -> None:
    if importlib.util.find_spec("ensurepip") is None or importlib.util.find_spec("venv") is None:
        raise CannotStart(
            "This Python has no venv module, which Debian keeps in a package of its own. Install it with\n"
            "    apt-get update && apt-get install -y python3-venv\n"
            "and run the command again."
        )
    made = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", str(folder)], capture_output=True, text=True, check=False
    )
    if made.returncode:
        raise CannotStart(f"The virtual environment {folder} could not be made:\n{made.stdout}{made.stderr}")


def _pip_install(folder: Path, requirements: Path) -> None:
    command = [str(folder / "bin" / "python"), "-m", "pip", "install", "--require-hashes"]
    command += ["-qq", "--disable-pip-version-check", "--no-input", "-r", str(requirements)]
    if subprocess.run(command, check=False).returncode:
        raise CannotStart(
            "The Python packages could not be installed; pip's own words are above.\n"
            "Check the network and the free disk space, and run the command again: it starts cleanly."
        )
