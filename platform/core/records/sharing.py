"""Showing one record to somebody whose role does not show it."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from core.errors import DomainError
from core.history.context import change
from core.records.models import RecordShare
from core.records.rights import Verb, require_within
from core.records.types import RecordType

_MOST = 100


def share_record(kind: RecordType, record: Any, *, subject_id: UUID, may_edit: bool, by: Any) -> RecordShare:
    """subject_id: of a person or a team. Shared once more, only `may_edit` changes.

    Whoever may change a record may share it. Raises NotAllowed, DomainError.
    """
    require_within(by, kind, Verb.EDIT, [record.pk])
    words = {"title": kind.title_of(record)}
    with change(label=_("Shared “%(title)s”") % words, by=by):
        kept = RecordShare.objects.filter(record_id=record.pk).exclude(subject_id=subject_id)
        if kept.count() >= _MOST:
            raise DomainError(_("A record can be shared with %(count)d at most.") % {"count": _MOST})
        share, _made = RecordShare.objects.update_or_create(
            record_id=record.pk,
            subject_id=subject_id,
            defaults={"record_type": kind.key, "may_edit": may_edit, "shared_by": by},
        )
    return share


def unshare_record(kind: RecordType, record: Any, *, subject_id: UUID, by: Any) -> None:
    """Twice is once. Raises NotAllowed."""
    require_within(by, kind, Verb.EDIT, [record.pk])
    with change(label=_("No longer shared: “%(title)s”") % {"title": kind.title_of(record)}, by=by):
        for share in RecordShare.objects.filter(record_id=record.pk, subject_id=subject_id):
            share.delete()


def shares_of(record_id: UUID) -> list[RecordShare]:
    """The oldest first."""
    return list(RecordShare.objects.filter(record_id=record_id).order_by("created_at", "id"))
