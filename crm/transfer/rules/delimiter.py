"""Which character stands between the cells of a text file; and lines that are quoted as a whole."""

import csv
import io
from collections import Counter
from collections.abc import Sequence
from itertools import islice

ONE_COLUMN = "\x1f"
_USUAL = ",;\t|"
_UNUSUAL = "^~:#"
_LINES = 60
_MOST_AGREE = 0.6
_NEARLY_ALL_AGREE = 0.9


def detect_delimiter(text: str) -> str:
    """The character that cuts most lines into the same number of cells; ONE_COLUMN when none does.

    text: the beginning of the file. Lines above the headings and a few odd ones do no harm.
    """
    cut = {mark: _cut(text, mark) for mark in _USUAL}
    usual = max(_USUAL, key=lambda mark: _agreement(cut[mark]))
    if _agreement(cut[usual]) >= _MOST_AGREE:
        return usual
    inside = {mark: [inner_cells(cells, mark) or cells for cells in cut[mark]] for mark in _USUAL}
    quoted = max(_USUAL, key=lambda mark: _agreement(inside[mark]))
    if _agreement(inside[quoted]) >= _NEARLY_ALL_AGREE and len(inside[quoted][0]) > 1:
        return quoted
    # Times and addresses hold colons: unusual marks count only when every line agrees.
    unusual = {mark: _cut(text, mark) for mark in _UNUSUAL}
    best = max(_UNUSUAL, key=lambda mark: _agreement(unusual[mark]))
    if _agreement(unusual[best]) >= 1.0 and len(unusual[best]) > 1:
        return best
    # Ragged files have no number of cells that most lines agree on: their first line must do.
    cutting = [mark for mark in _USUAL if _cuts_half(cut[mark])]
    return max(cutting, key=lambda mark: len(cut[mark][0])) if cutting else ONE_COLUMN


def inner_cells(cells: Sequence[str], mark: str) -> list[str] | None:
    """The cells of a line that some tool put into quotation marks as a whole; None of any other line."""
    if not cells or mark not in cells[0] or any(cells[1:]):
        return None
    try:
        inner = next(csv.reader(io.StringIO(cells[0], newline=""), delimiter=mark), [])
    except csv.Error:
        return None
    return [cell.strip() for cell in inner] if len(inner) > 1 else None


def _cut(text: str, mark: str) -> list[list[str]]:
    """The first records that are not blank."""
    try:
        records = (row for row in csv.reader(io.StringIO(text, newline=""), delimiter=mark) if any(row))
        return list(islice(records, _LINES)) or [[]]
    except csv.Error:
        return [[]]


def _agreement(records: Sequence[Sequence[str]]) -> float:
    """Share of records with the usual number of cells, more cells weighing a little more; 0 for one cell.

    Counted from the first record that has it: lines with a title may stand above.
    """
    usual, _times = Counter(len(row) for row in records).most_common(1)[0]
    if usual < 2:
        return 0.0
    counts = [len(row) for row in records]
    below = counts[counts.index(usual) :]
    return below.count(usual) / len(below) + min(usual, 50) / 1000


def _cuts_half(records: Sequence[Sequence[str]]) -> bool:
    """Whether the first line has more than one cell, and half of the others too."""
    return len(records[0]) > 1 and sum(len(row) > 1 for row in records) >= len(records) / 2
