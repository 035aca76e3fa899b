"""Keeping files on records."""

import hashlib
from contextlib import ExitStack
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from core.clock import now
from core.entitlements import Limit
from core.errors import DomainError, NotAllowed
from core.history.context import change
from core.records.rights import Verb, require
from core.records.types import type_of
from core.records.writing import Written
from core.usage.counting import require_room
from crm.activities.models import Activity
from crm.documents.models import Attachment
from crm.documents.rules import clean_name, media_type_of
from tenants.people.models import User

_HEAD_BYTES = 4096


def attach_file(target: Any, *, upload: UploadedFile, by: User, activity: Activity | None = None) -> Written:
    """Store a file with a record. Raises DomainError for an empty or too large one, NotAllowed."""
    require(by, type_of(target), Verb.EDIT)
    _check_size(upload)
    require_room(Limit.STORAGE_BYTES, upload.size or 0)
    name = clean_name(upload.name or "")
    head = upload.read(_HEAD_BYTES)
    upload.seek(0)
    label = _("Attached “%(name)s” to “%(title)s”") % {
        "name": name,
        "title": type_of(target).title_of(target),
    }
    attachment = Attachment(
        target_type=type_of(target).key,
        target_id=target.pk,
        activity_id=activity.pk if activity else None,
        name=name,
        size_bytes=upload.size,
        media_type=media_type_of(head, name),
        sha256=_digest(upload),
        created_by=by,
    )
    attachment.file.save(name, upload, save=False)
    with ExitStack() as otherwise:
        # Without its row nothing would ever find the file again.
        otherwise.callback(attachment.file.storage.delete, attachment.file.name)
        with change(label=label, by=by) as entry:
            attachment.save(force_insert=True)
        otherwise.pop_all()
    return Written([attachment], entry.batch)


def _check_size(upload: UploadedFile) -> None:
    limit = settings.GUANXI["UPLOAD_LIMIT_BYTES"]
    if not upload.size:
        raise DomainError(
            _("This file is empty."), code="empty_file", fields={"file": _("This file is empty.")}
        )
    if upload.size > limit:
        message = _("This file is larger than %(limit)d MB. Share it elsewhere and note the link here.") % {
            "limit": limit // (1024 * 1024)
        }
        raise DomainError(message, code="too_large", fields={"file": message})


def _digest(upload: UploadedFile) -> str:
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    return digest.hexdigest()


def bin_attachment(attachment: Attachment, *, by: User) -> Written:
    """To the bin: the content stays, so that it can come back."""
    if attachment.created_by_id != by.pk and not by.may_administer:
        raise NotAllowed(_("Only who attached a file, or an administrator, can delete it."))
    with change(label=_("Deleted file “%(name)s”") % {"name": attachment.name}, by=by) as entry:
        Attachment.objects.filter(pk=attachment.pk).update(deleted_at=now(), updated_at=now())
    return Written([attachment], entry.batch)
