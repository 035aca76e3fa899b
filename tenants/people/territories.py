"""Territories: a region, a trade, or both; whoever is in one sees its records beside what the role shows."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db import IntegrityError
from django.utils.translation import gettext as _

from core.errors import Conflict, DomainError
from core.history.context import change
from core.ids import read_uuid
from core.records.fields import Choice
from core.records.types import record_types
from tenants.people.models import SalesTerritory, TerritoryMember, User
from tenants.people.rights import require_administrator
from tenants.people.trees import refuse_circle

FIELDS = ("region", "trade")
"""What a territory can be cut by: choices that the workspace keeps itself."""


def choices_in(territory: SalesTerritory) -> dict[str, frozenset[UUID]]:
    """The ids of the choices that it is cut by, by field; what cannot be read is left out."""
    read = {
        name: frozenset(found for text in texts if (found := read_uuid(text)) is not None)
        for name, texts in territory.values.items()
    }
    return {name: ids for name, ids in read.items() if ids}


def territory_fields() -> dict[str, Choice]:
    """Those of FIELDS that some record type has, by name."""
    found: dict[str, Choice] = {}
    for kind in record_types():
        for each in kind.choices:
            if each.name in FIELDS:
                found.setdefault(each.name, each)
    return found


def save_territory(
    territory: SalesTerritory | None,
    *,
    name: str,
    parent: SalesTerritory | None,
    values: Mapping[str, Iterable[str]],
    people: Iterable[User],
    by: User,
) -> UUID:
    """A new one for None. values: ids of options by field; empty ones are left out. The batch.

    Raises DomainError (one that would lie below itself), Conflict when the name is taken, NotAllowed.
    """
    require_administrator(by)
    name = " ".join(name.split())[:120]
    if not name:
        raise DomainError(_("This is needed."), fields={"name": _("This is needed.")})
    label = _("Changed the territory “%(name)s”") if territory else _("Made the territory “%(name)s”")
    with change(label=label % {"name": name}, by=by) as entry:
        saved = territory or SalesTerritory()
        refuse_circle(saved, parent, _("A territory cannot be part of itself or of one of its own."))
        saved.name, saved.parent = name, parent
        saved.values = {field: sorted(ids) for field, given in values.items() if (ids := set(given))}
        try:
            saved.save()
        except IntegrityError as error:
            message = _("There is already a territory of this name.")
            raise Conflict(message, fields={"name": message}) from error
        _set_people(saved, people)
    return entry.batch


def delete_territory(territory: SalesTerritory, *, by: User) -> UUID:
    """Its people see what their roles show; its parts stay, part of none. The batch."""
    require_administrator(by)
    with change(label=_("Deleted the territory “%(name)s”") % {"name": territory.name}, by=by) as entry:
        territory.delete()
    return entry.batch


def _set_people(territory: SalesTerritory, people: Iterable[Any]) -> None:
    wanted = {each.pk for each in people}
    for each in territory.memberships.exclude(person_id__in=wanted):
        each.delete()
    known = set(territory.memberships.values_list("person_id", flat=True))
    for person_id in sorted(wanted - known):
        TerritoryMember.objects.create(territory=territory, person_id=person_id)
