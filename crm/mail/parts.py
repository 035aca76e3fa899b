"""The Email button of record pages."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from core.records.fields import Mail
from core.records.types import RecordType
from web.records.parts import Action
from web.shell import Place


def address_of_record(kind: RecordType, record: Any) -> str:
    """The first filled mail field; '' when there is none."""
    values = (getattr(record, each.attribute) for each in kind.fields if isinstance(each, Mail))
    return next((value for value in values if value), "")


def _button(request: HttpRequest, kind: RecordType, record: Any) -> Place | None:
    if request.user.mail_confirmed_at is None:  # type: ignore[union-attr]
        return None  # the banner on every page asks for it
    if not kind.timeline or not address_of_record(kind, record) or getattr(record, "do_not_contact", False):
        return None
    return Place(_("Email"), f"/mail/{kind.slug}/{record.pk}/new/", "mail")


SEND_MAIL = Action(_button)
