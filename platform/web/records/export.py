"""Any list as a CSV file, streamed."""

import csv
import datetime as dt
from collections.abc import Iterator

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import get_language, override
from django.views.decorators.http import require_safe

from core.clock import today
from core.errors import DomainError
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
    """Each line made in this language and zone."""
    done = object()
    while True:
        with override(language), timezone.override(zone):
            line = next(lines, done)
        if line is done:
            return
        yield str(line)


class _Line:
    """A file for csv.writer that hands each line back."""

    def write(self, text: str) -> str:
        return text


def _lines(wanted: ListRequest, request: HttpRequest) -> Iterator[str]:
    writer = csv.writer(_Line())
    shown = showing()
    yield "\ufeff" + writer.writerow([str(column.label) for column in wanted.columns])
    lookups = [lookup for column in wanted.columns for lookup in column.select]
    rows = queryset_of(wanted, to=request.user).order_by("pk").values_list(*lookups)
    for row in rows.iterator(chunk_size=_CHUNK):
        at, cells = 0, []
        for column in wanted.columns:
            values = row[at : at + len(column.select)]
            at += len(column.select)
            cells.append(_cell(column, values, shown))
        yield writer.writerow(cells)


def _cell(column, values, shown) -> str:
    """Numbers and days in their exact form, the rest as shown; what a spreadsheet would run is quoted."""
    if column.kind in {"number", "money", "percent", "date"}:
        return column.raw(values[0])
    text = column.text(values, shown)
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
