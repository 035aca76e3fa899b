"""What activities and tasks are about: a reference to a record of any type."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q

from core.records.rights import Scope, Verb, rights_of
from core.records.types import RecordType, record_types, type_of

ROOT_LINK = "account"
"""The link whose record also shows what happened: an account sees what its contacts' records say."""


@dataclass(frozen=True, slots=True)
class Target:
    """A record that something is about, as the person may see it."""

    kind: RecordType
    id: UUID
    title: str

    @property
    def url(self) -> str:
        return self.kind.url_of(self.id)


def root_id_of(record: Any) -> UUID | None:
    """The account above a record; None for an account itself and for what has none."""
    kind = type_of(record)
    link = kind.by_name.get(ROOT_LINK)
    return link.value_of(record) if link is not None and link in kind.links else None


def root_type_of(kind: RecordType) -> RecordType | None:
    """The type of the record that `root_id_of` refers to."""
    return next((link.target() for link in kind.links if link.name == ROOT_LINK), None)


def targets_of(references: Iterable[tuple[str, UUID | None]], *, to: Any) -> dict[UUID, Target]:
    """(key of a type, id) → the records that `to` may see; one query a type that occurs."""
    wanted: dict[str, set[UUID]] = {}
    for key, record_id in references:
        if record_id is not None:
            wanted.setdefault(key, set()).add(record_id)
    found: dict[UUID, Target] = {}
    for kind in record_types():
        if ids := wanted.get(kind.key):
            rows = kind.visible(to=to).filter(pk__in=ids).values_list("pk", kind.title)
            found.update({pk: Target(kind, pk, str(title)) for pk, title in rows})
    return found


def about_seen(*, to: Any) -> Q | None:
    """Narrows rows that are about records (target_type, target_id) to those that `to` may see; None for no bound."""
    rights = rights_of(to)
    # What has no timeline of its own (a task, a person) is nothing that something is about.
    kinds = [kind for kind in record_types() if kind.timeline]
    if all(rights.scope(kind, Verb.SEE) == Scope.ALL for kind in kinds):
        return None
    found = Q(target_id__isnull=True)
    for kind in kinds:
        scope = rights.scope(kind, Verb.SEE)
        if scope == Scope.ALL:
            found |= Q(target_type=kind.key)
        elif scope != Scope.NONE:
            found |= Q(target_type=kind.key, target_id__in=kind.visible(to=to).order_by().values("pk"))
    return found
