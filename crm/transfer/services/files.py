"""Files as they arrive: what they are, whether they can be imported, and their rows.

Everything that is wrong with a file as a whole is a BadFile with a sentence; the caller removes the file.
"""

import csv
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.errors import DomainError
from crm.transfer.rules.delimiter import detect_delimiter, is_quoted_whole
from crm.transfer.rules.encoding import UTF_8, detect_encoding
from crm.transfer.rules.rows import unguarded

MOST_COLUMNS = 256
LONGEST_CELL = 1_000_000  # characters
UNPACKED_LIMIT_BYTES = 400 * 1024 * 1024
SAMPLES = 200
_BLOCK = 1024 * 1024
_ENDINGS = (".csv", ".tsv", ".txt", ".xlsx")
_ZIP = b"PK\x03\x04"
_KNOWN_BINARY = {
    b"%PDF": "PDF",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF8": "GIF",
    b"\xd0\xcf\x11\xe0": "XLS",
    b"\x1f\x8b": "GZIP",
    b"Rar!": "RAR",
    b"7z\xbc\xaf": "7Z",
    b"\x7fELF": "ELF",
    b"MZ": "EXE",
}


class BadFile(DomainError):
    """The file as a whole cannot be imported; nothing of it is kept."""

    code = "bad_file"


@dataclass
class FileFacts:
    """What reading a file once found out. samples: some distinct values of each column.

    sure: column index (as text) → percent, how sure its mapping was guessed.
    """

    kind: str
    encoding: str
    delimiter: str
    headings: list[str]
    rows: int = 0
    samples: list[list[str]] = field(default_factory=list)
    sure: dict[str, int] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def inspect_file(path: Path, *, encoding: str = "") -> FileFacts:
    """Read the whole file once. encoding: as a person corrected it. Raises BadFile.

    An Excel file is turned into CSV beside it: see `rows_path`.
    """
    csv.field_size_limit(LONGEST_CELL)
    head = _head(path)
    if head.startswith(_ZIP):
        _unpack_sheet(path)
        return _inspect_text(rows_path(path, "xlsx"), "xlsx", UTF_8)
    _refuse_binary(path, head)
    return _inspect_text(path, "csv", encoding or detect_encoding(_blocks(path)))


def rows_path(path: Path, kind: str) -> Path:
    """Where the rows are: of an Excel file in the CSV made of it."""
    return path.with_name(f"{path.name}.rows.csv") if kind == "xlsx" else path


def read_rows(path: Path, facts: FileFacts) -> Iterator[tuple[int, list[str]]]:
    """(number, cells) of every row that is not blank; the headings are row 1. Raises BadFile."""
    csv.field_size_limit(LONGEST_CELL)
    yield from islice(_records(rows_path(path, facts.kind), facts.encoding, facts.delimiter), 1, None)


def wrong_length(cells: list[str], facts: FileFacts) -> str:
    """A sentence when the row has not as many cells as there are headings, else ''."""
    expected = len(facts.headings)
    if len(cells) == expected or (len(cells) > expected and not any(cells[expected:])):
        return ""
    if is_quoted_whole(cells, facts.delimiter, expected):
        return _("The whole line stands in quotation marks.")
    found = ngettext(
        "This row has %(count)d cell, but there are %(expected)d headings.",
        "This row has %(count)d cells, but there are %(expected)d headings.",
        len(cells),
    )
    return found % {"count": len(cells), "expected": expected}


def check_name(file_name: str) -> None:
    """Raises BadFile for an ending that is not a table's."""
    if not file_name.lower().endswith(_ENDINGS):
        raise BadFile(_("Choose a CSV or Excel file (.csv, .tsv, .txt or .xlsx)."))


def _inspect_text(path: Path, kind: str, encoding: str) -> FileFacts:
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        delimiter = "," if kind == "xlsx" else detect_delimiter(file.read(200_000))
    records = _records(path, encoding, delimiter)
    _first, headings = next(records, (0, []))
    if not headings:
        raise BadFile(_("This file is empty."))
    facts = FileFacts(kind, encoding, delimiter, _named(headings))
    seen: list[dict[str, None]] = [{} for _heading in facts.headings]
    for _number, cells in records:
        facts.rows += 1
        for column, cell in zip(seen, cells, strict=False):
            if cell and len(column) < SAMPLES:
                column[cell[:200]] = None
    if not facts.rows:
        raise BadFile(_("This file has headings but no rows below them."))
    facts.samples = [list(column) for column in seen]
    return facts


def _named(headings: list[str]) -> list[str]:
    """The headings, each once; those without a word are called by their place."""
    while headings and not headings[-1].strip():
        headings = headings[:-1]
    if len(headings) > MOST_COLUMNS:
        words = {"count": len(headings), "limit": MOST_COLUMNS}
        raise BadFile(_("This file has %(count)d columns; at most %(limit)d can be imported.") % words)
    named = [" ".join(text.split())[:100] or _("Column %(place)d") % {"place": place} for place, text in
             enumerate(headings, 1)]  # fmt: skip
    folded = [text.casefold() for text in named]
    for text in named:
        if folded.count(text.casefold()) > 1:
            raise BadFile(
                _("Two columns are called “%(heading)s”. Give each its own heading.") % {"heading": text}
            )
    return named


def _records(path: Path, encoding: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """(number, stripped cells) of rows that are not blank, the headings included."""
    with path.open(encoding=encoding, newline="") as file:
        try:
            for number, cells in enumerate(csv.reader(_without_marks(file), delimiter=delimiter), 1):
                if any(cell and not cell.isspace() for cell in cells):
                    yield number, [unguarded(cell.strip()) if cell else cell for cell in cells]
        except csv.Error as error:
            if "limit" in str(error):
                raise BadFile(_("A cell of this file is longer than a million characters."))
            raise BadFile(_("This file cannot be read as a table: a quotation mark may be missing."))
        except UnicodeError:
            raise BadFile(_("Some characters of this file cannot be read. Save it as UTF-8 and try again."))


def _without_marks(file: Iterator[str]) -> Iterator[str]:
    """Lines of text; a zero character means that the file is none."""
    for place, line in enumerate(file):
        if "\x00" in line:
            raise BadFile(_("This file holds characters that no text has. Is it really a table?"))
        # UTF-16 read without its mark's own codec keeps the mark.
        yield line.removeprefix("\ufeff") if place == 0 else line


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        head = file.read(4096)
    if not head.strip(b" \r\n\t\xef\xbb\xbf\xff\xfe"):
        raise BadFile(_("This file is empty."))
    return head


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            yield block


def _refuse_binary(path: Path, head: bytes) -> None:
    for mark, name in _KNOWN_BINARY.items():
        if head.startswith(mark):
            words = {"kind": name}
            raise BadFile(
                _("This is a %(kind)s file. Save it as CSV or Excel (.xlsx) and try again.") % words
            )
    if path.suffix.lower() == ".xlsx":
        raise BadFile(_("This is not an Excel file, although its name says so."))
    control = sum(byte < 9 or 13 < byte < 27 for byte in head)
    if control > len(head) * 0.05 and b"\x00" not in head[:4]:
        from crm.transfer.rules.encoding import encoding_by_mark

        if encoding_by_mark(head) is None:
            raise BadFile(_("This file holds characters that no text has. Is it really a table?"))


def _unpack_sheet(path: Path) -> None:
    """The first sheet with something in it as CSV, by a process that may be killed."""
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
    command = [sys.executable, "-m", "crm.transfer.sheet", str(path), str(rows_path(path, "xlsx"))]
    try:
        done = subprocess.run(
            command, cwd=settings.ROOT, capture_output=True, text=True, timeout=180, check=False
        )
    except subprocess.TimeoutExpired:
        raise BadFile(_("Unpacked, this file would be too large."))
    if done.returncode:
        raise BadFile(_sheet_sentence(done.stderr.strip().splitlines()[-1:]))


def _sheet_sentence(last_line: list[str]) -> str:
    sentences = {
        "empty": _("This file is empty."),
        "password": _("This Excel file is protected by a password."),
        "broken": _("This Excel file is damaged."),
    }
    return sentences.get("".join(last_line), _("Unpacked, this file would be too large."))
