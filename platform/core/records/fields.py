"""The kinds of field a record type is declared with.

A field knows four things: how text becomes its value (`parse`), how its value is shown (`text`, `html`),
what a list must select for it (`select`), and which filters fit (`operators`). Everything shared (lists,
forms, inline edit, import, export, API, search, history) is built on those.
"""

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator, URLValidator
from django.utils import formats, timezone
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from core.money import format_money, round_money
from core.records.parsing import (
    DEFAULT_READING,
    Reading,
    Unreadable,
    read_date,
    read_moment,
    read_number,
    read_yes_no,
)

if TYPE_CHECKING:
    from core.records.types import RecordType

_EMPTY = mark_safe('<span class="text-faint">—</span>')


@dataclass(frozen=True, slots=True)
class Showing:
    """What showing a value depends on. currency: the workspace's, ISO 4217."""

    currency: str = "USD"


@dataclass(frozen=True, slots=True)
class Option:
    """One choice. value: as stored (text or UUID as text). tone: '' or a badge tone of the kit."""

    value: str
    label: Any
    tone: str = ""


@dataclass(frozen=True, kw_only=True)
class Field:
    """name: the model's field. sort: column to sort by ('' when there is no index for it).

    aliases: other headings a file may use. facts: shown in the head of the record page.
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
    width: str = ""  # "wide" spans the form's two columns

    kind: ClassVar[str] = "text"
    align_end: ClassVar[bool] = False
    operators: ClassVar[tuple[str, ...]] = ("contains", "is", "empty", "filled")

    @property
    def select(self) -> tuple[str, ...]:
        """Lookups for `values_list`; `cell` gets that many values."""
        return (self.name,)

    @property
    def attribute(self) -> str:
        """The model attribute that holds the raw value ('account_id' for a link)."""
        return self.name

    def parse(self, text: str, reading: Reading = DEFAULT_READING) -> Any:
        """The value. Raises Unreadable with a sentence. '' gives the field's empty value."""
        return text.strip()

    def text(self, values: Sequence[Any], showing: Showing) -> str:
        """Plain text, for files, titles and the API's labels."""
        return "" if values[0] is None else str(values[0])

    def html(self, values: Sequence[Any], showing: Showing) -> SafeString:
        """Escaped HTML for a cell or a line of the record page."""
        shown = self.text(values, showing)
        return format_html("<bdi>{}</bdi>", shown) if shown else _EMPTY

    def raw(self, value: Any) -> str:
        """Text that `parse` reads back to the same value: what an edit starts from."""
        return "" if value is None else str(value)

    def values_of(self, record: Any) -> tuple[Any, ...]:
        """The `select` values read off a loaded record."""
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


@dataclass(frozen=True, kw_only=True)
class Text(Field):
    """One line. max_length: characters. person_name: files may split it into first and last name."""

    max_length: int = 200
    person_name: bool = False

    def parse(self, text: str, reading: Reading = DEFAULT_READING) -> str:
        value = " ".join(text.replace("\x00", "").split())
        if len(value) > self.max_length:
            raise Unreadable(
                _("Longer than %(limit)d characters (%(length)d).")
                % {"limit": self.max_length, "length": len(value)}
            )
        return value


@dataclass(frozen=True, kw_only=True)
class LongText(Field):
    """Several lines, shown as written. max_length: characters."""

    max_length: int = 20_000
    kind: ClassVar[str] = "long_text"
    operators: ClassVar[tuple[str, ...]] = ("contains", "empty", "filled")

    def parse(self, text: str, reading: Reading = DEFAULT_READING) -> str:
        value = text.replace("\x00", "").replace("\r\n", "\n").strip()
        if len(value) > self.max_length:
            raise Unreadable(
                _("Longer than %(limit)d characters (%(length)d).")
                % {"limit": self.max_length, "length": len(value)}
            )
        return value


@dataclass(frozen=True, kw_only=True)
class Mail(Text):
    """A mail address, stored in lower case."""

    max_length: int = 254
    kind: ClassVar[str] = "mail"

    def parse(self, text: str, reading: Reading = DEFAULT_READING) -> str:
        value = super().parse(text, reading).lower()
        if value:
            try:
                EmailValidator()(value)
            except ValidationError:
                raise Unreadable(_("“%(text)s” is not a mail address.") % {"text": value[:60]})
        return value

    def html(self, values: Sequence[Any], showing: Showing) -> SafeString:
        if not values[0]:
            return _EMPTY
        return format_html('<a class="alink" href="mailto:{0}"><bdi>{0}</bdi></a>', values[0])


@dataclass(frozen=True, kw_only=True)
class Phone(Text):
    """A telephone number as written."""

    max_length: int = 40
    kind: ClassVar[str] = "phone"

    def parse(self, text: str, reading: Reading = DEFAULT_READING) -> str:
        value = super().parse(text, reading)
        if value and sum(c.isdigit() for c in value) < 3:
            raise Unreadable(_("“%(text)s” is not a telephone number.") % {"text": value[:60]})
        return value

    def html(self, values: Sequence[Any], showing: Showing) -> SafeString:
        if not values[0]:
            return _EMPTY
        dial = re.sub(r"[^\d+]", "", values[0])
        return format_html('<a class="alink" href="tel:{}"><bdi>{}</bdi></a>', dial, values[0])


@dataclass(frozen=True, kw_only=True)
class Web(Text):
    """A web address; 'example.com' becomes 'https://example.com'."""

    kind: ClassVar[str] = "web"

    def parse(self, text: str, reading: Reading = DEFAULT_READING) -> str:
        value = super().parse(text, reading)
        if not value:
            return ""
        value = value if re.match(r"[a-z][a-z0-9+.-]*:", value, re.IGNORECASE) else f"https://{value}"
        try:
            URLValidator(schemes=["http", "https"])(value)
        except ValidationError:
            raise Unreadable(_("“%(text)s” is not a web address.") % {"text": value[:60]})
        return value

    def html(self, values: Sequence[Any], showing: Showing) -> SafeString:
        if not values[0]:
            return _EMPTY
        shown = re.sub(r"^https?://(www\.)?", "", values[0]).rstrip("/")
        return format_html(
            '<a class="alink" href="{}" rel="noopener noreferrer nofollow" target="_blank"><bdi>{}</bdi></a>',
            values[0],
            shown,
        )


@dataclass(frozen=True, kw_only=True)
class Number(Field):
    """A number. decimals: shown and stored. minimum, maximum: inclusive."""

    decimals: int = 0
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    grouped: bool = True
    unit: Any = ""
    kind: ClassVar[str] = "number"
    align_end: ClassVar[bool] = True
    operators: ClassVar[tuple[str, ...]] = ("gte", "lte", "is", "empty", "filled")

    def parse(self, text: str, reading: Reading = DEFAULT_READING) -> Decimal | int | None:
        if not text.strip():
            return None
        value = read_number(text, reading)
        rounded = value.quantize(Decimal(1).scaleb(-self.decimals))
        if rounded != value and self.decimals == 0:
            raise Unreadable(_("“%(text)s” is not a whole number.") % {"text": text.strip()[:60]})
        if self.minimum is not None and rounded < self.minimum:
            raise Unreadable(_("Less than %(limit)s.") % {"limit": self.minimum})
        if self.maximum is not None and rounded > self.maximum:
            raise Unreadable(_("More than %(limit)s.") % {"limit": self.maximum})
        return rounded if self.decimals else int(rounded)

    def text(self, values: Sequence[Any], showing: Showing) -> str:
        if values[0] is None:
            return ""
        number = formats.number_format(values[0], self.decimals, use_l10n=True, force_grouping=self.grouped)
        return f"{number}{self.unit}"

    def api_value(self, value: Any) -> Any:
        return str(value) if isinstance(value, Decimal) else value


@dataclass(frozen=True, kw_only=True)
class Percent(Number):
    """A share in percent, 0–100."""

    minimum: Decimal | None = Decimal(0)
    maximum: Decimal | None = Decimal(100)
    unit: Any = "%"
    kind: ClassVar[str] = "percent"


@dataclass(frozen=True, kw_only=True)
class Money(Number):
    """An amount in the workspace's currency, exact."""

    decimals: int = 2
    kind: ClassVar[str] = "money"

    def parse(self, text: str, reading: Reading = DEFAULT_READING) -> Decimal | None:
        value = super().parse(text, reading)
        return None if value is None else Decimal(value)

    def text(self, values: Sequence[Any], showing: Showing) -> str:
        return format_money(values[0], showing.currency)

    def round(self, value: Decimal, showing: Showing) -> Decimal:
        """To the currency's minor unit."""
        return round_money(value, showing.currency)


@dataclass(frozen=True, kw_only=True)
class Date(Field):
    """A calendar day, without a time zone."""

    kind: ClassVar[str] = "date"
    operators: ClassVar[tuple[str, ...]] = ("period", "gte", "lte", "is", "empty", "filled")

    def parse(self, text: str, reading: Reading = DEFAULT_READING) -> dt.date | None:
        return read_date(text, reading) if text.strip() else None

    def text(self, values: Sequence[Any], showing: Showing) -> str:
        return formats.date_format(values[0], "SHORT_DATE_FORMAT") if values[0] else ""

    def html(self, values: Sequence[Any], showing: Showing) -> SafeString:
        if not values[0]:
            return _EMPTY
        return format_html('<time datetime="{}">{}</time>', values[0].isoformat(), self.text(values, showing))

    def raw(self, value: Any) -> str:
        return value.isoformat() if value else ""

    def api_value(self, value: Any) -> Any:
        return value.isoformat() if value else None


@dataclass(frozen=True, kw_only=True)
class Moment(Date):
    """A moment, stored in UTC, shown in the viewer's zone."""

    kind: ClassVar[str] = "moment"

    def parse(self, text: str, reading: Reading = DEFAULT_READING) -> dt.datetime | None:
        return read_moment(text, timezone.get_current_timezone(), reading) if text.strip() else None

    def text(self, values: Sequence[Any], showing: Showing) -> str:
        if not values[0]:
            return ""
        return formats.date_format(timezone.localtime(values[0]), "SHORT_DATETIME_FORMAT")

    def raw(self, value: Any) -> str:
        return timezone.localtime(value).strftime("%Y-%m-%dT%H:%M") if value else ""


@dataclass(frozen=True, kw_only=True)
class YesNo(Field):
    """Yes or no."""

    kind: ClassVar[str] = "yes_no"
    operators: ClassVar[tuple[str, ...]] = ("is",)

    def parse(self, text: str, reading: Reading = DEFAULT_READING) -> bool:
        return read_yes_no(text)

    def text(self, values: Sequence[Any], showing: Showing) -> str:
        return _("Yes") if values[0] else _("No")

    def raw(self, value: Any) -> str:
        return "yes" if value else "no"


@dataclass(frozen=True, kw_only=True)
class Choice(Field):
    """One of a few. options: read when needed, because workspaces shape them.

    column: the attribute that holds the value ('trade_id' where options are rows).
    add: an import may add what it does not find: add(label) -> value. forget: drops remembered options
    after rows of theirs came or went without `add` (an undo).
    """

    options: Callable[[], Sequence[Option]]
    column: str = ""
    add: Callable[[str], str] | None = None
    forget: Callable[[], None] = lambda: None
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
        if option is None:
            return _EMPTY
        if not option.tone:
            return format_html("<bdi>{}</bdi>", option.label)
        return format_html('<span class="badge t-{}">{}</span>', option.tone, option.label)

    def api_value(self, value: Any) -> Any:
        return str(value) if isinstance(value, UUID) else value


@dataclass(frozen=True, kw_only=True)
class Link(Field):
    """A reference to a record of another type. target: called late, so that rooms may refer downwards.

    related: whether the target's page lists these records. title: the lookup of the target's title.
    """

    target: Callable[[], "RecordType"]
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
            return _EMPTY
        return format_html(
            '<a class="link" href="{}"><bdi>{}</bdi></a>', self.target().url_of(values[0]), values[1]
        )

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


def _read_id(text: str) -> UUID | None:
    if not text.strip():
        return None
    try:
        return UUID(text.strip())
    except ValueError:
        raise Unreadable(_("“%(text)s” is not a record here.") % {"text": escape(text.strip()[:60])})


@dataclass(frozen=True)
class Section:
    """A named group of fields in forms and on the record page."""

    label: Any
    fields: tuple[str, ...] = field(default=())


def labels_of(options: Sequence[Option]) -> Mapping[str, Any]:
    """value → label."""
    return {option.value: option.label for option in options}
