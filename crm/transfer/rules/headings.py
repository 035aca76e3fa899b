"""Which row of a table holds its headings: titles, dates of export and blank lines may stand above."""

from collections.abc import Sequence

LOOKED_AT = 40  # rows
_LATEST = 15  # no heading stands below so many rows
_SHARE_FILLED = 0.7


def guess_heading_row(rows: Sequence[tuple[int, Sequence[str]]]) -> int:
    """The number of the first row that fills about as many cells as rows usually do.

    rows: (number, cells) of the first rows that are not blank. A title fills one cell, rarely two.
    """
    filled = [sum(bool(cell) for cell in cells) for _number, cells in rows]
    usual = sorted(filled)[len(filled) // 2]
    least = max(2, _SHARE_FILLED * usual) if usual > 1 else 1
    for (number, _cells), count in zip(rows[:_LATEST], filled, strict=False):
        if count >= least:
            return number
    return rows[0][0]
