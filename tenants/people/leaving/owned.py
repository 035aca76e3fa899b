"""What somebody has in hand: records by type, and what else one looks to them for."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from core.records.models import SavedView
from core.records.types import RecordType, record_types
from tenants.people.models import Invitation, Team, User
from tenants.people.selectors import active_people

_SAMPLES = 3


@dataclass(frozen=True, slots=True)
class Owned:
    """Records of one type that somebody owns, the bin's included. finished: how many of them are over.

    samples: some that are alive, the newest first.
    """

    kind: RecordType
    count: int
    finished: int
    samples: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Duty:
    """Something other than records. what: its name. then: what becomes of it when the person leaves."""

    what: str
    count: int
    then: str


def owned_kinds() -> list[RecordType]:
    """Types with owners; those that others hang on first."""
    return sorted((kind for kind in record_types() if kind.owner), key=_depth)


def _depth(kind: RecordType, seen: tuple[str, ...] = ()) -> int:
    """How many types are to be given away before this one; those that hang on records of any type come last."""
    if kind.hangs_on:
        return len(record_types())
    link = kind.anchor_link
    if link is None or link.target().key in seen:
        return 0
    return 1 + _depth(link.target(), (*seen, kind.key))


def records_of(kind: RecordType, person: User) -> QuerySet[Any]:
    """Everything of the type that the person owns, whoever looks, the bin's too."""
    return kind.everything().filter(**{f"{kind.owner}_id": person.pk})


def owned_by(person: User) -> list[Owned]:
    """By type; types with nothing are left out."""
    found = []
    for kind in owned_kinds():
        rows = records_of(kind, person)
        if count := rows.count():
            finished = rows.filter(kind.finished).count() if kind.finished is not None else 0
            alive = kind.living().filter(**{f"{kind.owner}_id": person.pk})
            found.append(Owned(kind, count, finished, tuple(alive.order_by("-pk")[:_SAMPLES])))
    return found


def owns_anything(person: User) -> bool:
    """Whether a customer or anything else would be left without somebody who can sign in."""
    return any(records_of(kind, person).exists() for kind in owned_kinds())


Duties = Callable[[User], list[Duty]]
_more_duties: list[Duties] = []


def use_duties(*finders: Duties) -> None:
    """config's choice: what rooms above know of a person's duties."""
    _more_duties[:] = finders


def duties_of(person: User) -> list[Duty]:
    """What else the person does here; what is nothing is left out."""
    views = SavedView.objects.filter(owner=person, shared=True)
    waiting = Invitation.objects.filter(invited_by=person, accepted_at=None, withdrawn_at=None)
    own = [
        Duty(_("Teams led"), Team.objects.filter(leader=person).count(), _("to the one who takes over")),
        Duty(_("People reporting"), person.reports.count(), _("to the one who takes over")),
        Duty(_("Territories"), person.territories.count(), _("left; nobody else is taken out")),
        Duty(_("Views for everybody"), views.count(), _("to the one who takes over")),
        Duty(_("Invitations waiting"), waiting.count(), _("stay good")),
    ]
    return [each for each in (*own, *(duty for find in _more_duties for duty in find(person))) if each.count]


def receivers_beside(person: User) -> QuerySet[User]:
    """Who can take over: whoever can sign in, but the person."""
    return active_people().exclude(pk=person.pk).order_by("name_key", "id")
