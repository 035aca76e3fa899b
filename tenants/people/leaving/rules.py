"""Who gets what of somebody's records. Pure: no database, no clock.

The wish names one rule for all and exceptions by type. Records that hang on another one (a contact on its account)
go with that one. What a rule does not settle goes to the person `to`, so that nothing is left without an owner.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self
from uuid import UUID


class Rule(StrEnum):
    """ONE: everything to `to`. LEADER: to the leader of the record's team, else of the leaver's, else of the team
    above. TURNS: one each in turn over a team. TERRITORY: in turn over the people of the record's territory.
    """

    ONE = "one"
    LEADER = "leader"
    TURNS = "turns"
    TERRITORY = "territory"


AS_ALL = "as_all"
FOLLOW = "follow"


@dataclass(frozen=True, slots=True)
class Wish:
    """to: who gets what the rule does not settle. team: of TURNS.

    by_type: {record type: AS_ALL, FOLLOW or the id of a person}; a type that is not named follows where it can.
    leave_finished: what is over (a lost opportunity, a done task) keeps the leaver's name.
    """

    rule: Rule
    to: UUID
    team: UUID | None = None
    by_type: Mapping[str, str] = field(default_factory=dict)
    leave_finished: bool = False

    def as_json(self) -> dict[str, Any]:
        return {
            "rule": str(self.rule),
            "to": str(self.to),
            "team": str(self.team) if self.team else "",
            "by_type": dict(self.by_type),
            "leave_finished": self.leave_finished,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        return cls(
            rule=Rule(stored["rule"]),
            to=UUID(stored["to"]),
            team=UUID(stored["team"]) if stored["team"] else None,
            by_type=stored["by_type"],
            leave_finished=stored["leave_finished"],
        )


@dataclass(frozen=True, slots=True)
class Item:
    """One record. anchors: ids of records that it hangs on, the nearest first. cut: option by territory field."""

    id: UUID
    anchors: tuple[UUID, ...] = ()
    team: UUID | None = None
    cut: Mapping[str, UUID] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ground:
    """What the rules stand on, without the leaver and without people who cannot sign in.

    leaders: of teams that have one. parents: of teams. members: people of the wish's team, in order. territories:
    (values by field, people), the narrowest first. own_team: the leaver's.
    """

    people: frozenset[UUID]
    leaders: Mapping[UUID, UUID] = field(default_factory=dict)
    parents: Mapping[UUID, UUID | None] = field(default_factory=dict)
    members: Sequence[UUID] = ()
    territories: Sequence[tuple[Mapping[str, frozenset[UUID]], Sequence[UUID]]] = ()
    own_team: UUID | None = None


@dataclass(slots=True)
class Plan:
    """Who gets which record, type by type. others: owners of records that items hang on and that stay."""

    wish: Wish
    ground: Ground
    others: Mapping[UUID, UUID] = field(default_factory=dict)
    given: dict[UUID, UUID] = field(default_factory=dict)
    lines: list[tuple[str, UUID, UUID]] = field(default_factory=list)
    _turns: Counter[tuple[str, object, UUID]] = field(default_factory=Counter)

    def add_type(self, key: str, items: Iterable[Item]) -> None:
        """Types that others hang on come first."""
        way = self.wish.by_type.get(key, FOLLOW)
        for item in items:
            receiver = self._receiver(key, item, way)
            self.given[item.id] = receiver
            self.lines.append((key, item.id, receiver))

    def counts(self) -> dict[UUID, Counter[str]]:
        """{receiver: {record type: records}}"""
        found: dict[UUID, Counter[str]] = {}
        for key, _record, receiver in self.lines:
            found.setdefault(receiver, Counter())[key] += 1
        return found

    def _receiver(self, key: str, item: Item, way: str) -> UUID:
        if way == FOLLOW:
            for anchor in item.anchors:
                found = self.given.get(anchor) or self.others.get(anchor)
                if found in self.ground.people:
                    return found  # type: ignore[return-value]
        elif way != AS_ALL:
            return UUID(way)
        return self._by_rule(key, item)

    def _by_rule(self, key: str, item: Item) -> UUID:
        rule, ground = self.wish.rule, self.ground
        if rule == Rule.LEADER:
            return self._leader(item.team) or self._leader(ground.own_team) or self.wish.to
        if rule == Rule.TURNS:
            return self._next(key, "team", ground.members)
        if rule == Rule.TERRITORY:
            for number, (values, people) in enumerate(ground.territories):
                if people and values and all(item.cut.get(name) in ids for name, ids in values.items()):
                    return self._next(key, number, people)
        return self.wish.to

    def _leader(self, team: UUID | None) -> UUID | None:
        seen: set[UUID] = set()
        while team is not None and team not in seen:
            seen.add(team)
            if (leader := self.ground.leaders.get(team)) in self.ground.people:
                return leader
            team = self.ground.parents.get(team)
        return None

    def _next(self, key: str, circle: object, people: Sequence[UUID]) -> UUID:
        """Whoever of the circle has least of this type so far; the first of equals."""
        if not people:
            return self.wish.to
        chosen = min(people, key=lambda person: self._turns[key, circle, person])
        self._turns[key, circle, chosen] += 1
        return chosen
