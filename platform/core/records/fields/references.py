"""Fields that point at something: a choice, a record, a person, a team."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, ClassVar
from uuid import UUID

from django.db.models.expressions import Combinable
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core.records.fields.base import EMPTY, Field, Option, Showing
from core.records.fields.written import label_of
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
    workspace keeps for it, '' for choices of the product.
    """

    options: Callable[[], Sequence[Option]]
    column: str = ""
    add: Callable[[str], str] | None = None
    forget: Callable[[], None] = lambda: None
    picklist: str = ""
    kind: ClassVar[str] = "choice"
    operators: ClassVar[tuple[str, ...]] = ("any", "empty", "filled")

    @property
    def select(self) -> tuple[str, ...]:
        return (self.attribute,)

    @property
    def attribute(self) -> str:
        return self.column or self.name

    def parse(self, text: str, reading: Reading = DEFAULT_READING) -> str | None:
        """By value or by label, in any case. Empty: None for a row, '' for a text."""
        wanted = text.strip()
        if not wanted:
            return None if self.column else ""
        for option in self.options():
            if wanted == option.value or wanted.casefold() == str(option.label).casefold():
                return option.value
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
class Link(Field):
    """A reference to a record of another type.

    target: gives that record type (core.records.types.RecordType, which is made of fields and so stands above
    this module); called late, so that rooms may refer downwards. related: whether the target's page lists
    these records. title: the lookup of the target's title.
    """

    target: Callable[[], Any]
    title: str = "name"
    related: bool = True
    kind: ClassVar[str] = "link"
    operators: ClassVar[tuple[str, ...]] = ("any", "empty", "filled")

    @property
    def select(self) -> tuple[str, ...]:
        return (f"{self.name}_id", f"{self.name}__{self.title}")

    @property
    def attribute(self) -> str:
        return f"{self.name}_id"

    def parse(self, text: str, reading: Reading = DEFAULT_READING) -> UUID | None:
        """The target's id. Names are resolved where there is a database: see core.records.resolving."""
        return _read_id(text)

    def text(self, values: Sequence[Any], showing: Showing) -> str:
        return values[1] or ""

    def html(self, values: Sequence[Any], showing: Showing) -> SafeString:
        if not values[0] or not values[1]:
            return EMPTY
        url = self.target().url_of(values[0])  # a slug and a UUID: nothing to escape
        return SafeString(f'<a class="link" href="{url}"><bdi>{escape(str(values[1]))}</bdi></a>')

    def raw(self, value: Any) -> str:
        return str(value) if value else ""

    def api_value(self, value: Any) -> Any:
        return str(value) if value else None


@dataclass(frozen=True, kw_only=True)
class Person(Field):
    """A person of the workspace."""

    kind: ClassVar[str] = "person"
    operators: ClassVar[tuple[str, ...]] = ("me", "any", "empty", "filled")

    @property
    def select(self) -> tuple[str, ...]:
        return (f"{self.name}_id", f"{self.name}__name")

    @property
    def attribute(self) -> str:
        return f"{self.name}_id"

    def parse(self, text: str, reading: Reading = DEFAULT_READING) -> UUID | None:
        return _read_id(text)

    def text(self, values: Sequence[Any], showing: Showing) -> str:
        return values[1] or ""

    def api_value(self, value: Any) -> Any:
        return str(value) if value else None


@dataclass(frozen=True, kw_only=True)
class Group(Field):
    """A team of the workspace."""

    kind: ClassVar[str] = "team"
    operators: ClassVar[tuple[str, ...]] = ("any", "empty", "filled")

    @property
    def select(self) -> tuple[str, ...]:
        return (f"{self.name}_id", f"{self.name}__name")

    @property
    def attribute(self) -> str:
        return f"{self.name}_id"

    def parse(self, text: str, reading: Reading = DEFAULT_READING) -> UUID | None:
        return _read_id(text)

    def text(self, values: Sequence[Any], showing: Showing) -> str:
        return values[1] or ""

    def api_value(self, value: Any) -> Any:
        return str(value) if value else None


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
