"""Decisions about values of a file that the workspace does not know."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from core.records.fields import Choice, Field, Group, Person

MOST_UNKNOWN = 1000  # distinct values of one field that are kept; what goes beyond stays empty


class Do(StrEnum):
    """map: it is that record or choice. make: a new choice, team or placeholder. empty: leave it out."""

    MAP = "map"
    MAKE = "make"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class Answer:
    """id: of a MAP, as text."""

    do: Do
    id: str = ""

    def value(self) -> UUID | str | None:
        """What the field gets. A choice that is stored as text has no UUID."""
        if self.do is not Do.MAP:
            return None
        try:
            return UUID(self.id)
        except ValueError:
            return self.id


def can_make(field: Field) -> bool:
    """Whether an unknown value of this field can become something new."""
    return isinstance(field, Person | Group) or (isinstance(field, Choice) and field.add is not None)


def answer_for(field: Field, text: str, answers: Mapping[str, Mapping[str, Any]]) -> Answer:
    """The person's decision, else the usual one: make what can be made, leave the rest empty."""
    given = answers.get(field.name, {}).get(text)
    if given:
        return Answer(Do(given["do"]), given.get("id", ""))
    return Answer(Do.MAKE if can_make(field) else Do.EMPTY)
