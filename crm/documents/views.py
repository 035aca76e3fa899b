"""Uploading, downloading and deleting files. No file is served by another way."""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from csp.decorators import csp_replace
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core.errors import DomainError
from core.records.types import RecordType, record_types
from crm.documents.models import Attachment
from crm.documents.rules import PREVIEWED, UNKNOWN
from crm.documents.selectors import visible_attachments
from crm.documents.services import attach_file, bin_attachment
from web.answers import go, told
from web.records.access import visible_record

_SANDBOX = {"default-src": ["'none'"], "sandbox": ""}


@require_POST
@login_required
def upload_file(request: HttpRequest, kind: RecordType, record_id: UUID) -> HttpResponse:
    """One or more files for a record."""
    record = visible_record(request, kind, record_id)
    uploads = request.FILES.getlist("file")
    back = f"{kind.url_of(record.pk)}tab/files/"
    htmx = getattr(request, "htmx", False)
    try:
        if not uploads:
            raise DomainError(_("Choose a file first."))
        written = [attach_file(record, upload=upload, by=request.user) for upload in uploads]
    except DomainError as error:
        return told(error.message, tone="red", status=422) if htmx else go(request, back, error.message)
    text = _("Attached “%(name)s”") % {"name": written[-1].record.name}
    if htmx:
        return told(text, batch=written[-1].batch, work_changed=True)
    return go(request, back, text, batch=written[-1].batch)


@require_safe
@login_required
@csp_replace(_SANDBOX)  # type: ignore[arg-type]  # its own type forgets the arguments
def download(request: HttpRequest, file_id: UUID) -> HttpResponse:
    """The file, to be saved: never opened in the page's own origin."""
    return _answer(_attachment(request, file_id), inline=False)


@require_safe
@login_required
@csp_replace(_SANDBOX)  # type: ignore[arg-type]  # its own type forgets the arguments
def preview(request: HttpRequest, file_id: UUID) -> HttpResponse:
    """A picture, shown in the page. 404 for anything else."""
    attachment = _attachment(request, file_id)
    if attachment.media_type not in PREVIEWED:
        raise Http404
    return _answer(attachment, inline=True)


@require_POST
@login_required
def delete_file(request: HttpRequest, file_id: UUID) -> HttpResponse:
    """To the bin, with an undo."""
    attachment = _attachment(request, file_id)
    written = bin_attachment(attachment, by=request.user)
    text = _("Deleted “%(title)s”") % {"title": attachment.name}
    if getattr(request, "htmx", False):
        return told(text, batch=written.batch, work_changed=True)
    return go(request, "/", text, batch=written.batch)


def _attachment(request: HttpRequest, file_id: UUID) -> Attachment:
    """404 unless the person sees the record that the file belongs to."""
    attachment = visible_attachments(to=request.user).filter(pk=file_id).first()
    kind = next((each for each in record_types() if attachment and each.key == attachment.target_type), None)
    if attachment is None or kind is None:
        raise Http404
    visible_record(request, kind, attachment.target_id)
    return attachment


def _answer(attachment: Attachment, *, inline: bool) -> HttpResponse:
    try:
        content: Any = attachment.file.open("rb")
    except FileNotFoundError as error:
        raise Http404(_("The content of this file is missing.")) from error
    media_type = attachment.media_type if inline else UNKNOWN
    response = FileResponse(content, content_type=media_type)
    ascii_name = attachment.name.encode("ascii", "replace").decode().replace("?", "_")
    ascii_name = ascii_name.replace('"', "_").replace("\\", "_")
    disposition = "inline" if inline else "attachment"
    response.headers["Content-Disposition"] = (
        f"{disposition}; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(attachment.name, safe='')}"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response
