"""A sheet of an Excel file as CSV, in a process of its own with limited memory and time.

    python -m crm.transfer.services.sheet IN.xlsx OUT [SHEET]

Writes OUT.<place>.csv of one sheet: SHEET (a place, from 0), else the visible one with most rows. Prints
as JSON [[place, name, rows]] of all sheets with something in them, the one that was written first.

Values only: of a formula the value that Excel stored last, of an error (#N/A) nothing. Dates become ISO,
whole numbers lose '.0'. What is merged over several rows holds for each of them. Rows that a filter hides are
rows like others; sheets that are hidden count only when there is no other.
Ends with status 0, or with 3 and a word on standard error: see `services.sheets`. All sheets together may become
CSV_BYTES: a text that a workbook holds once may stand in any number of its cells.
"""

import csv
import datetime as dt
import errno
import json
import resource
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

MEMORY_BYTES = 1024**3
CPU_SECONDS = 120
CSV_BYTES = 200 * 1024**2
LONGEST_CELL = 32_767  # characters; Excel's own limit


class TooLarge(Exception):
    """More CSV than CSV_BYTES."""


class LongCell(Exception):
    """A cell that no Excel has written."""


class _Limited:
    """What csv.writer writes to: UTF-8 into the file at hand, all files together at most CSV_BYTES."""

    def __init__(self) -> None:
        self.file: IO[bytes] | None = None
        self.left = CSV_BYTES

    def write(self, line: str) -> None:
        """Raises TooLarge."""
        encoded = line.encode()
        self.left -= len(encoded)
        if self.left < 0 or self.file is None:
            raise TooLarge
        self.file.write(encoded)


def main(source: str, target: str, wanted: str = "") -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    # One second more before the kernel kills: the first signal tells why.
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (CSV_BYTES, CSV_BYTES))
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    try:
        found = _write_best(CalamineWorkbook.from_path(source), target, wanted)
    except PasswordError:
        return _refuse("password")
    except CalamineError:
        return _refuse("broken")
    except LongCell:
        return _refuse("cell")
    except (MemoryError, TooLarge):
        return _refuse("large")
    except OSError as error:
        if error.errno != errno.EFBIG:
            raise
        return _refuse("large")
    if not found:
        return _refuse("empty")
    sys.stdout.write(json.dumps(found))
    return 0


def _write_best(workbook: Any, target: str, wanted: str) -> list[tuple[int, str, int]]:
    """(place, name, rows) of the sheets with something in them; the first one becomes CSV.

    Under its name only once it is whole: a former one may be in use.
    """
    found = []
    limited = _Limited()
    for place, name in _sheets(workbook, wanted):
        path = _part_path(target, place)
        found.append((place, name, _write(_rows(workbook.get_sheet_by_index(place)), path, limited)))
    filled = sorted((each for each in found if each[2]), key=lambda each: (-each[2], each[0]))
    for each in found:
        if each in filled[:1]:
            _part_path(target, each[0]).replace(_csv_path(target, each[0]))
        else:
            _part_path(target, each[0]).unlink()
    return filled[:1] + sorted(filled[1:])


def _csv_path(target: str, place: int) -> Path:
    return Path(f"{target}.{place}.csv")


def _part_path(target: str, place: int) -> Path:
    return Path(f"{target}.{place}.part")


def _sheets(workbook: Any, wanted: str) -> list[tuple[int, str]]:
    """(place, name) of the sheets to look at."""
    sheets = list(enumerate(workbook.sheets_metadata))
    if wanted:
        return [(place, each.name) for place, each in sheets if place == int(wanted)]
    shown = [(place, each.name) for place, each in sheets if "Hidden" not in str(each.visible)]
    return shown or [(place, each.name) for place, each in sheets]


def _rows(sheet: Any) -> Iterator[list[str]]:
    merged = _merged_over_rows(sheet)
    first_column = sheet.start[1] if sheet.start else 0
    for number, row in enumerate(sheet.iter_rows()):
        texts = [_text(cell) for cell in row]
        for top, bottom, column in merged:
            place = column - first_column
            if not 0 <= place < len(texts):
                # Merged cells without a value, beside the table.
                continue
            if top == number:
                merged[top, bottom, column] = texts[place]
            elif top < number <= bottom:
                texts[place] = merged[top, bottom, column]
        yield texts


def _merged_over_rows(sheet: Any) -> dict[tuple[int, int, int], str]:
    """(first row, last row, column) of cells that were merged downwards → their text, once it is read."""
    ranges = sheet.merged_cell_ranges or []
    return {(top, bottom, left): "" for (top, left), (bottom, _right) in ranges if bottom > top}


def _write(rows: Iterator[list[str]], target: Path, limited: _Limited) -> int:
    """How many rows were not blank. Raises LongCell, TooLarge."""
    count = 0
    with target.open("wb") as file:
        limited.file = file
        writer = csv.writer(limited)
        for row in rows:
            if max(map(len, row), default=0) > LONGEST_CELL:
                raise LongCell
            writer.writerow(row)
            count += any(row)
    return count


def _text(cell: Any) -> str:
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float):
        # 15 digits are what Excel keeps: 0.1 + 0.2 is 0.3 in its cells.
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else f"{cell:.15g}"
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat() if cell.time() == dt.time() else cell.isoformat(sep=" ")
    if isinstance(cell, dt.date | dt.time):
        return cell.isoformat()
    return str(cell)


def _refuse(word: str) -> int:
    sys.stderr.write(word)
    return 3


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
