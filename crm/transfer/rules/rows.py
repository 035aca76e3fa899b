"""Small rules about rows: their record's id, names in two columns, cells a spreadsheet would run."""

import datetime as dt
import re
from uuid import UUID

from core.records.copying import FORMULA_STARTS

# What spreadsheets put in front of text to keep its zeros, and show where a formula failed.
_AS_TEXT = re.compile(r'="(.*)"\Z', re.DOTALL)
_FAILED = {"#N/A", "#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "#CALC!"}
_INVISIBLE = " \u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\ufeff\xa0\u3000"
_HAN = re.compile(r"[\u3400-\u9fff]")
_ROW_BITS, _JOB_BITS = 20, 42


def record_id_of(job_id: UUID, created_at: dt.datetime, number: int) -> UUID:
    """The id of the record that a row becomes: a UUIDv7 that is the same each time the file is read.

    48 bits of the job's time (ms), 32 bits of the row's number, 42 bits of the job's id (RFC 9562 leaves
    the last 74 to the application). Rows in order have ids in order. number: below 2**32.
    """
    milliseconds = int(created_at.timestamp() * 1000)
    high = (milliseconds << 16) | (0x7 << 12) | (number >> _ROW_BITS)
    low = (
        (0b10 << 62)
        | ((number & ((1 << _ROW_BITS) - 1)) << _JOB_BITS)
        | (job_id.int & ((1 << _JOB_BITS) - 1))
    )
    return UUID(int=(high << 64) | low)


def join_name(first: str, last: str, *, family_first: bool | None = None) -> str:
    """'Ada' and 'Lovelace' → 'Ada Lovelace'; Chinese names put the family first, without a space.

    family_first: as the workspace wishes for names in other scripts ('Kovács Anna'); None: the given name first.
    """
    first, last = first.strip(), last.strip()
    if _HAN.search(first + last):
        return last + first
    return f"{last} {first}".strip() if family_first else f"{first} {last}".strip()


def cleaned(cell: str) -> str:
    """A cell without blanks and invisible marks around it; ="007" is 007, #N/A is nothing."""
    cell = cell.strip()
    if not cell.isascii():
        cell = cell.strip(_INVISIBLE)
    if cell and cell[0] in "'=#":
        if cell in _FAILED:
            return ""
        as_text = _AS_TEXT.match(cell)
        return as_text[1].replace('""', '"').strip() if as_text else unguarded(cell)
    return cell


def unguarded(cell: str) -> str:
    """The cell as it was before `guarded`: a corrected error file comes back with its marks."""
    return cell[1:] if cell.startswith("'") and cell[1:2] in FORMULA_STARTS and len(cell) > 1 else cell
