"""What a mail may look like before it is sent."""

import re
from email.utils import formataddr
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from core.errors import DomainError
from core.records.fields import Mail
from core.records.types import RecordType

MOST_RECIPIENTS = 10
_SEPARATORS = re.compile(r"[,;，；\s]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]")


def read_addresses(text: str, *, field: str) -> list[str]:
    """Addresses between commas, semicolons or spaces, each once. Raises DomainError naming a wrong one."""
    found = list(dict.fromkeys(part for part in _SEPARATORS.split(text.strip()) if part))
    for address in found:
        try:
            validate_email(address)
        except ValidationError as error:
            message = _("“%(text)s” is not a mail address.") % {"text": address[:80]}
            raise DomainError(message, fields={field: message}) from error
    if len(found) > MOST_RECIPIENTS:
        message = _("At most %(count)d addresses, please.") % {"count": MOST_RECIPIENTS}
        raise DomainError(message, fields={field: message})
    return found


def check_subject(subject: str) -> str:
    """The subject without blanks at its ends. Raises DomainError when it is empty or holds a line break:
    a line break would begin another header."""
    subject = subject.strip()
    message = ""
    if not subject:
        message = _("A mail needs a subject.")
    elif _CONTROL.search(subject):
        message = _("A subject is one line.")
    if message:
        raise DomainError(message, fields={"subject": message})
    return subject[:200]


def sender_address(person: str, workspace: str, no_reply: str) -> str:
    """'Maya Okafor (Brightwater) <no-reply@…>': the name of the person, the address of the installation."""
    name = _CONTROL.sub(" ", f"{person} ({workspace})")
    return formataddr((" ".join(name.split()), no_reply))


def address_of_record(kind: RecordType, record: Any) -> str:
    """The first filled mail field; '' when there is none."""
    values = (each.value_of(record) for each in kind.fields if isinstance(each, Mail))
    return next((value for value in values if value), "")
