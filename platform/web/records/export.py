"""Any list as a CSV file, streamed."""

import csv
import datetime as dt
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import get_language, override
from django.views.decorators.http import require_safe

from core.clock import today
from core.errors import DomainError
from core.records.fields import Field, Showing
from core.records.lists import ListRequest, queryset_of, read_request
from core.records.types import RecordType
from web.records.access import showing

_CHUNK = 2000
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@require_safe
@login_required
def export_csv(request: HttpRequest, kind: RecordType) -> StreamingHttpResponse:
    """The list's records and columns, UTF-8 with a mark so that spreadsheets know it."""
    wanted = read_request(kind, request.GET)
    if wanted.problems:
        raise DomainError(" ".join(wanted.problems))
    # The body is written after the middleware has left the person's language and zone.
    language, zone = get_language() or "en", timezone.get_current_timezone()
    response = StreamingHttpResponse(
        _speaking(_lines(wanted, request), language, zone), content_type="text/csv; charset=utf-8"
    )
    name = f"{kind.slug}-{today().isoformat()}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _speaking(lines: Iterator[str], language: str, zone: dt.tzinfo) -> Iterator[str]:
    """Each piece made in this language and zone."""
    done = object()
    while True:
        with override(language), timezone.override(zone):
            line = next(lines, done)
        if line is done:
            return
        yield str(line)


def _lines(wanted: ListRequest, request: HttpRequest) -> Iterator[str]:
    """The file in pieces of two thousand rows: a step for each row would cost more than the row."""
    yield "\ufeff" + _as_csv([[str(column.label) for column in wanted.columns]])
    lookups = [lookup for column in wanted.columns for lookup in column.select]
    rows = queryset_of(wanted, to=request.user).order_by("pk").values_list(*lookups)
    cells = _cells(wanted.columns, showing())
    found = rows.iterator(chunk_size=_CHUNK)
    while some := list(islice(found, _CHUNK)):
        yield _as_csv([tell(row[first:last]) for first, last, tell in cells] for row in some)


def _as_csv(rows: Iterable[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


def _cells(columns: Sequence[Field], shown: Showing) -> list[tuple[int, int, Callable[[Sequence[Any]], str]]]:
    """(first value, last value, what makes the cell) of each column."""
    cells, at = [], 0
    for column in columns:
        cells.append((at, at + len(column.select), _cell(column, shown)))
        at += len(column.select)
    return cells


def _cell(column: Field, shown: Showing) -> Callable[[Sequence[Any]], str]:
    """Numbers and days in their exact form, the rest as shown; what a spreadsheet would run is quoted."""
    if column.kind in {"number", "money", "percent", "date"}:
        return lambda values: column.raw(values[0])
    told = column.told(shown)

    def guarded(values: Sequence[Any]) -> str:
        text = told(values)
        return f"'{text}" if text.startswith(_FORMULA_STARTS) else text

    return guarded
