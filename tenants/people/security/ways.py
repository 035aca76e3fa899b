"""How somebody signed in, in words: password, passkey, another service, each with what came second."""

from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from django.http import HttpRequest
from django.utils.translation import gettext as _


def way_of(request: HttpRequest, person: Any) -> str:
    """E.g. 'Password · Authenticator app'; '' when the session says nothing of it."""
    words = [_word(record) for record in get_authentication_records(request, person)]
    return " · ".join(dict.fromkeys(word for word in words if word))


def came_by_service(request: HttpRequest, person: Any) -> bool:
    """Whether this sign-in began at the workspace's own service."""
    return any(record.get("method") == "sso" for record in get_authentication_records(request, person))


def _word(record: dict[str, Any]) -> str:
    method = record.get("method", "")
    if method == "mfa":
        return {
            Authenticator.Type.TOTP: _("Authenticator app"),
            Authenticator.Type.WEBAUTHN: _("Passkey"),
            Authenticator.Type.RECOVERY_CODES: _("Recovery code"),
        }.get(record.get("type", ""), "")
    return {
        "password": _("Password"),
        "password_reset": _("New password by mail"),
        "sso": _("Another service"),
    }.get(method, "")
