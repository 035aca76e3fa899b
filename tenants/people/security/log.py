"""Reading the security log."""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from core.clock import start_of_day
from core.ids import read_uuid
from tenants.people.models import EventKind, SecurityEvent

PAGE = 50
GROUPS: dict[str, tuple[EventKind, ...]] = {
    "in": (EventKind.SIGNED_IN, EventKind.SIGNED_OUT, EventKind.SESSIONS_ENDED),
    "failed": (EventKind.SIGN_IN_FAILED, EventKind.BRAKED, EventKind.CODE_FAILED),
    "account": (
        EventKind.PASSWORD_CHANGED,
        EventKind.PASSWORD_RESET,
        EventKind.MAIL_CHANGED,
        EventKind.FACTOR_ADDED,
        EventKind.FACTOR_REMOVED,
        EventKind.PASSKEY_ADDED,
        EventKind.PASSKEY_REMOVED,
        EventKind.CODES_MADE,
        EventKind.CODE_USED,
        EventKind.SSO_LINKED,
    ),
    "people": (
        EventKind.INVITED,
        EventKind.JOINED,
        EventKind.ROLE_CHANGED,
        EventKind.RIGHTS_CHANGED,
        EventKind.DEACTIVATED,
        EventKind.REACTIVATED,
        EventKind.OWNER_CHANGED,
    ),
    "workspace": (
        EventKind.POLICY_CHANGED,
        EventKind.SSO_CHANGED,
        EventKind.SUPPORT,
        EventKind.EXPORTED,
        EventKind.CLOSED,
    ),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """group: a key of GROUPS. person: whom it concerns or who did it. since, until: days of the viewer's zone."""

    group: str = ""
    person: UUID | None = None
    since: dt.date | None = None
    until: dt.date | None = None


@dataclass(frozen=True, slots=True)
class LogPage:
    """events: the newest first. older: the id to go on before; '' at the end."""

    events: list[SecurityEvent]
    older: str = ""


def wanted_events(wanted: Wanted) -> QuerySet[SecurityEvent]:
    """Of the whole workspace, the newest first."""
    found = SecurityEvent.objects.order_by("-id")
    if wanted.group in GROUPS:
        found = found.filter(kind__in=GROUPS[wanted.group])
    if wanted.person is not None:
        found = found.filter(Q(person_id=wanted.person) | Q(by_id=wanted.person))
    if wanted.since is not None:
        found = found.filter(at__gte=start_of_day(wanted.since))
    if wanted.until is not None:
        found = found.filter(at__lt=start_of_day(wanted.until + dt.timedelta(days=1)))
    return found


def page_of_log(found: QuerySet[SecurityEvent], *, before: str = "") -> LogPage:
    """By keyset: ids follow time. before: of the last event of the page above; what is none starts at the top."""
    last = read_uuid(before) if before else None
    rows = list((found.filter(id__lt=last) if last else found)[: PAGE + 1])
    return LogPage(rows[:PAGE], str(rows[PAGE - 1].pk) if len(rows) > PAGE else "")


def own_events(person: Any) -> QuerySet[SecurityEvent]:
    """What concerns one's own account."""
    return SecurityEvent.objects.filter(person_id=person.pk).order_by("-id")
