"""The first sheet of an Excel file as CSV, in a process of its own with limited memory and time.

    python -m crm.transfer.sheet IN.xlsx OUT.csv

Values only: of a formula the value that Excel stored last. Dates become ISO, whole numbers lose '.0'.
Ends with status 0, or with 3 and a word on standard error: see `services.files`.
"""

import csv
import datetime as dt
import resource
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

MEMORY_BYTES = 1024**3
CPU_SECONDS = 120


def main(source: str, target: str) -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    try:
        workbook = CalamineWorkbook.from_path(source)
        for name in workbook.sheet_names:
            rows = _rows(workbook.get_sheet_by_name(name))
            if _write(rows, target):
                return 0
        return _refuse("empty")
    except PasswordError:
        return _refuse("password")
    except CalamineError:
        return _refuse("broken")
    except MemoryError:
        return _refuse("large")


def _rows(sheet: Any) -> Iterator[list[str]]:
    for row in sheet.iter_rows():
        yield [_text(cell) for cell in row]


def _write(rows: Iterator[list[str]], target: str) -> int:
    """How many rows were not blank."""
    count = 0
    with Path(target).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        for row in rows:
            writer.writerow(row)
            count += any(row)
    return count


def _text(cell: Any) -> str:
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
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
