"""Any list as a CSV file."""

import tempfile
from collections.abc import Callable
from typing import IO

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest
from django.views.decorators.http import require_safe

from core.clock import today
from core.errors import DomainError
from core.records.copying import cells_of, copy_csv, csv_heading
from core.records.lists import ListRequest, queryset_of, read_request
from core.records.rights import Verb, require, within
from core.records.types import RecordType

_PIECE_BYTES = 1 << 16


WhenExported = Callable[[HttpRequest, RecordType], None]
_when_exported: list[WhenExported] = []


def call_when_list_exported(function: WhenExported) -> None:
    """function(request, record type) runs after a list was written as a file; config ties floors above to it."""
    if function not in _when_exported:
        _when_exported.append(function)


@require_safe
@login_required
def export_csv(request: HttpRequest, kind: RecordType) -> FileResponse:
    """The list's records and columns, UTF-8 with a mark so that spreadsheets know it."""
    require(request.user, kind, Verb.EXPORT)
    wanted = read_request(kind, request.GET, to=request.user)
    if wanted.problems:
        raise DomainError(" ".join(wanted.problems))
    body = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    _write(wanted, request, body)
    body.seek(0)
    for told in _when_exported:
        told(request, kind)
    response = FileResponse(body, content_type="text/csv; charset=utf-8")
    response.block_size = _PIECE_BYTES
    name = f"{kind.slug}-{today().isoformat()}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _write(wanted: ListRequest, request: HttpRequest, body: IO[bytes]) -> None:
    """The whole file onto the disk, in the request's own scope, language and zone.

    What was sent piece by piece from the database would hold its transaction as long as the slowest
    reader takes, and would break off in the middle where this answers with an error.
    """
    body.write(csv_heading(str(column.label) for column in wanted.columns))
    found = within(
        queryset_of(wanted, to=request.user), wanted.record_type, to=request.user, verb=Verb.EXPORT
    )
    copy_csv(found, cells_of(wanted.columns), body)
