"""What the package for sign-in tells only by signals, written into the security log.

The house has no signals of its own; these are the package's way to say what its views have done.
"""

from typing import Any

from allauth.account.signals import password_changed, password_reset, password_set
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import (
    authentication_failed,
    authenticator_added,
    authenticator_removed,
    authenticator_reset,
    authenticator_used,
)

from tenants.people.models import EventKind
from tenants.people.security.brakes import BY_ACCOUNT
from tenants.people.security.events import note_event

_ADDED = {
    Authenticator.Type.TOTP: EventKind.FACTOR_ADDED,
    Authenticator.Type.WEBAUTHN: EventKind.PASSKEY_ADDED,
    Authenticator.Type.RECOVERY_CODES: EventKind.CODES_MADE,
}
_REMOVED = {
    Authenticator.Type.TOTP: EventKind.FACTOR_REMOVED,
    Authenticator.Type.WEBAUTHN: EventKind.PASSKEY_REMOVED,
}


def listen() -> None:
    """Called once at start."""
    password_changed.connect(_password_changed, dispatch_uid="people.security")
    password_set.connect(_password_changed, dispatch_uid="people.security")
    password_reset.connect(_password_reset, dispatch_uid="people.security")
    authenticator_added.connect(_added, dispatch_uid="people.security")
    authenticator_reset.connect(_added, dispatch_uid="people.security")
    authenticator_removed.connect(_removed, dispatch_uid="people.security")
    authenticator_used.connect(_used, dispatch_uid="people.security")
    authentication_failed.connect(_failed, dispatch_uid="people.security")


def _password_changed(*, user: Any, **_more: Any) -> None:
    note_event(EventKind.PASSWORD_CHANGED, person=user)


def _password_reset(*, user: Any, **_more: Any) -> None:
    note_event(EventKind.PASSWORD_RESET, person=user)
    BY_ACCOUNT.passed(user.email or "")


def _added(*, user: Any, authenticator: Authenticator, **_more: Any) -> None:
    note_event(_ADDED[authenticator.type], person=user, text=_name(authenticator))


def _removed(*, user: Any, authenticator: Authenticator, **_more: Any) -> None:
    # Recovery codes go with the last factor; that was said of the factor.
    if authenticator.type in _REMOVED:
        note_event(_REMOVED[authenticator.type], person=user, text=_name(authenticator))


def _used(*, user: Any, authenticator: Authenticator, **_more: Any) -> None:
    if authenticator.type == Authenticator.Type.RECOVERY_CODES:
        note_event(EventKind.CODE_USED, person=user)


def _failed(*, user: Any, **_more: Any) -> None:
    note_event(EventKind.CODE_FAILED, person=user)


def _name(authenticator: Authenticator) -> str:
    return authenticator.wrap().name if authenticator.type == Authenticator.Type.WEBAUTHN else ""
