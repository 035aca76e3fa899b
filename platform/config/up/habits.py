"""`manage.py test`: every habit of the house in order, then pytest, on a throwaway database and cache."""

import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from config.up.assets import build_assets, stale_assets
from config.up.errors import STOPPED
from config.up.machine import install_test_programs
from config.up.options import UpOptions
from config.up.start import product_environment, start_payments, start_services
from config.up.state import load_keys, open_folder
from config.up.supervisor import StopAsked, Supervisor
from config.up.terminal import say
from config.up.translations import compile_translations, translation_faults

PYTEST_WORKERS = "2"
SHOWN_FAULTS = 40
SOURCES = ("platform/*", "tenants", "billing", "crm")
# What belongs to a product that runs elsewhere on this machine must not reach the tests.
OPTIONS = UpOptions(port=8000, host="127.0.0.1", state=None, demo=False)


@dataclass(frozen=True)
class Habit:
    """faults() gives a line for each thing that is wrong."""

    name: str
    faults: Callable[[], list[str]]


def run_everything(root: Path, pytest_arguments: list[str]) -> int:
    """The exit code: 0 only when all passed. With arguments for pytest only those tests run, and no habits.

    Raises CannotStart when a program that the tests need is missing.
    """
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
        environment |= start_payments(supervisor, root, folder, load_keys(folder), OPTIONS, durable=False)
        environment |= {"DJANGO_SETTINGS_MODULE": "config.settings.test", "GUANXI_NO_VENV": "1"}
        broken = [] if pytest_arguments else _broken_habits(supervisor, habits(root, environment))
        command = [sys.executable, "-m", "pytest", "-n", PYTEST_WORKERS, "--dist", "loadgroup", "--color=no"]
        result = supervisor.run([*command, *pytest_arguments], environment, root, signal.SIGINT)
        return result or (1 if broken else 0)
    except StopAsked:
        say("Stopped.")
        return STOPPED
    finally:
        supervisor.stop()
        shutil.rmtree(folder, ignore_errors=True)


def habits(root: Path, environment: dict[str, str]) -> list[Habit]:
    """In the order in which they run: the quick ones first."""

    def program(*arguments: str) -> Callable[[], list[str]]:
        return lambda: _faults_of(list(arguments), root, environment)

    def module(*arguments: str) -> Callable[[], list[str]]:
        return program(sys.executable, "-m", *arguments)

    def manage(*arguments: str) -> Callable[[], list[str]]:
        return program(sys.executable, str(root / "manage.py"), *arguments)

    packages = sorted(str(path.parent) for top in SOURCES for path in root.glob(f"{top}/__init__.py"))
    # import-linter has no module to run.
    lint_imports = str(Path(sys.executable).with_name("lint-imports"))
    return [
        Habit("format", module("ruff", "format", "--check", ".")),
        Habit("lint", module("ruff", "check", ".")),
        Habit("import contracts", program(lint_imports, "--no-logo")),
        Habit("types", module("mypy", *packages)),
        Habit("templates", manage("check_templates")),
        Habit("migrations", manage("makemigrations", "--check", "--dry-run")),
        Habit("assets fresh", lambda: stale_assets(root)),
        Habit("translations complete", lambda: translation_faults(root)),
    ]


def _broken_habits(supervisor: Supervisor, wanted: list[Habit]) -> list[str]:
    """Their names. pytest's summary must stay the last line of the output, so all is said here, before it."""
    broken = []
    for habit in wanted:
        supervisor.heed_stop()
        if not _holds(habit):
            broken.append(habit.name)
    if broken:
        say(f"Broken habits: {', '.join(broken)}. The tests run all the same; the command fails.")
    return broken


def _holds(habit: Habit) -> bool:
    begun = time.monotonic()
    faults = habit.faults()
    verdict = "ok" if not faults else "BROKEN"
    say(f"  {habit.name:<24}{verdict}  ({time.monotonic() - begun:.1f} s)")
    for fault in faults[:SHOWN_FAULTS]:
        say(f"      {fault}")
    if len(faults) > SHOWN_FAULTS:
        say(f"      … and {len(faults) - SHOWN_FAULTS} lines more")
    return not faults


def _faults_of(command: list[str], root: Path, environment: dict[str, str]) -> list[str]:
    """What the command says when it fails; empty when it succeeds."""
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
    return (done.stdout + done.stderr).splitlines() or ["failed"] if done.returncode else []
