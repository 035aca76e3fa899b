"""Programs that the tests need from the system: a browser, Chinese letters for it, and gettext."""

import os
import shutil
import subprocess
from pathlib import Path

from config.up.errors import CannotStart
from config.up.terminal import say

FONT_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))


def install_test_programs() -> None:
    """Install what is missing through apt when we may; otherwise CannotStart says what to install."""
    missing = missing_packages()
    if not missing:
        return
    command = f"apt-get update && apt-get install -y --no-install-recommends {' '.join(missing)}"
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise CannotStart(
            f"The tests need programs of the system. Install them, on Debian as root with\n    {command}"
        )
    say(f"Installing {', '.join(missing)} …")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for step in (
        ["apt-get", "update", "-q"],
        ["apt-get", "install", "-q", "-y", "--no-install-recommends", *missing],
    ):
        done = subprocess.run(step, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise CannotStart(f"`{' '.join(step)}` failed:\n{done.stdout}{done.stderr}")


def missing_packages() -> list[str]:
    """Debian's names of what is not there yet."""
    missing = []
    if not (shutil.which("chromium") or shutil.which("google-chrome")):
        missing.append("chromium")
    if not shutil.which("xgettext"):
        missing.append("gettext")
    if not any(_has_chinese(folder) for folder in FONT_FOLDERS):
        missing.append("fonts-noto-cjk")
    return missing


def _has_chinese(folder: Path) -> bool:
    return folder.is_dir() and any(folder.glob("**/*CJK*"))
