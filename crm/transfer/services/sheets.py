"""Excel files: which sheets they hold, and one of them turned into CSV beside the upload."""

import json
import signal
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from core.errors import DomainError

UNPACKED_LIMIT_BYTES = 400 * 1024 * 1024
_LONGEST_SECONDS = 180
_REFUSED = 3  # the reader's status when its last word says why
_SHOWN_CHARACTERS = 2000


class BadFile(DomainError):
    """The file as a whole cannot be imported; nothing of it is kept."""

    code = "bad_file"


class ReaderBroke(Exception):
    """The reader of Excel files died of something that is no property of the file; holds what it said."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """place: in the workbook, from 0. rows: that are not blank."""

    place: int
    name: str
    rows: int


def unpack_sheet(path: Path, place: int | None) -> list[Sheet]:
    """Write one sheet as CSV (see `sheet_path`), by a process that may be killed. Raises BadFile, ReaderBroke.

    Takes up to minutes: for workers, never for a request.
    place: None takes the sheet with most rows. The sheet that was written comes first, the others follow.
    """
    refuse_strange_archive(path)
    command = [sys.executable, "-m", "crm.transfer.services.sheet", str(path), str(path)]
    command += [] if place is None else [str(place)]
    try:
        done = subprocess.run(
            command, cwd=settings.ROOT, capture_output=True, text=True, timeout=_LONGEST_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise BadFile(_too_large())
    finally:
        # Of a reader that was stopped.
        for part in path.parent.glob(f"{path.name}.*.part"):
            part.unlink(missing_ok=True)
    if done.returncode:
        raise _refusal(done)
    return [Sheet(*each) for each in json.loads(done.stdout)]


def sheet_path(path: Path, place: int) -> Path:
    """Where the rows of a sheet are."""
    return path.with_name(f"{path.name}.{place}.csv")


def refuse_strange_archive(path: Path) -> None:
    """Raises BadFile for what the archive's list of contents tells; nothing is unpacked."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            unpacked = sum(info.file_size for info in archive.infolist())
    except zipfile.BadZipFile:
        raise BadFile(_("This Excel file is damaged."))
    if "xl/workbook.xml" not in names:
        raise BadFile(_("This is an archive, not an Excel file (.xlsx)."))
    if unpacked > UNPACKED_LIMIT_BYTES:
        raise BadFile(_too_large())


def _refusal(done: subprocess.CompletedProcess[str]) -> BadFile | ReaderBroke:
    """Why the reader ended: the file's fault, or ours."""
    word = "".join(done.stderr.strip().splitlines()[-1:])
    sentences = {
        "empty": _("This file is empty."),
        "password": _("This Excel file is protected by a password."),
        "broken": _("This Excel file is damaged."),
        "cell": _("A cell of this file is longer than Excel allows (32,767 characters)."),
        "large": _too_large(),
    }
    if done.returncode == _REFUSED and word in sentences:
        return BadFile(sentences[word])
    # Rust ends the process when it gets no memory; the kernel when the time is over.
    out_of_memory = done.returncode == -signal.SIGABRT and "memory allocation of" in done.stderr
    if out_of_memory or done.returncode == -signal.SIGXCPU:
        return BadFile(_too_large())
    return ReaderBroke(f"status {done.returncode}: {done.stderr[-_SHOWN_CHARACTERS:]}")


def _too_large() -> str:
    return _("Unpacked, this file would be too large.")
