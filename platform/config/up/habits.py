"""`manage.py test`: every habit of the house in order, then pytest, on a throwaway database and cache."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from config.up.assets import build_assets, stale_assets
from config.up.machine import install_test_programs
from config.up.options import UpOptions
from config.up.start import product_environment, start_services
from config.up.state import load_keys, open_folder
from config.up.supervisor import StopAsked, Supervisor
from config.up.terminal import say
from config.up.translations import compile_translations, translation_faults

PYTEST_WORKERS = "2"
# What belongs to a product that runs elsewhere on this machine must not reach the tests.
OPTIONS = UpOptions(port=8000, host="127.0.0.1", state=None, demo=False)


def run_everything(root: Path, pytest_arguments: list[str]) -> int:
    """The exit code: 0 only when every habit and every test passed. Raises CannotStart."""
    install_test_programs()
    build_assets(root)
    compile_translations(root)
    folder = Path(tempfile.mkdtemp(prefix="guanxi-test-"))
    folder.chmod(0o711)  # under root the database's user must pass through
    supervisor = Supervisor(open_folder(folder))
    supervisor.listen()
    try:
        environment = product_environment(root, folder, load_keys(folder), OPTIONS)
        environment |= start_services(supervisor, folder, load_keys(folder), durable=False)
        environment |= {"DJANGO_SETTINGS_MODULE": "config.settings.test", "GUANXI_NO_VENV": "1"}
        broken = [name for name, check in habits(root, environment) if not _holds(name, check)]
        supervisor.heed_stop()
        return _run_pytest(root, environment, pytest_arguments, broken)
    except StopAsked:
        say("Stopped.")
        return 130
    finally:
        supervisor.stop()
        shutil.rmtree(folder, ignore_errors=True)


def habits(root: Path, environment: dict[str, str]) -> list[tuple[str, Callable[[], list[str]]]]:
    """Name and check of each habit; a check gives the faults found."""

    def command(*arguments: str) -> Callable[[], list[str]]:
        return lambda: _faults_of([sys.executable, "-m", *arguments], root, environment)

    manage = [sys.executable, str(root / "manage.py")]
    return [
        ("format", command("ruff", "format", "--check", ".")),
        ("lint", command("ruff", "check", ".")),
        ("imports", command("importlinter.cli", "lint-imports")),
        ("types", command("mypy", "platform/config", "platform/core", "platform/web", "tenants", "crm")),
        (
            "migrations",
            lambda: _faults_of([*manage, "makemigrations", "--check", "--dry-run"], root, environment),
        ),
        ("assets fresh", lambda: stale_assets(root)),
        ("translations complete", lambda: translation_faults(root)),
    ]


def _holds(name: str, check: Callable[[], list[str]]) -> bool:
    begun = time.monotonic()
    faults = check()
    verdict = "ok" if not faults else "BROKEN"
    say(f"  {name:<24}{verdict}  ({time.monotonic() - begun:.1f} s)")
    for fault in faults:
        say(f"      {fault}")
    return not faults


def _faults_of(command: list[str], root: Path, environment: dict[str, str]) -> list[str]:
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
    return (done.stdout + done.stderr).splitlines() or ["failed"] if done.returncode else []


def _run_pytest(root: Path, environment: dict[str, str], arguments: list[str], broken: list[str]) -> int:
    """pytest's summary stays the last line: broken habits are named before it, and fail the command."""
    if broken:
        say(f"Broken habits: {', '.join(broken)}. The tests run all the same; the command fails.")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-n",
        PYTEST_WORKERS,
        "--dist",
        "loadgroup",
        "--color=no",
        *arguments,
    ]
    result = subprocess.run(
        command, cwd=root, env={**environment, "PWD": os.fspath(root)}, check=False
    ).returncode
    return result or (1 if broken else 0)
