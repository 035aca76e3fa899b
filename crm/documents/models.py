"""Files attached to records."""

from django.db import models

from core.records.models import Record


class Attachment(Record):
    """A file that belongs to a record. size_bytes, sha256: of the content. media_type: checked by content."""

    target_type = models.CharField(max_length=40)
    target_id = models.UUIDField()
    name = models.CharField(max_length=200)
    file = models.FileField(upload_to="attachments/%Y/%m/", max_length=300)
    size_bytes = models.BigIntegerField()
    media_type = models.CharField(max_length=100)
    sha256 = models.CharField(max_length=64)

    class Meta(Record.Meta):
        indexes = [models.Index(fields=["target_id", "-created_at"], name="attachment_by_target")]

    def __str__(self) -> str:
        return self.name
