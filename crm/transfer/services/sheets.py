"""Excel files: which sheets they hold, and one of them turned into CSV beside the upload."""

import json
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


class BadFile(DomainError):
    """The file as a whole cannot be imported; nothing of it is kept."""

    code = "bad_file"


@dataclass(frozen=True, slots=True)
class Sheet:
    """place: in the workbook, from 0. rows: that are not blank."""

    place: int
    name: str
    rows: int


def unpack_sheet(path: Path, place: int | None) -> list[Sheet]:
    """Write one sheet as CSV (see `sheet_path`), by a process that may be killed. Raises BadFile.

    place: None takes the sheet with most rows. The sheet that was written comes first, the others follow.
    """
    _refuse_strange_archive(path)
    command = [sys.executable, "-m", "crm.transfer.services.sheet", str(path), str(path)]
    command += [] if place is None else [str(place)]
    try:
        done = subprocess.run(
            command, cwd=settings.ROOT, capture_output=True, text=True, timeout=_LONGEST_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise BadFile(_("Unpacked, this file would be too large."))
    if done.returncode:
        raise BadFile(_sentence(done.stderr.strip().splitlines()[-1:]))
    return [Sheet(*each) for each in json.loads(done.stdout)]


def sheet_path(path: Path, place: int) -> Path:
    """Where the rows of a sheet are."""
    return path.with_name(f"{path.name}.{place}.csv")


def _refuse_strange_archive(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            unpacked = sum(info.file_size for info in archive.infolist())
    except zipfile.BadZipFile:
        raise BadFile(_("This Excel file is damaged."))
    if "xl/workbook.xml" not in names:
        raise BadFile(_("This is an archive, not an Excel file (.xlsx)."))
    if unpacked > UNPACKED_LIMIT_BYTES:
        raise BadFile(_("Unpacked, this file would be too large."))


def _sentence(last_line: list[str]) -> str:
    sentences = {
        "empty": _("This file is empty."),
        "password": _("This Excel file is protected by a password."),
        "broken": _("This Excel file is damaged."),
    }
    return sentences.get("".join(last_line), _("Unpacked, this file would be too large."))
