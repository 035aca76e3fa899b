"""Files as they arrive: what they are, whether they can be imported, and their rows.

Everything that is wrong with a file as a whole is a BadFile with a sentence; the caller removes the file.
"""

import csv
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.transfer.rules.delimiter import detect_delimiter, inner_cells
from crm.transfer.rules.encoding import UTF_8, detect_encoding, encoding_by_mark
from crm.transfer.rules.headings import LOOKED_AT, guess_heading_row
from crm.transfer.rules.rows import cleaned
from crm.transfer.services.sheets import BadFile, sheet_path, unpack_sheet

MOST_COLUMNS = 256
MOST_ROWS = 500_000
LONGEST_CELL = 1_000_000  # characters
SAMPLES = 200
_BLOCK = 1024 * 1024
_SHOWN_ROWS = 10  # for the choice of the headings' row
_TOLD_EVERY = 5_000  # rows
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


Told = Callable[[int], None]


@dataclass(frozen=True)
class Layout:
    """How a person says the file is to be read; None and '' leave it to guessing.

    sheet: place in the workbook. heading_row: number of the row, 0 when there are no headings. unquote: lines that
    are quoted as a whole are repaired.
    """

    encoding: str = ""
    delimiter: str = ""
    sheet: int | None = None
    heading_row: int | None = None
    unquote: bool = False


@dataclass
class FileFacts:
    """What reading a file once found out. samples: some distinct values of each column.

    sure: column index (as text) → percent, how sure its mapping was guessed. sheets: [place, name, rows],
    the one that is read first. top: [number, cells] of the first rows. quoted_lines: lines quoted as a whole,
    quoted_sample: one of them, before and after its repair.
    """

    kind: str
    encoding: str
    delimiter: str
    headings: list[str]
    rows: int = 0
    samples: list[list[str]] = field(default_factory=list)
    sure: dict[str, int] = field(default_factory=dict)
    sheets: list[list[Any]] = field(default_factory=list)
    heading_row: int = 1
    top: list[list[Any]] = field(default_factory=list)
    unquote: bool = False
    quoted_lines: int = 0
    quoted_sample: list[Any] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def inspect_file(path: Path, layout: Layout | None = None, told: Told = lambda rows: None) -> FileFacts:
    """Read the whole file once. told(rows so far) is called now and then, and may raise. Raises BadFile, ReaderBroke.

    Of an Excel file a sheet is turned into CSV beside it: see `services.sheets`.
    """
    csv.field_size_limit(LONGEST_CELL)
    layout = layout or Layout()
    head = _head(path)
    if is_workbook(path):
        sheets = unpack_sheet(path, layout.sheet)
        facts = FileFacts("xlsx", UTF_8, ",", [], sheets=[[s.place, s.name, s.rows] for s in sheets])
        return _inspect_rows(path, facts, layout, told)
    _refuse_binary(path, head)
    encoding = layout.encoding or detect_encoding(_blocks(path))
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        delimiter = layout.delimiter or detect_delimiter(file.read(200_000).removeprefix("\ufeff"))
    return _inspect_rows(path, FileFacts("csv", encoding, delimiter, []), layout, told)


def is_workbook(path: Path) -> bool:
    """Whether this is an Excel file, whatever it is called. Raises BadFile when it is empty."""
    return _head(path).startswith(_ZIP)


def rows_path(path: Path, facts: FileFacts) -> Path:
    """Where the rows are: of an Excel file in the CSV made of its sheet."""
    if facts.kind != "xlsx":
        return path
    # A file that was read by the last release has its only sheet under another name.
    former = path.with_name(f"{path.name}.rows.csv")
    return sheet_path(path, facts.sheets[0][0]) if facts.sheets else former


def read_rows(path: Path, facts: FileFacts) -> Iterator[tuple[int, list[str]]]:
    """(number in the file, cells) of every row below the headings that is not blank. Raises BadFile."""
    csv.field_size_limit(LONGEST_CELL)
    records = _records(rows_path(path, facts), facts.encoding, facts.delimiter)
    for number, cells in records:
        if number > facts.heading_row:
            yield number, _repaired(cells, facts) if facts.unquote else cells


def wrong_length(cells: list[str], facts: FileFacts) -> str:
    """A sentence when the row has not as many cells as there are headings, else ''."""
    expected = len(facts.headings)
    if len(cells) == expected or (len(cells) > expected and not any(cells[expected:])):
        return ""
    if _is_quoted_whole(cells, facts):
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


def _inspect_rows(path: Path, facts: FileFacts, layout: Layout, told: Told) -> FileFacts:
    """Headings, samples and counts into the facts."""
    records = _records(rows_path(path, facts), facts.encoding, facts.delimiter)
    first = list(islice(records, LOOKED_AT))
    if not first:
        raise BadFile(_("This file is empty."))
    facts.unquote = layout.unquote
    facts.top = [[number, [cell[:60] for cell in cells[:8]]] for number, cells in first[:_SHOWN_ROWS]]
    facts.heading_row = guess_heading_row(first) if layout.heading_row is None else layout.heading_row
    facts.headings = _headings(first, facts)
    seen: list[dict[str, None]] = [{} for _heading in facts.headings]
    for number, cells in chain(first, records):
        if number > facts.heading_row:
            _look_at(cells, facts, seen)
            if facts.rows % _TOLD_EVERY == 0:
                told(facts.rows)
    if not facts.rows:
        raise BadFile(_("This file has headings but no rows below them."))
    facts.samples = [list(column) for column in seen]
    return facts


def _look_at(cells: list[str], facts: FileFacts, seen: list[dict[str, None]]) -> None:
    """Count a row and keep samples of it."""
    facts.rows += 1
    if facts.rows > MOST_ROWS:
        words = {"limit": number_format(MOST_ROWS, use_l10n=True, force_grouping=True)}
        raise BadFile(_("This file has more than %(limit)s rows. Cut it into several files.") % words)
    if _is_quoted_whole(cells, facts):
        facts.quoted_lines += 1
        repaired = inner_cells(cells, facts.delimiter) or cells
        facts.quoted_sample = facts.quoted_sample or [cells[0][:400], [cell[:60] for cell in repaired]]
        cells = repaired if facts.unquote else cells
    for column, cell in zip(seen, cells, strict=False):
        if cell and len(column) < SAMPLES:
            column[cell[:200]] = None


def _headings(first: list[tuple[int, list[str]]], facts: FileFacts) -> list[str]:
    if not facts.heading_row:
        widest = max(len(cells) for _number, cells in first)
        return _named([_("Column %(place)d") % {"place": place} for place in range(1, widest + 1)])
    cells = next((cells for number, cells in first if number == facts.heading_row), [])
    if not cells:
        raise BadFile(_("Row %(number)d holds no headings.") % {"number": facts.heading_row})
    inner = inner_cells(cells, facts.delimiter) if facts.unquote else None
    return _named(inner or cells)


def _is_quoted_whole(cells: list[str], facts: FileFacts) -> bool:
    """Whether the line stands in quotation marks as a whole, and inside it is as long as it should be."""
    expected = len(facts.headings)
    if len(cells) == expected and expected > 1:
        return False
    inner = inner_cells(cells, facts.delimiter)
    if inner is None:
        return False
    if expected == 1 and not facts.unquote:
        # Then the headings are quoted as well: what is inside them tells the length.
        headings = inner_cells(facts.headings, facts.delimiter)
        return headings is not None and len(inner) == len(headings)
    return len(inner) == expected


def _repaired(cells: list[str], facts: FileFacts) -> list[str]:
    inner = inner_cells(cells, facts.delimiter) if _is_quoted_whole(cells, facts) else None
    return inner or cells


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
                    yield number, [cleaned(cell) if cell else cell for cell in cells]
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
    if control > len(head) * 0.05 and b"\x00" not in head[:4] and encoding_by_mark(head) is None:
        raise BadFile(_("This file holds characters that no text has. Is it really a table?"))
