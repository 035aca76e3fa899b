"""The mail log: a thin wrapper round whatever really sends."""

import logging
from collections.abc import Sequence
from functools import partial
from typing import Any

from django.conf import settings
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.message import EmailMessage
from django.db import transaction

from core.tenancy.scope import peek, public_scope
from tenants.console.models import SentMail
from tenants.console.rules import masked
from tenants.registry.mail_hash import mail_hash

log = logging.getLogger(__name__)
KEPT_DAYS = 30


class LoggedBackend(BaseEmailBackend):
    """Sends through settings.MAIL_SENDER and writes a line for each recipient, whether it went or not."""

    def __init__(self, fail_silently: bool = False, **options: Any) -> None:
        super().__init__(fail_silently=fail_silently)
        # Never silently inside: what failed must be known here first.
        self._sender = get_connection(settings.MAIL_SENDER, fail_silently=False, **options)

    def open(self) -> bool | None:
        return self._sender.open()

    def close(self) -> None:
        self._sender.close()

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        sent = 0
        for message in email_messages:
            try:
                taken = bool(self._sender.send_messages([message]))
            except Exception as error:  # whatever it is, it is noted and goes on to the caller
                _note(message, sent=False, error=f"{type(error).__name__}: {error}")
                if not self.fail_silently:
                    raise
            else:
                _note(message, sent=taken, error="")
                sent += taken
        return sent


def _note(message: EmailMessage, *, sent: bool, error: str) -> None:
    """After the commit of whatever transaction is open: a tenant's transaction cannot write in public.

    robust: a mail that went is not undone because its line could not be written.
    """
    scope = peek()
    here = scope.snapshot.tenant_id if scope is not None and scope.snapshot is not None else None
    tenant_id = getattr(message, "tenant_id", None) or here
    kind = str(getattr(message, "kind", "other"))[:60]
    rows = [
        SentMail(
            tenant_id=tenant_id,
            kind=kind,
            recipient=masked(each)[:120],
            recipient_hash=mail_hash(each),
            sent=sent,
            error=error.replace("\0", "")[:300],
        )
        for each in message.recipients()
    ]
    transaction.on_commit(partial(_write, rows), robust=True)


def _write(rows: list[SentMail]) -> None:
    with public_scope(reason="mail log", switch=True):
        SentMail.objects.bulk_create(rows)
