"""Translations: compiled with polib at the start, and checked for completeness by the test command."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import polib

from config.up.errors import CannotStart

LANGUAGE = "zh_Hans"
LEFT_OUT = (
    ".venv",
    ".git",
    ".data",
    "node_modules",
    "dist",
    "static",
    "tests",
    "bench",
    "docs",
    "locale",
    ".*_cache",
)
Message = tuple[str | None, str, str]


def catalogs(root: Path) -> Iterator[Path]:
    """Every django.po of the product."""
    for top in ("platform", "tenants", "billing", "crm"):
        for path in sorted((root / top).glob("**/locale/*/LC_MESSAGES/django.po")):
            if "node_modules" not in path.parts:
                yield path


def compile_translations(root: Path) -> None:
    """Make each .mo that is missing or older than its .po, whole or not at all."""
    for source in catalogs(root):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        unfinished = target.with_name(f"django.{os.getpid()}.new")
        try:
            polib.pofile(str(source)).save_as_mofile(str(unfinished))
            unfinished.replace(target)
        except PermissionError:
            raise CannotStart(
                f"The translations must be compiled, and you may not write in {source.parent}.\n"
                "Run this command once as a user who may, or copy the whole folder to a place of your own."
            )


def translation_faults(root: Path) -> list[str]:
    """What is missing, doubtful or left over in the Chinese translation; empty when it is complete.

    Needs gettext's xgettext. The sources are read in a temporary copy, so that no catalog is touched.
    """
    wanted = _messages_in_sources(root)
    given: set[Message] = set()
    faults = []
    for path in catalogs(root):
        if path.parents[1].name != LANGUAGE:
            continue
        for entry in polib.pofile(str(path)):
            message = (entry.msgctxt, entry.msgid, entry.msgid_plural)
            fault = _fault(entry, message in wanted)
            if fault:
                faults.append(f"{path.relative_to(root)}: {fault}: {entry.msgid!r}")
            given.add(message)
    missing = sorted((message for message in wanted if message not in given), key=lambda message: message[1])
    return faults + [
        f"not in any {LANGUAGE} catalog: {text!r} ({wanted[c, text, p]})" for c, text, p in missing
    ]


def _fault(entry: polib.POEntry, wanted: bool) -> str | None:
    if entry.obsolete:
        return "obsolete"
    if entry.fuzzy:
        return "fuzzy"
    if not entry.translated():
        return "not translated"
    return None if wanted else "no longer used"


def _messages_in_sources(root: Path) -> dict[Message, str]:
    """Every translatable text of the code and templates, with the place where it stands."""
    with tempfile.TemporaryDirectory(prefix="guanxi-messages-") as temporary:
        copy = Path(temporary) / "sources"
        shutil.copytree(root, copy, ignore=shutil.ignore_patterns(*LEFT_OUT))
        (copy / "locale").mkdir()
        command = [sys.executable, "-m", "django", "makemessages", "-l", LANGUAGE, "--keep-pot", "-v", "0"]
        environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
        done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, check=False)
        template = copy / "locale" / "django.pot"
        if done.returncode:
            raise CannotStart(f"The translatable texts could not be collected:\n{done.stdout}{done.stderr}")
        if not template.exists():
            return {}
        entries = polib.pofile(str(template))
        return {(e.msgctxt, e.msgid, e.msgid_plural): ":".join(map(str, e.occurrences[0])) for e in entries}
