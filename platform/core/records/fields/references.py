"""Fields that point at something: a choice, a record, a person, a team."""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, ClassVar
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db.models import Model, OuterRef, Q, Subquery, TextField, UUIDField
from django.db.models.expressions import Combinable
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core.records.custom import column_of, key_of
from core.records.fields.base import EMPTY, Field, Option, Showing
from core.records.fields.written import as_text, label_of, labels_of_list
from core.records.parsing import (
    DEFAULT_READING,
    Reading,
    Unreadable,
)


@dataclass(frozen=True, kw_only=True)
class Choice(Field):
    """One of a few. options: read when needed, because workspaces shape them.

    column: the attribute that holds the value ('trade_id' where options are rows).
    add: an import may add what it does not find: add(label) -> value. forget: drops remembered options
    after rows of theirs came or went without `add` (an undo). picklist: the key of the list that the
    workspace keeps for it, '' for choices of the product. initial: the value that the form of a new record starts
    with, '' for none.
    """

    options: Callable[[], Sequence[Option]]
    column: str = ""
    add: Callable[[str], str] | None = None
    forget: Callable[[], None] = lambda: None
    picklist: str = ""
    initial: Callable[[], str] = lambda: ""
    kind: ClassVar[str] = "choice"
    operators: ClassVar[tuple[str, ...]] = ("any", "empty", "filled")

    @property
    def select(self) -> tuple[str, ...]:
        return (self.attribute,)

    @property
    def attribute(self) -> str:
        return self.path or self.column or self.name

    @property
    def nullable(self) -> bool:
        return bool(self.path or self.column)

    def parse(self, text: str, reading: Reading = DEFAULT_READING) -> Any:
        """By value or by label, in any case. Empty: None for a row, '' for a text."""
        wanted = text.strip()
        if not wanted:
            return None if self.nullable else ""
        for option in self.options():
            if wanted == option.value or wanted.casefold() == str(option.label).casefold():
                return UUID(option.value) if self.path else option.value
        raise Unreadable(_("“%(text)s” is not among the choices.") % {"text": wanted[:60]})

    def option_of(self, value: Any) -> Option | None:
        wanted = "" if value is None else str(value)
        return next((option for option in self.options() if option.value == wanted), None)

    def text(self, values: Sequence[Any], showing: Showing) -> str:
        option = self.option_of(values[0])
        return str(option.label) if option else ""

    def html(self, values: Sequence[Any], showing: Showing) -> SafeString:
        option = self.option_of(values[0])
        return EMPTY if option is None else _option_html(option)

    def told(self, showing: Showing) -> Callable[[Sequence[Any]], str]:
        labels = {option.value: str(option.label) for option in self.options()}
        return lambda values: labels.get("" if values[0] is None else str(values[0]), "")

    def written(self) -> Combinable:
        return label_of(self.attribute, {option.value: str(option.label) for option in self.options()})

    def cell(self, showing: Showing) -> Callable[[Sequence[Any]], str]:
        drawn = {option.value: _option_html(option) for option in self.options()}
        return lambda values: drawn.get("" if values[0] is None else str(values[0]), EMPTY)

    def api_value(self, value: Any) -> Any:
        return str(value) if isinstance(value, UUID) else value


@dataclass(frozen=True, kw_only=True)
class Reference(Field, ABC):
    """The id of a row of another table. title: of that row, the lookup of what it is called."""

    title: str = "name"
    operators: ClassVar[tuple[str, ...]] = ("any", "empty", "filled")

    @abstractmethod
    def referred(self) -> type[Model]:
        """The model of the rows that it may refer to."""

    @property
    def select(self) -> tuple[Any, ...]:
        return (self.attribute, self._called() if self.path else f"{self.name}__{self.title}")

    @property
    def attribute(self) -> str:
        return self.path or f"{self.name}_id"

    @property
    def nullable(self) -> bool:
        return True

    def parse(self, text: str, reading: Reading = DEFAULT_READING) -> UUID | None:
        """The row's id. Names are resolved where there is a database: see core.records.resolving."""
        return _read_id(text)

    def values_of(self, record: Any) -> tuple[Any, ...]:
        if not self.path:
            return super().values_of(record)
        wanted = self.value_of(record)
        rows = self.referred()._base_manager.filter(pk=wanted) if wanted else []
        return wanted, next(iter(rows.values_list(self.title, flat=True)), "") if wanted else ""  # type: ignore[union-attr]

    def text(self, values: Sequence[Any], showing: Showing) -> str:
        return values[1] or ""

    def written(self) -> Combinable:
        return self._called() if self.path else as_text(f"{self.name}__{self.title}")

    def api_value(self, value: Any) -> Any:
        return str(value) if value else None

    def _called(self) -> Combinable:
        """The title, asked for where no foreign key leads to it."""
        wanted = Cast(KeyTextTransform(key_of(self.path), OuterRef(column_of(self.path))), UUIDField())
        rows = self.referred()._base_manager.filter(pk=wanted).values(self.title)
        return Subquery(rows[:1], output_field=TextField())


@dataclass(frozen=True, kw_only=True)
class Link(Reference):
    """A reference to a record of another type.

    target: gives that record type (core.records.types.RecordType, which is made of fields and so stands above
    this module); called late, so that rooms may refer downwards. related: whether the target's page lists
    these records.
    """

    target: Callable[[], Any]
    related: bool = True
    kind: ClassVar[str] = "link"

    def referred(self) -> type[Model]:
        model: type[Model] = self.target().model
        return model

    def html(self, values: Sequence[Any], showing: Showing) -> SafeString:
        if not values[0] or not values[1]:
            return EMPTY
        url = self.target().url_of(values[0])  # a slug and a UUID: nothing to escape
        return SafeString(f'<a class="link" href="{url}"><bdi>{escape(str(values[1]))}</bdi></a>')

    def raw(self, value: Any) -> str:
        return str(value) if value else ""


@dataclass(frozen=True, kw_only=True)
class Person(Reference):
    """A person of the workspace."""

    kind: ClassVar[str] = "person"
    operators: ClassVar[tuple[str, ...]] = ("me", "my_team", "any", "empty", "filled")

    def referred(self) -> type[Model]:
        return get_user_model()


@dataclass(frozen=True, kw_only=True)
class Group(Reference):
    """A team of the workspace."""

    kind: ClassVar[str] = "team"
    operators: ClassVar[tuple[str, ...]] = ("my_team", "any", "empty", "filled")

    def referred(self) -> type[Model]:
        teams: type[Model] = get_user_model()._meta.get_field("team").related_model  # type: ignore[assignment]
        return teams


@dataclass(frozen=True, kw_only=True)
class Choices(Choice):
    """Several of a few, kept as a list of texts."""

    kind: ClassVar[str] = "choices"
    operators: ClassVar[tuple[str, ...]] = ("any", "all", "none", "empty", "filled")

    def parse(self, text: str, reading: Reading = DEFAULT_READING) -> list[str]:
        """Values or labels, divided by commas, semicolons or lines."""
        found = [super(Choices, self).parse(part, reading) for part in re.split(r"[,;，；、\n]", text)]
        return sorted({str(each) for each in found if each}, key=self._place)

    def text(self, values: Sequence[Any], showing: Showing) -> str:
        return _(", ").join(str(option.label) for option in self._chosen(values[0]))

    def html(self, values: Sequence[Any], showing: Showing) -> SafeString:
        shown = [_option_html(option) for option in self._chosen(values[0])]
        return SafeString(" ".join(shown)) if shown else EMPTY

    def cell(self, showing: Showing) -> Callable[[Sequence[Any]], str]:
        return lambda values: self.html(values, showing)

    def told(self, showing: Showing) -> Callable[[Sequence[Any]], str]:
        return lambda values: self.text(values, showing)

    def written(self) -> Combinable:
        """The labels of a list of values, in the order in which they are kept."""
        labels = {option.value: str(option.label) for option in self.options()}
        return labels_of_list(self.attribute, labels, _(", "))

    def having(self, value: Any) -> Q:
        return Q(**{f"{self.attribute}__contains": [str(value)]})

    def raw(self, value: Any) -> str:
        return ",".join(value or ())

    def api_value(self, value: Any) -> Any:
        return list(value or ())

    def _chosen(self, values: Any) -> list[Option]:
        found = [self.option_of(value) for value in values or ()]
        return [option for option in found if option is not None]

    def _place(self, value: str) -> int:
        return next((place for place, option in enumerate(self.options()) if option.value == value), 0)


def _option_html(option: Option) -> SafeString:
    label = escape(str(option.label))
    if not option.tone:
        return SafeString(f"<bdi>{label}</bdi>")
    return SafeString(f'<span class="badge t-{escape(option.tone)}">{label}</span>')


def _read_id(text: str) -> UUID | None:
    if not text.strip():
        return None
    try:
        return UUID(text.strip())
    except ValueError:
        raise Unreadable(_("“%(text)s” is not a record here.") % {"text": escape(text.strip()[:60])})
