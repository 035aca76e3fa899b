"""One family of errors that people may read. Pages and API each have one handler for it."""

from collections.abc import Mapping
from typing import Any

from django.db import DatabaseError
from django.utils.translation import gettext as _


class DomainError(Exception):
    """Something the user asked for cannot be done; says why in the user's language.

    code: stable, for the API and tests. fields: messages by field name, for forms.
    """

    code = "invalid"
    status = 422

    def __init__(
        self, message: Any, *, code: str | None = None, fields: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.code
        self.fields = dict(fields or {})

    def __str__(self) -> str:
        return str(self.message)


class NotAllowed(DomainError):
    """The user sees the record, but may not do this with it."""

    code = "not_allowed"
    status = 403


class Conflict(DomainError):
    """Somebody else changed what this request was built on."""

    code = "conflict"
    status = 409


class Unavailable(DomainError):
    """A part the product depends on does not answer; nothing was changed."""

    code = "unavailable"
    status = 503


_GONE = "23503"  # PostgreSQL, appendix A: foreign_key_violation
_THERE_ALREADY = "23505"  # unique_violation
_AT_ONCE = {"40001", "40P01", "55P03"}  # serialization_failure, deadlock_detected, lock_not_available
_NUL = "NUL (0x00)"  # psycopg2's ValueError


def refusal_of(error: BaseException) -> DomainError | None:
    """What the database or its driver refused because of what people sent or did at once; None for all else.

    Foreign keys are checked at the commit, where no service can catch them.
    """
    if isinstance(error, ValueError) and _NUL in str(error):
        return DomainError(_("The text holds a character that cannot be stored."), code="unstorable")
    code = getattr(error.__cause__, "pgcode", None) if isinstance(error, DatabaseError) else None
    if code == _GONE:
        return Conflict(_("Something this refers to is gone. Reload the page to see what is there now."))
    if code == _THERE_ALREADY:
        return Conflict(_("Somebody else has just made the same. Reload the page to see it."))
    if code in _AT_ONCE:
        return Conflict(_("Somebody else was writing the same at this moment. Please try again."))
    return None
