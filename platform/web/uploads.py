"""Uploads end at the limit while they arrive: what is too large is never stored."""

from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpRequest
from django.utils.translation import gettext as _

from core.errors import DomainError


class LimitedUploadHandler(FileUploadHandler):
    """First of the handlers: counts, keeps nothing. The rest of a body that is too large is thrown away."""

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self.received_bytes = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self.received_bytes += len(raw_data)
        if self.received_bytes > settings.GUANXI["UPLOAD_LIMIT_BYTES"]:
            if self.request is not None:
                self.request.META["guanxi.upload_too_large"] = True
            raise StopUpload(connection_reset=False)
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None


def uploaded_file(request: HttpRequest, name: str) -> Any:
    """The file of a form. Raises DomainError when it is missing or was larger than the limit."""
    found = request.FILES.get(name)
    if request.META.get("guanxi.upload_too_large"):
        limit = settings.GUANXI["UPLOAD_LIMIT_BYTES"] // (1024 * 1024)
        message = _("This file is larger than %(limit)d MB.") % {"limit": limit}
        raise DomainError(message, code="too_large", fields={name: message})
    if found is None:
        message = _("Choose a file first.")
        raise DomainError(message, code="missing", fields={name: message})
    return found
