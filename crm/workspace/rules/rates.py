"""Reading rates as people type and paste them. Pure."""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from core.records.parsing import Reading, Unreadable, read_date

_PLAIN = re.compile(r"\d{1,15}(?:[.,]\d{1,14})?")
_ISO = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{4}年\d{1,2}月\d{1,2}日|\d{8}")
_CODE = re.compile(r"[A-Za-z]{3}")
MOST_LINES = 5_000


@dataclass(frozen=True, slots=True)
class TypedRate:
    """rate: a plain decimal with a point, every digit as typed."""

    currency: str
    since: dt.date
    rate: str


def read_rate(text: str) -> str:
    """A plain decimal above 0 with at most 14 decimals; a comma counts as the point. Raises Unreadable."""
    bare = text.strip()
    if not _PLAIN.fullmatch(bare):
        raise Unreadable(_("“%(text)s” is not a rate. Write it as 7.1083.") % {"text": bare[:40]})
    plain = bare.replace(",", ".")
    if not Decimal(plain):
        raise Unreadable(_("A rate is above 0."))
    return plain


def read_lines(text: str, currency: str) -> tuple[list[TypedRate], list[str]]:
    """Pasted lines `day, rate` or `currency, day, rate` (comma, semicolon, tab) → (rates, problems).

    currency: for lines that name none; '' asks for one on every line. Days are written year first: 3/4/2026 is
    two days, depending on who reads it. A heading line is passed over. Of two rates of one day the later line counts.
    """
    found: dict[tuple[str, dt.date], TypedRate] = {}
    problems = []
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if len(lines) > MOST_LINES:
        return [], [_("At most %(count)d lines at once.") % {"count": MOST_LINES}]
    for place, (number, line) in enumerate(lines):
        try:
            rate = _read_line(line, currency)
        except Unreadable as error:
            if place or any(letter.isdigit() for letter in line):
                problems.append(_("Line %(number)d: %(problem)s") % {"number": number, "problem": error})
            continue
        found[rate.currency, rate.since] = rate
    return list(found.values()), problems


def _read_line(line: str, currency: str) -> TypedRate:
    cells = list(_cells(line))
    if len(cells) == 3 and _CODE.fullmatch(cells[0]):
        currency, cells = cells[0].upper(), cells[1:]
    if len(cells) != 2 or not currency:
        expected = (
            _("a day and a rate are expected") if currency else _("currency, day and rate are expected")
        )
        raise Unreadable(expected)
    if not _ISO.fullmatch(cells[0].replace(" ", "")):
        raise Unreadable(
            _("“%(text)s” is not a day written year first, as 2026-03-31.") % {"text": cells[0][:40]}
        )
    return TypedRate(currency, read_date(cells[0], Reading()), read_rate(cells[1]))


def _cells(line: str) -> Iterator[str]:
    mark = next((each for each in ("\t", ";", "，", ",") if each in line), ",")
    for cell in line.split(mark):
        yield cell.strip().strip('"').strip()
