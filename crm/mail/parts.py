"""The Email button of record pages."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from core.entitlements import Feature, against, may_write
from core.records.types import RecordType
from crm.mail.rules import address_of_record
from web.records.parts import Action
from web.shell import Place


def _button(request: HttpRequest, kind: RecordType, record: Any) -> Place | None:
    if request.user.mail_confirmed_at is None:  # type: ignore[union-attr]
        return None  # the banner on every page asks for it
    if against(Feature.MAIL) or not may_write():
        return None
    if not kind.timeline or not address_of_record(kind, record) or getattr(record, "do_not_contact", False):
        return None
    return Place(_("Email"), f"/mail/{kind.slug}/{record.pk}/new/", "mail")


SEND_MAIL = Action(_button)
