"""Handing everything one person owns to another: one batch, one undo."""

from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from core.clock import now
from core.errors import DomainError
from core.history.context import change
from core.records.models import SearchDocument
from core.records.types import RecordType, record_types
from tenants.people.models import User
from tenants.people.rights import require_administrator


@dataclass(frozen=True, slots=True)
class Owned:
    """How many records of one type somebody owns, the bin's included."""

    kind: RecordType
    count: int


@dataclass(frozen=True, slots=True)
class HandedOver:
    """count: records that changed hands. batch: what an undo takes."""

    count: int
    batch: UUID


def owned_by(person: User) -> list[Owned]:
    """What would change hands, by type; types with nothing are left out."""
    counts = (Owned(kind, _records_of(kind, person).count()) for kind in _owned_kinds())
    return [each for each in counts if each.count]


def hand_over_records(person: User, *, to: User, by: User) -> HandedOver:
    """Every record of every type, the bin's too, to `to` and to that person's team.

    Raises NotAllowed, DomainError. One statement a type, however many records.
    """
    require_administrator(by)
    if to.pk == person.pk or not to.is_active:
        raise DomainError(_("Choose another active person."))
    label = _("Handed the records of %(name)s over to %(to)s") % {"name": person.name, "to": to.name}
    count = 0
    with change(label=label, by=by) as entry:
        for kind in _owned_kinds():
            values = {f"{kind.owner}_id": to.pk, "updated_at": now()}
            if kind.team:
                values[f"{kind.team}_id"] = to.team_id
            count += _records_of(kind, person).update(**values)
            documents = SearchDocument.objects.filter(record_type=kind.key, owner_id=person.pk)
            documents.update(owner_id=to.pk)
    return HandedOver(count, entry.batch)


def _owned_kinds() -> list[RecordType]:
    return [kind for kind in record_types() if kind.owner]


def _records_of(kind: RecordType, person: User):  # type: ignore[no-untyped-def]
    return kind.everything().filter(**{f"{kind.owner}_id": person.pk})
