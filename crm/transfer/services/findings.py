"""What a pass over a file found: counts, rows that cannot be imported, values nobody knows.

As JSON in ImportJob.findings:
    counts   {"new", "update", "unchanged", "skip", "error"}
    reasons  [[what it is about, rows]], most first
    bad      [[row number, reason, cells]], the first 100
    unknown  {field name: [[text, rows, [[record id, title], …]]]}, suggestions best first
    notices  [[field name, Notice, rows, a sample]]: what was read otherwise than it stands there
    last_row number of the file's last row, blank ones counted
    making   whether something will be made before rows are written
    chunk_rows  rows of a chunk of the run, see services.checking
"""

import csv
from collections import Counter
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from django.utils.translation import gettext as _
from django.utils.translation import override

from core.records.copying import guarded
from core.records.fields import Field
from core.records.types import RecordType
from crm.transfer.rules.guessing import LANGUAGES
from crm.transfer.services.answers import MOST_UNKNOWN, Do, answer_for
from crm.transfer.services.suggestions import suggestions_for

_SHOWN_ROWS = 100


class Notice(StrEnum):
    """SEVERAL: of more than one value the first was taken. UNREADABLE: left empty, as a person chose."""

    SEVERAL = "several"
    UNREADABLE = "unreadable"


class Findings:
    """A context manager: rows that cannot be imported go into the error file while they are found.

    error_file: of this worker alone; it is gone after the block when there was no such row, or an error.
    """

    def __init__(self, headings: Sequence[str], error_file: Path) -> None:
        self.counts: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()
        self.last_row = 1
        self.bad: list[list[Any]] = []
        self.unknown_texts: dict[str, Counter[str]] = {}
        self.notices: dict[tuple[str, Notice], tuple[int, str]] = {}
        self.headings = headings
        self.error_file = error_file

    def __enter__(self) -> Self:
        self._file = self.error_file.open("w", encoding="utf-8-sig", newline="")
        self._writer = csv.writer(self._file)
        self._writer.writerow([*(guarded(text) for text in self.headings), error_heading()])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        if kind is not None or not self.counts["error"]:
            self.error_file.unlink(missing_ok=True)

    def count(self, what: str) -> None:
        self.counts[what] += 1

    def unknown(self, field: Field, text: str) -> None:
        """A value that the workspace does not know; the row itself can be imported."""
        texts = self.unknown_texts.setdefault(field.name, Counter())
        if text in texts or len(texts) < MOST_UNKNOWN:
            texts[text] += 1

    def notice(self, field: Field, notice: Notice, text: str) -> None:
        """A cell that is read otherwise than it stands there."""
        count, sample = self.notices.get((field.name, notice), (0, text[:80]))
        self.notices[field.name, notice] = (count + 1, sample)

    def bad_row(self, number: int, cells: Sequence[str], problems: Sequence[tuple[str, str]]) -> None:
        """problems: (what it is about, sentence)."""
        self.counts["error"] += 1
        self.reasons[problems[0][0]] += 1
        reason = " ".join(f"{about}: {sentence}" for about, sentence in problems)
        if len(self.bad) < _SHOWN_ROWS:
            self.bad.append([number, reason, [cell[:80] for cell in cells[:8]]])
        width = len(self.headings)
        padded = [*cells[:width], *[""] * (width - len(cells))]
        self._writer.writerow([*(guarded(cell) for cell in padded), reason])

    def as_json(self, kind: RecordType, answers: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
        """With suggestions for the unknown values."""
        unknown = {
            name: [
                [text, count, suggestions]
                for (text, count), suggestions in zip(
                    texts.most_common(),
                    suggestions_for(kind.field(name), [text for text, _count in texts.most_common()]),
                    strict=True,
                )
            ]
            for name, texts in self.unknown_texts.items()
        }
        return {
            "counts": dict(self.counts),
            "reasons": [list(pair) for pair in self.reasons.most_common(8)],
            "bad": self.bad,
            "unknown": unknown,
            "notices": [[name, each.value, *found] for (name, each), found in self.notices.items()],
            "making": self._makes(kind, answers),
            "last_row": self.last_row,
        }

    def _makes(self, kind: RecordType, answers: Mapping[str, Mapping[str, Any]]) -> bool:
        return any(
            answer_for(kind.field(name), text, answers).do is Do.MAKE
            for name, texts in self.unknown_texts.items()
            for text in texts
        )


def error_heading() -> str:
    """The last column of an error file; `is_error_heading` knows it again in any language."""
    return _("Why it was not imported")


def is_error_heading(heading: str) -> bool:
    """Whether a column is the one that an error file added."""
    for language in LANGUAGES:
        with override(language):
            if heading == error_heading():
                return True
    return False
