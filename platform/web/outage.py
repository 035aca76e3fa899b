"""What a failure that reached nobody's hands means for the person who waits for a page."""

import errno
import shutil
from collections.abc import Iterator
from dataclasses import dataclass

import redis.exceptions
from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError as QueueError

from core.tenancy.cache import REFUSES_WRITES

_AWAY = (
    OperationalError,
    InterfaceError,
    QueueError,
    redis.exceptions.ConnectionError,
    redis.exceptions.TimeoutError,
)
_POSTGRES_DISK_FULL = "53100"
# With less a server that fails has most likely failed for that: PostgreSQL's log grows by 16 MB.
_HARDLY_ANY_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Failure:
    """code: stable, for the API. heading, sentence: in the active language."""

    code: str
    status: int
    heading: str
    sentence: str


def describe_failure(error: BaseException | None) -> Failure:
    """From the exception and what caused it."""
    causes = list(_causes(error))
    away = any(isinstance(each, _AWAY) for each in causes)
    if any(_tells_of_full_disk(each) for each in causes) or (away and _disk_is_full()):
        heading = _("The server's disk is full")
        sentence = _(
            "Nothing can be saved until whoever runs this site has made room. What was saved before is safe."
        )
        return Failure("disk_full", 503, heading, sentence)
    if away:
        heading = _("A part of the server does not answer")
        sentence = _(
            "Please try again in a moment. If you were saving something, look first whether it is there."
        )
        return Failure("unavailable", 503, heading, sentence)
    heading = _("Something failed on our side")
    return Failure("failed", 500, heading, _("It has been noted. Please try again in a moment."))


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error, what it was raised from or while handling, and so on."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _tells_of_full_disk(error: BaseException) -> bool:
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    if isinstance(error, redis.exceptions.ResponseError):
        return REFUSES_WRITES in str(error)
    return getattr(error, "pgcode", None) == _POSTGRES_DISK_FULL


def _disk_is_full() -> bool:
    """Of the state folder, where the embedded database is; one elsewhere says by itself what it lacks."""
    try:
        return shutil.disk_usage(settings.GUANXI["STATE"]).free < _HARDLY_ANY_BYTES
    except OSError:
        return False
