"""What this room adds to record pages: the Files tab, and files on the timeline."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from core.records.types import RecordType
from crm.activities.models import Activity
from crm.activities.selectors.attachments import FileLink, FileShelf
from crm.documents.rules import PREVIEWED
from crm.documents.selectors import attachments_by_activity, attachments_of
from crm.documents.services import attach_file
from web.records.parts import Tab

_SHOWN = 200


def _files(request: HttpRequest, kind: RecordType, record: Any) -> Mapping[str, Any]:
    found = list(attachments_of(record.pk, to=request.user)[:_SHOWN])
    return {
        "files": [(each, each.media_type in PREVIEWED) for each in found],
        "upload_url": f"/files/{kind.slug}/{record.pk}/add/",
        "limit_mb": settings.GUANXI["UPLOAD_LIMIT_BYTES"] // (1024 * 1024),
        "part_url": request.path,
    }


def _count(kind: RecordType, record: Any) -> int | str:
    return attachments_of(record.pk, to=None).order_by().count() or ""


def _attach(target: Any, activity: Activity, upload: UploadedFile, by: Any) -> None:
    attach_file(target, upload=upload, by=by, activity=activity)


def _links(activity_ids: Iterable[UUID]) -> dict[UUID, list[FileLink]]:
    found = attachments_by_activity(activity_ids)
    return {
        key: [FileLink(each.name, f"/files/{each.pk}/") for each in files] for key, files in found.items()
    }


FILES = Tab(
    "files",
    gettext_lazy("Files"),
    "crm/documents/_files_tab.html",
    _files,
    count=_count,
    only_for=lambda kind: kind.timeline,
)
SHELF = FileShelf(_attach, _links)
