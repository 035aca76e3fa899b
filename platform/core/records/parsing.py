"""Text as people and files write it → values. One reading for inline edits, forms, filters and imports."""

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_CHINESE = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})[日号]?")
_SLASHED = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_NAMED = re.compile(r"(\d{1,2})[- ]([A-Za-z]{3,9})\.?,?[- ](\d{4})|([A-Za-z]{3,9})\.? (\d{1,2}),? (\d{4})")
_TIME = re.compile(r"[T ](\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.\d+)?\s*(am|pm|AM|PM)?(Z|[+-]\d{2}:?\d{2})?$")
_CLOCK = re.compile(r"(\d{1,2})(?:[:.点时](\d{2})?分?)?(?::\d{2})?\s*(am|pm)?", re.IGNORECASE)
_MONTHS = {m: i for i, m in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}  # noqa: SIM905
_MONEY_MARKS = re.compile(r"[\s\u00a0\u202f$€£¥￥₹₩元%]|[A-Z]{3}(?=\s*[-\d(])|(?<=\d)\s*[A-Z]{3}$")
_YES = {"yes", "y", "true", "t", "1", "on", "x", "✓", "是", "对", "有", "真"}
_NO = {"no", "n", "false", "f", "0", "off", "", "否", "不", "无", "假"}
_SMALLEST_YEAR, _LARGEST_YEAR = 1800, 2200
_LARGEST_NUMBER = Decimal(10) ** 15


class Unreadable(ValueError):
    """The text is not what the field holds. Its message is a sentence for the user."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How ambiguous text is to be read. day_first: 03/04 is 3 April. comma_decimal: 1.234,5 is 1234.5."""

    day_first: bool = False
    comma_decimal: bool = False


DEFAULT_READING = Reading()


def clean(text: str) -> str:
    """Without what no database takes as text: NUL, and halves of surrogate pairs."""
    return text.replace("\x00", "").encode("utf-8", "ignore").decode()


def read_date(text: str, reading: Reading = DEFAULT_READING) -> dt.date:
    """ISO, US, day-first, Chinese, compact and named-month dates; a time of day behind it is ignored."""
    text = unicodedata.normalize("NFKC", text).strip()
    bare = _TIME.sub("", text).strip()
    parts = _date_parts(bare, reading)
    if parts is None:
        raise Unreadable(_("“%(text)s” is not a date.") % {"text": _short(text)})
    year, month, day = parts
    try:
        value = dt.date(year, month, day)
    except ValueError:
        raise Unreadable(_("“%(text)s” is not a day of the calendar.") % {"text": _short(text)})
    if not _SMALLEST_YEAR <= value.year <= _LARGEST_YEAR:
        raise Unreadable(_("The year of “%(text)s” is out of range.") % {"text": _short(text)})
    return value


def read_moment(text: str, zone: dt.tzinfo, reading: Reading = DEFAULT_READING) -> dt.datetime:
    """A date with an optional time of day; without an offset it is meant in `zone`. Aware."""
    text = unicodedata.normalize("NFKC", text).strip()
    day = read_date(text, reading)
    found = _TIME.search(text)
    if not found:
        return dt.datetime.combine(day, dt.time(), tzinfo=zone)
    hour, minute, second = int(found[1]), int(found[2]), int(found[3] or 0)
    half = (found[4] or "").lower()
    hour = hour % 12 + (12 if half == "pm" else 0) if half else hour
    try:
        moment = dt.datetime.combine(day, dt.time(hour, minute, second), tzinfo=zone)
        return moment.replace(tzinfo=_offset(found[5])) if found[5] else moment
    except ValueError:
        raise Unreadable(_("“%(text)s” is not a time of day.") % {"text": _short(text)})


def read_time(text: str) -> dt.time:
    """A time of day: 9:30, 9.30 pm, 21:30:00, 9点30分. Seconds are left out."""
    text = unicodedata.normalize("NFKC", text).strip()
    found = _CLOCK.fullmatch(text)
    hour, minute = (int(found[1]), int(found[2] or 0)) if found else (24, 0)
    half = (found[3] or "").lower() if found else ""
    hour = hour % 12 + (12 if half == "pm" else 0) if half and hour <= 12 else hour
    try:
        return dt.time(hour, minute)
    except ValueError:
        raise Unreadable(_("“%(text)s” is not a time of day.") % {"text": _short(text)})


def read_number(text: str, reading: Reading = DEFAULT_READING) -> Decimal:
    """Currency marks, percent signs, thousand separators and accountants' brackets are understood."""
    original = text
    text = unicodedata.normalize("NFKC", text).strip()
    negative = text.startswith("(") and text.endswith(")")
    text = _MONEY_MARKS.sub("", text.strip("()")).replace("−", "-").replace("'", "").replace("’", "")
    if reading.comma_decimal:
        text = text.replace(".", "").replace(",", ".")
    else:
        if "," in text and not re.fullmatch(r"[-+]?\d{1,3}(,\d{2,4})*(\.\d*)?", text):
            raise Unreadable(_("“%(text)s” is not a number.") % {"text": _short(original)})
        text = text.replace(",", "")
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise Unreadable(_("“%(text)s” is not a number.") % {"text": _short(original)})
    if not value.is_finite() or abs(value) >= _LARGEST_NUMBER:
        raise Unreadable(_("“%(text)s” is too large a number.") % {"text": _short(original)})
    return -value if negative else value


def read_yes_no(text: str) -> bool:
    """Yes and no in English and Chinese."""
    word = unicodedata.normalize("NFKC", text).strip().lower()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise Unreadable(_("“%(text)s” is neither yes nor no.") % {"text": _short(text)})


def could_be_two_dates(samples: list[str]) -> bool:
    """Whether a column's dates read differently day first and month first, with no sample that decides."""
    slashed = [_SLASHED.match(unicodedata.normalize("NFKC", text).strip()) for text in samples]
    found = [match for match in slashed if match]
    return bool(found) and all(int(m[1]) <= 12 and int(m[2]) <= 12 for m in found)


def dates_are_day_first(samples: list[str]) -> bool:
    """True when some sample can only be day first (its first number is over 12)."""
    slashed = [_SLASHED.match(unicodedata.normalize("NFKC", text).strip()) for text in samples]
    return any(int(match[1]) > 12 for match in slashed if match)


def _date_parts(text: str, reading: Reading) -> tuple[int, int, int] | None:
    """(year, month, day), not yet checked against the calendar."""
    for pattern in (_ISO, _CHINESE, _COMPACT):
        if found := pattern.fullmatch(text.replace(" ", "")):
            return int(found[1]), int(found[2]), int(found[3])
    if found := _SLASHED.fullmatch(text):
        first, second, year = int(found[1]), int(found[2]), int(found[3])
        year += (2000 if year < 70 else 1900) if year < 100 else 0
        return (year, second, first) if reading.day_first else (year, first, second)
    if found := _NAMED.fullmatch(text):
        named = (found[1], found[2], found[3]) if found[1] else (found[5], found[4], found[6])
        month = _MONTHS.get(named[1][:3].lower())
        return (int(named[2]), month, int(named[0])) if month else None
    return None


def _offset(text: str) -> dt.tzinfo:
    if text == "Z":
        return dt.UTC
    sign = -1 if text[0] == "-" else 1
    return dt.timezone(sign * dt.timedelta(hours=int(text[1:3]), minutes=int(text[-2:])))


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"
