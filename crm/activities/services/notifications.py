"""Telling people. Any room calls `notify`; the bell and the page show it."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.core.cache import cache
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.clock import now
from core.outbox.sending import send_on_commit
from core.records.types import RecordType
from core.tenancy.scope import current_snapshot
from crm.activities.models import Notification
from crm.activities.selectors.activities import unread_key
from tenants.people.models import User

MAIL_TASK = "activities.mail_notification"
_TEXT_LENGTH = 300


def notify(
    *, person: User, kind: str, text: str, url: str = "", by_mail: bool = False
) -> Notification | None:
    """Tell a person something. None when they cannot sign in.

    kind: a Notification.Kind. text: one sentence in the person's language (see `speaking_to`).
    url: a path of the workspace. by_mail: also send it, once the transaction at hand has committed.
    """
    if not person.is_active or person.is_placeholder:
        return None
    notification = Notification.objects.create(
        person=person,
        kind=kind,
        text=text[:_TEXT_LENGTH],
        url=url if url.startswith("/") else "",
        mail_wanted_at=now() if by_mail and person.email else None,
    )
    forget_unread(person.pk)
    if notification.mail_wanted_at:
        send_on_commit(MAIL_TASK, str(notification.pk))
    return notification


def speaking_to(person: User) -> Any:
    """A context in the person's own language, else the workspace's."""
    return translation.override(person.language or current_snapshot().language)


def mark_read(*, person: User, ids: Iterable[UUID] | None = None) -> int:
    """Mark a person's notifications as read; all of them without `ids`. Twice changes nothing."""
    unread = Notification.objects.filter(person=person, read_at__isnull=True)
    if ids is not None:
        unread = unread.filter(pk__in=list(ids))
    count = unread.update(read_at=now())
    forget_unread(person.pk)
    return count


def forget_unread(person_id: UUID) -> None:
    """Now for this process, and after commit for a reader that counted before it."""
    key = unread_key(person_id)
    cache.delete(key)
    transaction.on_commit(lambda: cache.delete(key))


def tell_new_owner(kind: RecordType, records: list[Any], values: Mapping[str, Any], by: Any) -> None:
    """After a write: whoever was given records by somebody else learns of it, in one sentence."""
    attribute = f"{kind.owner}_id"
    owner_id = values.get(attribute)
    if not kind.owner or not owner_id or by is None or str(owner_id) == str(by.pk):
        return
    person = User.objects.filter(pk=owner_id).first()
    if person is None:
        return
    with speaking_to(person):
        if len(records) == 1:
            words = {"person": by.name, "title": kind.title_of(records[0])}
            text = _("%(person)s gave you “%(title)s”.") % words
            url = kind.url_of(records[0].pk)
        else:
            words = {"person": by.name, "count": len(records), "type": kind.label_plural}
            text = (
                ngettext(
                    "%(person)s gave you %(count)d of the %(type)s.",
                    "%(person)s gave you %(count)d of the %(type)s.",
                    len(records),
                )
                % words
            )
            url = f"{kind.list_url}?f={kind.owner}.me."
        notify(person=person, kind=Notification.Kind.ASSIGNMENT, text=text, url=url)
