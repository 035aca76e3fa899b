"""Fields that hold numbers, amounts, days, moments, yes and no."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from html import escape
from typing import TYPE_CHECKING, Any, ClassVar

from django.db.models import Case, TextField, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Left
from django.utils import dateformat, formats, timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core.money import format_money, round_money
from core.records.fields.base import EMPTY, Field, Showing
from core.records.fields.written import as_text, moment_text, trimmed_text
from core.records.parsing import (
    DEFAULT_READING,
    Reading,
    Unreadable,
    read_date,
    read_moment,
    read_number,
    read_time,
    read_yes_no,
)

if TYPE_CHECKING:
    pass


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
    runs: ClassVar[bool] = False
    operators: ClassVar[tuple[str, ...]] = ("gte", "lte", "is", "empty", "filled")

    def parse(self, text: str, reading: Reading = DEFAULT_READING) -> Decimal | int | None:
        if not text.strip():
            return None
        value = read_number(text, reading)
        rounded = value.quantize(Decimal(1).scaleb(-self.decimals))
        if rounded != value and self.decimals == 0:
            raise Unreadable(_("“%(text)s” is not a whole number.") % {"text": text.strip()[:60]})
        if self.minimum is not None and rounded < self.minimum:
            raise Unreadable(_("At least %(limit)s.") % {"limit": self.minimum})
        if self.maximum is not None and rounded > self.maximum:
            raise Unreadable(_("At most %(limit)s.") % {"limit": self.maximum})
        return rounded if self.decimals else int(rounded)

    def text(self, values: Sequence[Any], showing: Showing) -> str:
        if values[0] is None:
            return ""
        number = formats.number_format(values[0], self.decimals, use_l10n=True, force_grouping=self.grouped)
        return f"{number}{self.unit}"

    def api_value(self, value: Any) -> Any:
        return str(value) if isinstance(value, Decimal) else value

    @property
    def nullable(self) -> bool:
        return True


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
class ForeignMoney(Number):
    """An amount in the currency that another field of the record names; up to three decimals (ISO 4217 has no more).

    currency: that field's name; '' there means that there is no such amount.
    """

    decimals: int = 3
    currency: str = "currency"

    @property
    def select(self) -> tuple[str, ...]:
        return self.name, self.currency

    def parse(self, text: str, reading: Reading = DEFAULT_READING) -> Decimal | None:
        value = super().parse(text, reading)
        return None if value is None else Decimal(value)

    def text(self, values: Sequence[Any], showing: Showing) -> str:
        amount, currency = values
        return "" if amount is None or not currency else format_money(amount, currency)

    def written(self) -> Combinable:
        return trimmed_text(self.name)

    def raw(self, value: Any) -> str:
        """Without the zeros that no currency asks for: '12.5' for 12.500."""
        return "" if value is None else f"{value.normalize():f}"


@dataclass(frozen=True, kw_only=True)
class Date(Field):
    """A calendar day, without a time zone."""

    kind: ClassVar[str] = "date"
    runs: ClassVar[bool] = False
    operators: ClassVar[tuple[str, ...]] = ("period", "gte", "lte", "is", "empty", "filled")

    @property
    def nullable(self) -> bool:
        return True

    def parse(self, text: str, reading: Reading = DEFAULT_READING) -> dt.date | None:
        return read_date(text, reading) if text.strip() else None

    def text(self, values: Sequence[Any], showing: Showing) -> str:
        return formats.date_format(values[0], "SHORT_DATE_FORMAT") if values[0] else ""

    def html(self, values: Sequence[Any], showing: Showing) -> SafeString:
        if not values[0]:
            return EMPTY
        return _time_html(values[0], self.text(values, showing))

    def cell(self, showing: Showing) -> Callable[[Sequence[Any]], str]:
        style = formats.get_format("SHORT_DATE_FORMAT")
        return lambda values: (
            _time_html(values[0], dateformat.format(values[0], style)) if values[0] else EMPTY
        )

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

    def told(self, showing: Showing) -> Callable[[Sequence[Any]], str]:
        style, zone = formats.get_format("SHORT_DATETIME_FORMAT"), timezone.get_current_timezone()
        return lambda values: dateformat.format(values[0].astimezone(zone), style) if values[0] else ""

    def written(self) -> Combinable:
        return moment_text(
            self.attribute, formats.get_format("SHORT_DATETIME_FORMAT"), timezone.get_current_timezone()
        )

    def cell(self, showing: Showing) -> Callable[[Sequence[Any]], str]:
        style, zone = formats.get_format("SHORT_DATETIME_FORMAT"), timezone.get_current_timezone()
        return lambda values: (
            _time_html(values[0], dateformat.format(values[0].astimezone(zone), style))
            if values[0]
            else EMPTY
        )

    def raw(self, value: Any) -> str:
        return timezone.localtime(value).strftime("%Y-%m-%dT%H:%M") if value else ""


@dataclass(frozen=True, kw_only=True)
class TimeOfDay(Field):
    """A time of day, to the minute, without a zone."""

    kind: ClassVar[str] = "time"
    runs: ClassVar[bool] = False
    operators: ClassVar[tuple[str, ...]] = ("gte", "lte", "is", "empty", "filled")

    @property
    def nullable(self) -> bool:
        return True

    def parse(self, text: str, reading: Reading = DEFAULT_READING) -> dt.time | None:
        return read_time(text) if text.strip() else None

    def text(self, values: Sequence[Any], showing: Showing) -> str:
        return values[0].strftime("%H:%M") if values[0] is not None else ""

    def written(self) -> Combinable:
        return Left(as_text(self.attribute), 5)  # type: ignore[arg-type]

    def raw(self, value: Any) -> str:
        return value.strftime("%H:%M") if value is not None else ""

    def api_value(self, value: Any) -> Any:
        return self.raw(value) or None


@dataclass(frozen=True, kw_only=True)
class YesNo(Field):
    """Yes or no."""

    kind: ClassVar[str] = "yes_no"
    operators: ClassVar[tuple[str, ...]] = ("is",)

    def parse(self, text: str, reading: Reading = DEFAULT_READING) -> bool:
        return read_yes_no(text)

    def text(self, values: Sequence[Any], showing: Showing) -> str:
        return _("Yes") if values[0] else _("No")

    def written(self) -> Combinable:
        yes = When(**{self.attribute: True}, then=Value(_("Yes")))
        return Case(yes, default=Value(_("No")), output_field=TextField())

    def raw(self, value: Any) -> str:
        return "yes" if value else "no"


def _time_html(value: dt.date, shown: str) -> SafeString:
    return SafeString(f'<time datetime="{value.isoformat()}">{escape(shown)}</time>')
