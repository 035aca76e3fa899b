"""One family of errors that people may read. Pages and API each have one handler for it."""

from collections.abc import Mapping
from typing import Any


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
