"""Files attached to records."""

from django.db import models

from core.clock import today
from core.ids import uuid7
from core.records.models import Record


def _place(attachment: "Attachment", name: str) -> str:
    """Nothing of the name that somebody chose reaches the disk."""
    return f"attachments/{today():%Y/%m}/{uuid7()}"


class Attachment(Record):
    """A file that belongs to a record. size_bytes, sha256: of the content. media_type: by its content.

    name: what people call it; on disk it has a name of ours. activity_id: what it came with, if anything.
    """

    target_type = models.CharField(max_length=40)
    target_id = models.UUIDField()
    activity_id = models.UUIDField(null=True)
    name = models.CharField(max_length=200)
    file = models.FileField(upload_to=_place, max_length=300)
    size_bytes = models.BigIntegerField()
    media_type = models.CharField(max_length=100)
    sha256 = models.CharField(max_length=64)

    class Meta(Record.Meta):
        indexes = [
            models.Index(fields=["target_id", "-created_at"], name="attachment_by_target"),
            models.Index(
                fields=["activity_id"],
                condition=models.Q(activity_id__isnull=False),
                name="attachment_by_activity",
            ),
        ]

    def __str__(self) -> str:
        return self.name
