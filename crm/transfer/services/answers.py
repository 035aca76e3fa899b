"""Decisions about values of a file that the workspace does not know."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from core.errors import DomainError
from core.records.fields import Choice, Field, Group, Link, Person
from core.records.types import RecordType
from tenants.people.models import Team, User

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


def refuse_missing(field: Field, answer: Answer, by: Any) -> None:
    """Raises DomainError unless what the answer points at exists and the person may see it."""
    value = answer.value()
    if isinstance(field, Choice):
        known = any(option.value == answer.id for option in field.options())
    elif not isinstance(value, UUID):
        known = False
    elif isinstance(field, Link):
        known = field.target().visible(to=by).filter(pk=value).exists()
    elif isinstance(field, Person):
        known = User.objects.filter(pk=value, is_active=True).exists()
    else:
        known = isinstance(field, Group) and Team.objects.filter(pk=value).exists()
    if not known:
        raise DomainError(_("What was chosen is gone. Choose again."))


def can_make(field: Field) -> bool:
    """Whether an unknown value of this field can become something new."""
    return makes_unasked(field) or (isinstance(field, Link) and _needs_only_a_title(field.target()))


def makes_unasked(field: Field) -> bool:
    """Whether it does when nobody decides. A record is made only where a person says so: most unknown
    names are known ones, misspelt.
    """
    return isinstance(field, Person | Group) or (isinstance(field, Choice) and field.add is not None)


def _needs_only_a_title(kind: RecordType) -> bool:
    needed = [field.name for field in kind.fields if field.required]
    return kind.creatable and needed == [kind.title]


def answer_for(field: Field, text: str, answers: Mapping[str, Mapping[str, Any]]) -> Answer:
    """The person's decision, else the usual one: make what is made unasked, leave the rest empty."""
    given = answers.get(field.name, {}).get(text)
    if given:
        return Answer(Do(given["do"]), given.get("id", ""))
    return Answer(Do.MAKE if makes_unasked(field) else Do.EMPTY)
