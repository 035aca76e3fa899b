"""Signatures bound to the tenant: what one workspace signed is worthless in another."""

from typing import Any

from django.core import signing

from core.tenancy.scope import current


def _salt(purpose: str) -> str:
    return f"guanxi:{current().schema}:{purpose}"


def sign(value: Any, *, purpose: str) -> str:
    """A URL-safe, timestamped signature over a JSON value for this tenant and purpose."""
    return signing.dumps(value, salt=_salt(purpose), compress=True)


def unsign(text: str, *, purpose: str, max_age_seconds: int | None = None) -> Any:
    """The signed value. Raises django.core.signing.BadSignature (or SignatureExpired)."""
    return signing.loads(text, salt=_salt(purpose), max_age=max_age_seconds)
