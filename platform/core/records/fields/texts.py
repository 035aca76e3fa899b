"""Fields that hold text: lines, paragraphs, mail, telephone and web addresses."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator, URLValidator
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core.records.fields.base import EMPTY, Field, Showing
from core.records.parsing import (
    DEFAULT_READING,
    Reading,
    Unreadable,
    clean,
)

if TYPE_CHECKING:
    pass


@dataclass(frozen=True, kw_only=True)
class Text(Field):
    """One line. max_length: characters. person_name: files may split it into first and last name."""

    max_length: int = 200
    person_name: bool = False

    def parse(self, text: str, reading: Reading = DEFAULT_READING) -> str:
        value = " ".join(clean(text).split())
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
        value = clean(text).replace("\r\n", "\n").strip()
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
            return EMPTY
        mail = escape(values[0])
        return SafeString(f'<a class="alink" href="mailto:{mail}"><bdi>{mail}</bdi></a>')


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
            return EMPTY
        dial = re.sub(r"[^\d+]", "", values[0])
        return SafeString(f'<a class="alink" href="tel:{dial}"><bdi>{escape(values[0])}</bdi></a>')


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
            return EMPTY
        shown = re.sub(r"^https?://(www\.)?", "", values[0]).rstrip("/")
        return format_html(
            '<a class="alink" href="{}" rel="noopener noreferrer nofollow" target="_blank"><bdi>{}</bdi></a>',
            values[0],
            shown,
        )
