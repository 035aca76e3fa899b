"""Which character stands between the cells of a text file."""

import csv
import re
from collections import Counter
from collections.abc import Sequence

_USUAL = ",;\t|"
_UNUSUAL = "^~:#\x1f"
_LINES = 50
NAMES = {",": ",", ";": ";", "\t": "⇥", "|": "|"}


def detect_delimiter(text: str) -> str:
    """The character that cuts most lines into the same number of cells; ',' when the file has one column."""
    lines = [line for line in text.splitlines()[:_LINES] if line.strip()]
    usual = max(_USUAL, key=lambda mark: _score(lines, mark))
    if _score(lines, usual) > 0:
        return usual
    unusual = max(_UNUSUAL, key=lambda mark: _score(lines, mark))
    # Times and addresses hold colons: unusual marks count only when every line agrees.
    return unusual if _score(lines, unusual) >= 1.0 and len(lines) > 1 else ","


def _score(lines: Sequence[str], mark: str) -> float:
    """Share of lines with as many cells as the first, more cells weighing a little more; 0 for one cell."""
    counts = [len(row) for row in csv.reader(lines, delimiter=mark) if row]
    if not counts or counts[0] < 2:
        return 0.0
    agreeing = Counter(counts)[counts[0]] / len(counts)
    return agreeing + min(counts[0], 50) / 1000


def is_quoted_whole(cells: Sequence[str], mark: str, expected: int) -> bool:
    """A line that some tool put into quotes as a whole: one cell that holds the marks of all."""
    return len(cells) == 1 and expected > 2 and len(re.findall(re.escape(mark), cells[0])) >= expected - 1
