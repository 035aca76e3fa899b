"""Sending what transactions ask for: at once as a rule, by the sweep when the queue was down or the process died."""

import datetime as dt
import logging
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from kombu.exceptions import OperationalError

from core.clock import now
from core.outbox.models import WaitingTask
from core.tenancy.hints import Hints
from core.tenancy.scope import current
from core.tenancy.tasks import send_named

HINTS = Hints("outbox", seconds=(450, 600))
LATE = dt.timedelta(seconds=30)
"""Who has waited as long was not sent by the process that asked for it."""
_BATCH = 200
log = logging.getLogger(__name__)


def send_on_commit(name: str, *arguments: Any) -> None:
    """Send a task for the current tenant, by its registered name, once the surrounding transaction has committed.

    arguments: texts and numbers. At least once: the task says what a second run does. A queue that does not
    answer is no error of the request; the task is sent when the queue is there again.
    """
    waiting = WaitingTask.objects.create(name=name, arguments=list(arguments))
    HINTS.expect_work()
    transaction.on_commit(partial(_send, current().schema, waiting.pk, name, arguments))


def send_late() -> int:
    """Send what has waited too long in this workspace. How many were sent.

    A second run at the same time skips what the first one holds. Raises OperationalError while the queue is down:
    then all of the batch goes on waiting.
    """
    sent = 0
    while count := _send_batch():
        sent += count
    HINTS.set(None)
    # A task that was asked for between the look and the hint, or is not late yet, would wait for the hint.
    if WaitingTask.objects.exists():
        HINTS.forget()
    return sent


def _send_batch() -> int:
    with transaction.atomic():
        late = WaitingTask.objects.select_for_update(skip_locked=True).filter(created_at__lt=now() - LATE)
        batch = list(late[:_BATCH])
        for waiting in batch:
            send_named(waiting.name, current().schema, *waiting.arguments)
        WaitingTask.objects.filter(pk__in=[waiting.pk for waiting in batch]).delete()
    return len(batch)


def _send(schema: str, waiting_id: UUID, name: str, arguments: tuple[Any, ...]) -> None:
    try:
        send_named(name, schema, *arguments)
    except OperationalError:
        log.warning("the queue does not answer: %s waits to be sent", name)
        return
    WaitingTask.objects.filter(pk=waiting_id).delete()
