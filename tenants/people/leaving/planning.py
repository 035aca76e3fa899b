"""Reads what a hand-over stands on, and lets the rules decide."""

from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from core.ids import read_uuid
from core.records.types import RecordType
from tenants.people.leaving.owned import owned_kinds, receivers_beside, records_of
from tenants.people.leaving.rules import FOLLOW, Ground, Item, Plan, Rule, Wish
from tenants.people.models import SalesTerritory, Team, User
from tenants.people.territories import choices_in

_AT_ONCE = 5_000


def plan_hand_over(person: User, wish: Wish) -> Plan:
    """Who would get what, now. Records that the wish leaves where they are are not in it.

    Some queries a type, and one each 5,000 records that hang on others; all lines are held in memory.
    """
    ground = _ground(person, wish)
    plan = Plan(wish, ground)
    for kind in owned_kinds():
        items = list(_items(kind, person, wish))
        if wish.by_type.get(kind.key, FOLLOW) == FOLLOW:
            unknown = {anchor for item in items for anchor in item.anchors} - plan.given.keys()
            plan.others = _owners_of(unknown, ground.people)
        plan.add_type(kind.key, items)
    return plan


def _items(kind: RecordType, person: User, wish: Wish) -> Iterator[Item]:
    rows = records_of(kind, person).order_by("pk")
    if wish.leave_finished and kind.finished is not None:
        rows = rows.exclude(kind.finished)
    cut = _lookups(kind) if wish.rule == Rule.TERRITORY else {}
    team = [f"{kind.team}_id"] if kind.team else []
    names = ["pk", *kind.anchors, *team, *cut.values()]
    for row in rows.values_list(*names).iterator(chunk_size=_AT_ONCE):
        values = dict(zip(names, row, strict=True))
        yield Item(
            id=values["pk"],
            anchors=tuple(found for name in kind.anchors if (found := _id(values[name])) is not None),
            team=values[team[0]] if team else None,
            cut={name: values[lookup] for name, lookup in cut.items() if values[lookup] is not None},
        )


def _id(value: Any) -> UUID | None:
    """Links that a workspace made keep their ids as text."""
    return read_uuid(value) if isinstance(value, str) else value


def _lookups(kind: RecordType) -> dict[str, str]:
    named = {name for values in SalesTerritory.objects.values_list("values", flat=True) for name in values}
    return {name: lookup for name in sorted(named) if (lookup := kind.territory_lookup(name))}


def _owners_of(ids: Iterable[UUID], people: frozenset[UUID]) -> dict[UUID, UUID]:
    """Of records that stay where they are: their owners, as far as these can sign in."""
    found: dict[UUID, UUID] = {}
    wanted = sorted(ids)
    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        for kind in owned_kinds():
            owner = f"{kind.owner}_id"
            rows = kind.everything().filter(pk__in=some).values_list("pk", owner)
            found.update((pk, owned_by) for pk, owned_by in rows if owned_by in people)
    return found


def _ground(person: User, wish: Wish) -> Ground:
    people = list(receivers_beside(person).values_list("pk", "team_id"))
    teams = list(Team.objects.values_list("pk", "parent_id", "leader_id"))
    known = frozenset(pk for pk, _team in people)
    return Ground(
        people=known,
        leaders={pk: leader for pk, _parent, leader in teams if leader},
        parents={pk: parent for pk, parent, _leader in teams},
        members=[pk for pk, team in people if wish.team and team == wish.team],
        territories=_territories(known) if wish.rule == Rule.TERRITORY else (),
        own_team=person.team_id,
    )


def _territories(people: frozenset[UUID]) -> list[tuple[dict[str, frozenset[UUID]], list[UUID]]]:
    """The deepest first: a part of a territory is nearer to its records than the whole."""
    rows = list(SalesTerritory.objects.prefetch_related("memberships"))
    parents = {each.pk: each.parent_id for each in rows}
    rows.sort(key=lambda each: (-_depth(each.pk, parents), each.name))
    return [(choices_in(each), _members(each, people)) for each in rows]


def _depth(pk: UUID | None, parents: dict[UUID, Any]) -> int:
    depth = 0
    while pk is not None and depth <= len(parents):
        pk, depth = parents.get(pk), depth + 1
    return depth


def _members(territory: SalesTerritory, people: frozenset[UUID]) -> list[UUID]:
    return sorted(each.person_id for each in territory.memberships.all() if each.person_id in people)
