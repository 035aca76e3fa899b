"""A firm for the permission matrix: one record of each type for everybody in it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from core.records.rights import ANY_TYPE, Verb
from core.records.types import record_type
from core.records.writing import create_record
from tenants.people.models import AccessRole, Team, User

OWNED = ("account", "contact", "opportunity", "task")
ALL = {str(verb): "all" for verb in Verb}
# Whose records each scope reaches.
REACHED = {
    "none": set(),
    "own": {"me"},
    "team": {"me", "mate"},
    "below": {"me", "mate", "below"},
    "all": {"me", "mate", "below", "above", "stranger", "nobody"},
}
EVERYBODY = ("me", "mate", "below", "above", "stranger", "nobody")


@dataclass
class Firm:
    """people: by their place. records: {(type, whose): record}; each is named after whom it belongs to."""

    workspace: Any
    people: dict[str, User]
    records: dict[tuple[str, str], Any]

    @property
    def me(self) -> User:
        """Read anew, as a request does."""
        return User.objects.select_related("access_role").get(pk=self.people["me"].pk)

    def give(self, scopes: dict[str, Any], fields: dict[str, Any] | None = None) -> User:
        """The person of the matrix gets a role with these scopes."""
        role, _made = AccessRole.objects.update_or_create(
            name="Matrix", defaults={"scopes": scopes, "fields": fields or {}}
        )
        User.objects.filter(pk=self.people["me"].pk).update(access_role=role)
        return self.me

    def name(self, key: str, whose: str) -> str:
        return f"Zq{whose}{key}"


@pytest.fixture
def firm(workspace: Any) -> Firm:
    head = Team.objects.create(name="Head office")
    north = Team.objects.create(name="North", parent=head)
    harbour = Team.objects.create(name="Harbour", parent=north)
    south = Team.objects.create(name="South", parent=head)
    teams = {"me": north, "mate": north, "below": harbour, "above": head, "stranger": south}
    people = {
        place: User.objects.create_user(f"{place}@firm.example", "x", name=place.title(), team=team)
        for place, team in teams.items()
    }
    records = {}
    for key in (*OWNED, "product"):
        kind = record_type(key)
        for whose in EVERYBODY:
            name = f"Zq{whose}{key}"
            values: dict[str, Any] = {kind.title: name}
            if kind.owner:
                values[f"{kind.owner}_id"] = people[whose].pk if whose != "nobody" else None
            record = create_record(kind, values, by=None).record
            records[key, whose] = record
    return Firm(workspace, people, records)


@pytest.fixture
def with_scope(firm: Firm) -> Callable[..., User]:
    """with_scope(key, verb, scope) → the person, who may see and do everything else."""

    def give(key: str, verb: str, scope: str) -> User:
        return firm.give({ANY_TYPE: ALL, key: {**ALL, verb: scope}})

    return give
