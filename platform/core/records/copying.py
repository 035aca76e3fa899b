"""Records straight from the database into a file of comma-separated values, by COPY.

The question is a queryset's, so who may see what is decided where it always is; the cells are
expressions made from the field's own (`Field.written`).
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import IO, Any

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import Case, Q, QuerySet, TextField, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Collate, Concat, Left, NullIf
from django.db.models.lookups import GreaterThanOrEqual, In, Regex

from core.records.fields import Field

# What a spreadsheet would take for a formula begins with one of these.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_PLAIN_NUMBER = r"^[-+]?[\d.,\s]+%?$"
_EMPTY = Value("", TextField())


def copy_csv(rows: QuerySet[Any], cells: Sequence[Combinable], into: IO[bytes]) -> None:
    """Write a line of UTF-8 for each of `rows` in the order of their ids; empty cells are empty.

    Runs as a whole in the scope at hand, so that no part of it is left to be read in another one.
    """
    # A line of one empty cell would be an empty line, which readers skip.
    lone = len(cells) == 1
    asked = rows.order_by("pk").values_list(*(Coalesce(cell, _EMPTY) for cell in cells) if lone else cells)
    try:
        sql, parameters = asked.query.get_compiler(using=asked.db).as_sql()
    except EmptyResultSet:
        return
    with connections[asked.db].cursor() as cursor:
        # COPY takes no parameters: the driver writes them into the text, as it does for every other statement.
        question = cursor.mogrify(sql, parameters).decode()
        cursor.copy_expert(f"COPY ({question}) TO STDOUT WITH (FORMAT csv, ENCODING 'UTF8')", into)


def csv_heading(labels: Iterable[str]) -> bytes:
    """The first line, behind the mark by which spreadsheets know UTF-8."""
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(labels)
    return f"\ufeff{line.getvalue()}".encode()


def cells_of(columns: Iterable[Field], *, keep_numbers: bool = False) -> list[Any]:
    """What a file holds of these columns. keep_numbers: '+44 113' is no formula and stays as it is."""
    return [_guarded(each.written(), keep_numbers) if each.runs else each.written() for each in columns]


def guarded(cell: str) -> str:
    """With an apostrophe where a spreadsheet would run the cell as a formula. Numbers stay numbers."""
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) and not re.fullmatch(_PLAIN_NUMBER, cell) else cell


def _guarded(cell: Combinable, keep_numbers: bool) -> Case:
    """With an apostrophe in front of what a spreadsheet would run."""
    risky: Any = In(Left(cell, 1), list(FORMULA_STARTS))
    if keep_numbers:
        risky = Q(risky) & ~Q(Regex(cell, _PLAIN_NUMBER))
    return Case(
        # Most text is decided by one comparison of bytes: all that is risky sorts before the letters.
        When(GreaterThanOrEqual(Collate(cell, "C"), Value("A", TextField())), then=cell),
        When(risky, then=Concat(Value("'", TextField()), cell)),
        default=NullIf(cell, _EMPTY),
        output_field=TextField(),
    )
