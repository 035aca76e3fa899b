"""Reading files."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from crm.documents.models import Attachment


def visible_attachments(*, to: Any) -> QuerySet[Attachment]:
    """All files out of the bin; whoever opens one must also see the record it belongs to."""
    return Attachment.objects.all()


def attachments_of(record_id: UUID, *, to: Any) -> QuerySet[Attachment]:
    """A record's files, newest first."""
    found = visible_attachments(to=to).filter(target_id=record_id)
    return found.select_related("created_by").order_by("-created_at", "-id")


def attachments_by_activity(activity_ids: Iterable[UUID]) -> dict[UUID, list[Attachment]]:
    """The names of the files that came with activities, in the order they were attached."""
    found: dict[UUID, list[Attachment]] = {}
    rows = Attachment.objects.filter(activity_id__in=list(activity_ids)).only("activity_id", "name")
    for each in rows.order_by("id"):
        found.setdefault(each.activity_id, []).append(each)
    return found
