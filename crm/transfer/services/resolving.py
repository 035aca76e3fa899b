"""Texts of a file → records, people, teams and choices of the workspace, a block of rows at a time."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.utils.translation import override

from core.records.fields import Choice, Choices, Field, Group, Link, Person
from core.records.parsing import Unreadable
from core.records.text import sort_key
from core.records.types import RecordType
from crm.transfer.rules.cells import NOTHING, HowWritten, mend
from crm.transfer.rules.guessing import LANGUAGES
from crm.transfer.services.answers import Do, answer_for
from tenants.people.models import Role, Team, User

_REMEMBERED = 50_000
_BETWEEN_CHOICES = re.compile(r"[,;，；、|\n]")
_BETWEEN_PEOPLE = re.compile(r"\s*(?:[;；、|\n]|\s/\s|\s&\s)\s*")


@dataclass(frozen=True, slots=True)
class Found:
    """What a text stands for. later: the sort key of a record that the same file brings. several: the cell
    holds more than one value, this is the first. unknown: those of several values that nobody knows.
    """

    value: Any = None
    title: str = ""
    later: str = ""
    several: bool = False
    unknown: tuple[str, ...] = ()


NOTHING_FOUND = Found()


class UnknownValue(Exception):
    """The workspace does not know this text. pending: it will be made before rows are written.

    further: of the same cell, what it does not know either.
    """

    def __init__(self, text: str, pending: bool, further: tuple[str, ...] = ()) -> None:
        super().__init__(text)
        self.text = text
        self.pending = pending
        self.further = further


class FieldReader:
    """Reads one column. `prepare` gets a block's texts at once, `read` then one by one.

    factor: of the column's unit, see rules.cells.factor_of.
    """

    def __init__(self, field: Field, written: HowWritten, factor: int = 1) -> None:
        self.field = field
        self.written = written
        self.factor = factor
        self._known: dict[str, Any] = {}

    def prepare(self, texts: Iterable[str]) -> None:
        """Nothing to look up for plain values."""

    def read(self, text: str) -> Found:
        """Raises Unreadable with a sentence, UnknownValue."""
        known = self._known.get(text)
        if known is None:
            if len(self._known) > _REMEMBERED:
                self._known.clear()
            known = self._known[text] = self._parse(text)
        if isinstance(known, Unreadable):
            raise known
        return known

    def _parse(self, text: str) -> Found | Unreadable:
        try:
            mended = mend(self.field.kind, text, self.written, self.factor)
            return Found(self.field.parse(mended.text, mended.reading), several=mended.several)
        except Unreadable as error:
            return error


class NamedReader(FieldReader):
    """A column of names. answers: of the job. in_file: sort keys of records that this file brings."""

    def __init__(
        self,
        field: Field,
        written: HowWritten,
        answers: Mapping[str, Mapping[str, Any]],
        in_file: frozenset[str] = frozenset(),
    ) -> None:
        super().__init__(field, written)
        self.answers = answers
        self.in_file = in_file

    def read(self, text: str) -> Found:
        found = self.find(text)
        if found is not None:
            return found
        if (key := sort_key(text)) in self.in_file:
            return Found(later=key)
        if text.casefold() in NOTHING:
            return NOTHING_FOUND
        answer = answer_for(self.field, text, self.answers)
        if answer.do is Do.MAP:
            return Found(answer.value(), text)
        raise UnknownValue(text, pending=answer.do is Do.MAKE)

    def find(self, text: str) -> Found | None:
        raise KeyError(text)


class ChoiceReader(NamedReader):
    """By value or by label, in any language of the product."""

    def prepare(self, texts: Iterable[str]) -> None:
        if not self._known and isinstance(self.field, Choice):
            self._known = _choices(self.field)

    def find(self, text: str) -> Found | None:
        return self._known.get(text.strip().casefold())


class ChoicesReader(ChoiceReader):
    """Several choices in one cell; what is unknown is told, the rest is taken."""

    def read(self, text: str) -> Found:
        values, unknown, pending = [], [], False
        for part in filter(None, map(str.strip, _BETWEEN_CHOICES.split(text))):
            try:
                values.append(str(super().read(part).value))
            except UnknownValue as error:
                unknown.append(part)
                pending |= error.pending
        if unknown and pending:
            raise UnknownValue(unknown[0], True, tuple(unknown[1:]))
        return Found(list(dict.fromkeys(values)), unknown=tuple(unknown))


class PeopleReader(NamedReader):
    """By name or by mail; of namesakes the one who can sign in, then the older."""

    def prepare(self, texts: Iterable[str]) -> None:
        if self._known:
            return
        people = User.objects.exclude(role=Role.SUPPORT).order_by(
            "is_active", "-is_placeholder", "-created_at"
        )
        for pk, name, mail in people.values_list("pk", "name", "email"):
            found = Found(pk, name)
            self._known[sort_key(name)] = found
            if mail:
                self._known[mail.casefold()] = found

    def read(self, text: str) -> Found:
        """Of several people in one cell the first whom the workspace knows, else the first."""
        people = [part for part in _BETWEEN_PEOPLE.split(text) if part]
        if len(people) < 2 or self.find(text):
            return super().read(text)
        known = next((part for part in people if self.find(part)), people[0])
        return replace(super().read(known), several=True)

    def find(self, text: str) -> Found | None:
        last, comma, first = text.partition(",")
        names = [text, f"{first} {last}"] if comma else [text]
        found = next((self._known[key] for name in names if (key := sort_key(name)) in self._known), None)
        return found or self._known.get(self._mail_in(text))

    @staticmethod
    def _mail_in(text: str) -> str:
        """'Ada <ada@x.example>' → the address."""
        inside = re.search(r"<([^<>\s]+@[^<>\s]+)>", text)
        return (inside[1] if inside else text.strip()).casefold()


class TeamReader(NamedReader):
    """By name."""

    def prepare(self, texts: Iterable[str]) -> None:
        if not self._known:
            self._known = {
                sort_key(name): Found(pk, name) for pk, name in Team.objects.values_list("pk", "name")
            }

    def find(self, text: str) -> Found | None:
        return self._known.get(sort_key(text))


class LinkReader(NamedReader):
    """By the target's title, then by the single attributes of its duplicate key (a product's code).

    Of several records with one title none is taken: which one is for a person to say.
    """

    def prepare(self, texts: Iterable[str]) -> None:
        if len(self._known) > _REMEMBERED:
            self._known.clear()
        missing = {text for text in texts if text and text not in self._known}
        if not missing:
            return
        self._known.update(dict.fromkeys(missing))
        target: RecordType = self.field.target()  # type: ignore[attr-defined]
        self._take(target, "name_key", {text: sort_key(text) for text in missing})
        for attribute in _single_keys(target):
            unknown = [text for text in missing if self._known[text] is None]
            self._take(target, attribute, {text: text.strip() for text in unknown})

    def find(self, text: str) -> Found | None:
        return self._known.get(text)

    def _take(self, target: RecordType, attribute: str, wanted: Mapping[str, str]) -> None:
        rows = target.living().filter(**{f"{attribute}__in": set(wanted.values())})
        by_key: dict[str, list[Found]] = {}
        for key, pk, title in rows.values_list(attribute, "pk", target.title):
            by_key.setdefault(key, []).append(Found(pk, title))
        for text, key in wanted.items():
            if len(by_key.get(key, ())) == 1:
                self._known[text] = by_key[key][0]


def reader_for(
    kind: RecordType,
    field: Field,
    written: HowWritten,
    answers: Mapping[str, Mapping[str, Any]],
    in_file: frozenset[str],
    factor: int = 1,
) -> FieldReader:
    """The reader that fits a field of `kind`. factor: of the column's unit."""
    own = in_file if refers_to_own_kind(kind, field) else frozenset()
    for field_class, reader_class in _READERS:
        if isinstance(field, field_class):
            return reader_class(field, written, answers, own)
    return FieldReader(field, written, factor)


def refers_to_own_kind(kind: RecordType, field: Field) -> bool:
    """Whether rows of one file may refer to each other: a parent account, a person's manager."""
    if isinstance(field, Link):
        return field.target().key == kind.key and not field.path
    return isinstance(field, Person) and kind.model is User


_READERS: tuple[tuple[type[Field], Callable[..., FieldReader]], ...] = (
    (Choices, ChoicesReader),
    (Choice, ChoiceReader),
    (Person, PeopleReader),
    (Group, TeamReader),
    (Link, LinkReader),
)


def _choices(field: Choice) -> dict[str, Found]:
    known: dict[str, Found] = {}
    for language in LANGUAGES:
        with override(language):
            for option in field.options():
                found = Found(_stored(field, option.value), str(option.label))
                known.setdefault(option.value.casefold(), found)
                known.setdefault(str(option.label).strip().casefold(), found)
    # After all that there is: a name may have been given again since it was merged away.
    for option in field.options():
        for name in option.formerly:
            known.setdefault(name.strip().casefold(), Found(_stored(field, option.value), str(option.label)))
    return known


def _stored(field: Choice, value: str) -> UUID | str:
    return UUID(value) if field.column or field.path else value


def _single_keys(target: RecordType) -> list[str]:
    return [key for key in target.duplicate_key if "+" not in key and key not in ("name_key", target.title)]
