"""Writing the security log, and telling people what was done with their own account."""

import datetime as dt
from typing import Any

from core.clock import now
from core.limits import TooOften, spend
from core.outbox.sending import send_on_commit
from core.tenancy.scope import current
from tenants.people.models import EventKind, SecurityEvent, User
from tenants.people.security.origin import origin

FAILURES_AN_HOUR = 500
"""Of one workspace; more are the same attack once more, and must not fill its disk."""
KNOWN_FOR = dt.timedelta(days=90)
"""A browser that somebody signed in with within that time is no news to them."""
_FAILURES = (EventKind.SIGN_IN_FAILED, EventKind.BRAKED, EventKind.CODE_FAILED)
_TOLD = {
    EventKind.PASSWORD_CHANGED,
    EventKind.PASSWORD_RESET,
    EventKind.FACTOR_ADDED,
    EventKind.FACTOR_REMOVED,
    EventKind.PASSKEY_ADDED,
    EventKind.PASSKEY_REMOVED,
    EventKind.CODES_MADE,
    EventKind.CODE_USED,
    EventKind.MAIL_CHANGED,
    EventKind.SSO_LINKED,
}
"""Of these the person is told by mail."""


def note_event(
    kind: EventKind, *, person: Any = None, by: Any = None, text: str = "", mail: str = ""
) -> None:
    """One line, in the transaction at hand. by: who did it to somebody else.

    mail: where the person is told, when not at the address they have (it has just changed).
    """
    if kind in _FAILURES and not _is_worth_keeping():
        return
    if by is not None and person is not None and by.pk == person.pk:
        by = None
    here = origin()
    SecurityEvent.objects.create(
        kind=kind,
        person_id=person.pk if person else None,
        person_name=person.name if person else "",
        by_id=by.pk if by else None,
        by_name=by.name if by else "",
        text=text.replace("\0", "")[:300],
        ip=here.ip,
        agent=here.agent,
    )
    if person is not None and kind in _TOLD:
        tell_of(kind, person, mail=mail or person.email or "", text=text)


def note_sign_in(person: User, *, way: str) -> None:
    """way: how, in words. From a browser that the person has not used lately, they are told by mail."""
    here = origin()
    before = SecurityEvent.objects.filter(person_id=person.pk, kind=EventKind.SIGNED_IN)
    recent = before.filter(at__gte=now() - KNOWN_FOR)
    is_new = before.exists() and not recent.filter(agent=here.agent).exists()
    note_event(EventKind.SIGNED_IN, person=person, text=way)
    if is_new and person.email:
        tell_of(EventKind.SIGNED_IN, person, mail=person.email)


def tell_of(kind: EventKind, person: User, *, mail: str, text: str = "") -> None:
    """A mail about one's own account. In the operator's schema there is no workspace to write in the name of."""
    if not mail or current().is_public:
        return
    here = origin()
    send_on_commit(
        "people.send_security_notice",
        str(person.pk),
        str(kind),
        mail,
        text[:300],
        here.ip or "",
        here.agent,
        now().isoformat(),
    )


def note_list_exported(request: Any, kind: Any) -> None:
    """A list that left as a file."""
    note_event(EventKind.EXPORTED, person=request.user, text=str(kind.label_plural))


def forget_older_than(days: int) -> int:
    """Remove what is older; how many. The database keeps 30 days whatever is asked."""
    return SecurityEvent.objects.filter(at__lt=now() - dt.timedelta(days=max(days, 30))).delete()[0]


def _is_worth_keeping() -> bool:
    try:
        spend("security-log", "failures", limit=FAILURES_AN_HOUR, seconds=3600)
    except TooOften:
        return False
    return True
