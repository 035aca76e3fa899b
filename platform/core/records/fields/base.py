"""What every field is: how text becomes its value, how the value is shown, what a list selects for it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any, ClassVar

from django.db.models import Q
from django.db.models.expressions import Combinable
from django.utils.safestring import SafeString

from core.records.custom import read_attribute
from core.records.fields.written import as_text
from core.records.parsing import (
    DEFAULT_READING,
    Reading,
)

EMPTY = SafeString('<span class="text-faint">—</span>')


@dataclass(frozen=True, slots=True)
class Showing:
    """What showing a value depends on. currency: the workspace's, ISO 4217."""

    currency: str = "USD"


@dataclass(frozen=True, slots=True)
class Option:
    """One choice. value: as stored (text or UUID as text). tone: '' or a badge tone of the kit.

    offered: False for one that is only shown where it was chosen before. formerly: names of others that were
    merged into it, which files may still use.
    """

    value: str
    label: Any
    tone: str = ""
    offered: bool = True
    formerly: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Field:
    """name: the model's field. sort: column to sort by ('' when there is no index for it).

    path: where the value is kept when that is no column of its own, 'custom__t_size' (core.records.custom).
    aliases: other headings a file may use. facts: shown in the head of the record page.
    inputs: names of the fields that this one is worked out from. covers: (record type, field) keys and
    names of what it sums up of other records; who may not see all of those records, or one of those fields, is not
    shown it. shown_if: (another field's name, raw values) pairs; a
    form shows the field only where each of those has one of its values, or any at all where none is named.
    in_use: whether the workspace at hand has a use for it; else it is hidden from everybody, as a field of a module
    that is off is, and what stands in it stays.
    """

    name: str
    label: Any
    required: bool = False
    read_only: bool = False
    search: bool = False
    sort: str = ""
    filterable: bool = True
    importable: bool = True
    aliases: tuple[str, ...] = ()
    icon: str = ""
    help: Any = ""
    in_use: Callable[[], bool] | None = None
    width: str = ""  # "wide" spans the form's two columns
    path: str = ""
    inputs: tuple[str, ...] = ()
    covers: tuple[tuple[str, str], ...] = ()
    shown_if: tuple[tuple[str, tuple[str, ...]], ...] = ()

    kind: ClassVar[str] = "text"
    align_end: ClassVar[bool] = False
    runs: ClassVar[bool] = True  # whether a spreadsheet could take what a file holds of it for a formula
    operators: ClassVar[tuple[str, ...]] = ("contains", "is", "empty", "filled")

    @property
    def select(self) -> tuple[Any, ...]:
        """Lookups or expressions for `values_list`; `cell` gets that many values."""
        return (self.attribute,)

    @property
    def attribute(self) -> str:
        """The lookup of the raw value: 'account_id' for a link, 'custom__t_size' for a workspace's own field."""
        return self.path or self.name

    @property
    def api_name(self) -> str:
        """What the API calls it."""
        return self.name if self.path else self.attribute

    @property
    def nullable(self) -> bool:
        """Whether an empty value is NULL: texts in columns of their own are never."""
        return bool(self.path)

    def parse(self, text: str, reading: Reading = DEFAULT_READING) -> Any:
        """The value. Raises Unreadable with a sentence. '' gives the field's empty value."""
        return text.strip()

    def text(self, values: Sequence[Any], showing: Showing) -> str:
        """Plain text, for files, titles and the API's labels."""
        return "" if values[0] is None else str(values[0])

    def html(self, values: Sequence[Any], showing: Showing) -> SafeString:
        """Escaped HTML for a cell or a line of the record page."""
        shown = self.text(values, showing)
        # The standard library's escape, which Django's own calls: Django's also looks whether each argument
        # is a translation, and a list has five hundred cells.
        return SafeString(f"<bdi>{escape(shown)}</bdi>") if shown else EMPTY

    def cell(self, showing: Showing) -> Callable[[Sequence[Any]], str]:
        """`html` made ready for the rows of one page: what is the same for all is looked up once."""
        return lambda values: self.html(values, showing)

    def told(self, showing: Showing) -> Callable[[Sequence[Any]], str]:
        """`text` made ready for many rows, as `cell` is for `html`: files and search read by the hundred thousand."""
        return lambda values: self.text(values, showing)

    def written(self) -> Combinable:
        """What a file holds, in the language and zone at hand, for the database to compute; NULL for nothing."""
        return as_text(self.attribute)

    def having(self, value: Any) -> Q:
        """The records that have this value, or have it among others."""
        return Q(**{self.attribute: value})

    def raw(self, value: Any) -> str:
        """Text that `parse` reads back to the same value: what an edit starts from."""
        return "" if value is None else str(value)

    def is_shown(self, raw_of: Callable[[str], str]) -> bool:
        """Whether forms show it. raw_of: the raw text of a field of the record by its name."""
        for name, values in self.shown_if:
            raw = raw_of(name)
            # Several choices stand with commas between; no other value that is named here holds one.
            if not (raw and (not values or {raw, *raw.split(",")} & set(values))):
                return False
        return True

    def value_of(self, record: Any) -> Any:
        """The raw value of a loaded record."""
        return read_attribute(record, self.attribute)

    def raw_of(self, record: Any) -> str:
        """What an edit of a loaded record's value starts from."""
        return self.raw(self.value_of(record))

    def values_of(self, record: Any) -> tuple[Any, ...]:
        """The `select` values read off a loaded record."""
        if self.path:
            return (self.value_of(record),)
        found = []
        for lookup in self.select:
            value = record
            for step in lookup.split("__"):
                value = getattr(value, step, None) if value is not None else None
            found.append(value)
        return tuple(found)

    def api_value(self, value: Any) -> Any:
        """JSON-ready value of the attribute."""
        return value


@dataclass(frozen=True)
class Section:
    """A named group of fields in forms and on the record page."""

    label: Any
    fields: tuple[str, ...] = field(default=())


def labels_of(options: Sequence[Option]) -> Mapping[str, Any]:
    """value → label."""
    return {option.value: option.label for option in options}
