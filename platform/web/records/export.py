"""Any list as a CSV file, streamed."""

import csv
from collections.abc import Iterator

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, StreamingHttpResponse
from django.views.decorators.http import require_safe

from core.clock import today
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
    response = StreamingHttpResponse(_lines(wanted, request), content_type="text/csv; charset=utf-8")
    name = f"{kind.slug}-{today().isoformat()}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


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
