"""Cells as programs and people write them, turned into what a field of the product reads.

Spreadsheets leave serial numbers for days and 8.6E+12 for telephone numbers, mail programs put names round
addresses, Chinese lists count in 万. What cannot be turned stays as it is: the field then says what is wrong.
"""

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from core.records.parsing import DEFAULT_READING, Reading, Unreadable, read_number

NOTHING = {
    *("-", "--", "---", "—", "–", "/", "\\n", "n/a", "na", "n.a.", "null", "none", "nil", "nan", "tbd", "?"),
    *(
        "--none--",
        "-none-",
        "(none)",
        "(blank)",
        "select",
        "unknown",
        "无",
        "暂无",
        "未知",
        "待定",
        "未填写",
        "空",
    ),
}
_NO_DAY = {"0/0/00", "0/0/0000", "00/00/0000", "0000-00-00", "0000-00-00 00:00:00"}
_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"，；、|/]+@[^\s<>()\[\],;:\"，；、|/]+")
_BETWEEN = re.compile(r"\s*(?:[;；,，、|\n]|:::|\s/\s|\bor\b)\s*")
_SHORTENED = re.compile(r"(\d)(?:\.(\d+))?E\+?(\d+)", re.IGNORECASE)
_SERIAL = re.compile(r"(\d{5})(\.\d+)?")
_FIRST_SERIAL, _LAST_SERIAL = 10_000, 80_000  # 1927 and 2119
_EPOCH = dt.datetime(1899, 12, 30, tzinfo=dt.UTC)
_WEEKDAY = re.compile(
    r"\(?(?:星期|周)[一二三四五六日天]\)?|\b(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*[,.]?\s", re.IGNORECASE
)
_CHINESE_TIME = re.compile(r"(\d{1,2})[时点](?:(\d{1,2})分?)?(?:(\d{1,2})秒)?")
_SHORT_YEAR = re.compile(r"(\d{1,2})([- ])([A-Za-z]{3})[- ](\d{2})(?!\d)")
_CENTURY_TURNS = 70
_UNITS = {
    "百万": 1_000_000,
    "千万": 10_000_000,
    "万": 10_000,
    "亿": 100_000_000,
    "千": 1000,
    "k": 1000,
    "m": 1_000_000,
}
_UNITS |= {"mn": 1_000_000, "mio": 1_000_000, "bn": 1_000_000_000}
_BEFORE = re.compile(r"^(?:约|大约|~|≈|人民币|rmb|cny|[a-z]{2,3}(?=\s*[$¥£€])|rs\.?|kr|zł)\s*", re.IGNORECASE)
_AFTER = re.compile(
    r"\s*(?:元整|人民币|美元|欧元|港币|元|人|名|kr|zł|rmb|cny|usd|eur|\+|左右)\s*$", re.IGNORECASE
)
_WITH_UNIT = re.compile(r"(.*\d)\s*(百万|千万|万|亿|千|mio|mn|bn|k|m)\.?", re.IGNORECASE | re.DOTALL)
_HEADED_UNIT = re.compile(
    r"[(（\[]\s*(?:单位[:：]?)?\s*(百万|千万|万|亿|千|k)?\s*(?:元|人民币|rmb|cny|€|\$|£|¥)?\s*[)）\]]"
)
_THOUSANDS = re.compile(r"\bin thousands\b|['’]000s?\b", re.IGNORECASE)
_MILLIONS = re.compile(r"\bin millions\b", re.IGNORECASE)
_NUMBERS = ("number", "money", "percent")
_TICKS = {
    "√": "yes",
    "✔": "yes",
    "☑": "yes",
    "✅": "yes",
    "×": "no",
    "✗": "no",
    "✘": "no",
    "☐": "no",
    "❌": "no",
}


@dataclass(frozen=True, slots=True)
class HowWritten:
    """How a file writes values. day_first, comma_decimal: see core.records.parsing.Reading. fractions: shares
    are written 0.25 for 25%. leave_unreadable: a value that cannot be read stays empty, its row comes in.
    """

    day_first: bool = False
    comma_decimal: bool = False
    fractions: bool = False
    leave_unreadable: bool = False

    @property
    def reading(self) -> Reading:
        return Reading(day_first=self.day_first, comma_decimal=self.comma_decimal)


@dataclass(frozen=True, slots=True)
class Mended:
    """text: for the field to parse, with `reading`. several: more than one value stood there, this is the first."""

    text: str
    reading: Reading = DEFAULT_READING
    several: bool = False


def mend(kind: str, text: str, written: HowWritten, factor: int = 1) -> Mended:
    """A cell for a field of this kind. factor: of the column's unit. Raises Unreadable for what is lost."""
    if kind in ("text", "long_text"):
        return Mended(text, written.reading)
    if kind != "yes_no" and text.strip().casefold() in NOTHING:
        return Mended("")
    if kind in _NUMBERS:
        return _mend_number(kind, text, written, factor)
    if kind in ("date", "moment"):
        return Mended(_mend_day(text), written.reading)
    if kind == "mail":
        return _mend_mail(text)
    if kind == "phone":
        return _mend_phone(text)
    return Mended(_TICKS.get(text, text) if kind == "yes_no" else text, written.reading)


def factor_of(heading: str) -> int:
    """What a column's numbers are to be multiplied with: 10,000 under '金额（万元）', 1 as a rule."""
    text = unicodedata.normalize("NFKC", heading).casefold()
    if _THOUSANDS.search(text):
        return 1000
    if _MILLIONS.search(text):
        return 1_000_000
    found = _HEADED_UNIT.search(text)
    return _UNITS.get(found[1] or "", 1) if found else 1


def are_fractions(samples: list[str]) -> bool:
    """Whether a column of shares is written 0.25 for 25%: none above 1, some below."""
    values = []
    for text in samples:
        try:
            values.append(read_number(text))
        except Unreadable:
            return False
    return bool(values) and max(values) <= 1 and any(0 < value < 1 for value in values)


def are_dotted(samples: list[str]) -> bool:
    """Whether days are written 05.03.2024: nobody puts the month first with dots."""
    return any(re.match(r"\d{1,2}\.\d{1,2}\.\d{2,4}\b", text) for text in samples)


def _mend_number(kind: str, text: str, written: HowWritten, factor: int) -> Mended:
    bare = unicodedata.normalize("NFKC", text).strip()
    bare = _AFTER.sub("", _BEFORE.sub("", bare))
    if bare.endswith("-") and bare[:1].isdigit():
        bare = f"-{bare[:-1]}"
    times = Decimal(factor)
    if found := _WITH_UNIT.fullmatch(bare):
        # A number that says its own unit does not mean the column's as well.
        bare, times = found[1], Decimal(_UNITS[found[2].casefold()])
    elif kind == "percent" and written.fractions and "%" not in bare:
        times = Decimal(100)
    if times == 1:
        return Mended(bare, written.reading)
    try:
        value = read_number(bare, written.reading) * times
    except Unreadable:
        return Mended(text, written.reading)
    return Mended(f"{value:f}")


def _mend_day(text: str) -> str:
    bare = unicodedata.normalize("NFKC", text).strip()
    if bare in _NO_DAY or bare.startswith("--"):
        return ""
    if (serial := _SERIAL.fullmatch(bare)) and _FIRST_SERIAL <= int(serial[1]) <= _LAST_SERIAL:
        moment = _EPOCH + dt.timedelta(days=int(serial[1]), seconds=round(86400 * float(serial[2] or 0)))
        return moment.replace(tzinfo=None).isoformat(sep=" ") if serial[2] else moment.date().isoformat()
    bare = _WEEKDAY.sub(" ", bare).strip()
    bare = _CHINESE_TIME.sub(lambda m: f" {m[1]}:{m[2] or '00'}:{m[3] or '00'}", bare)
    for half, mark in (("上午", " am"), ("下午", " pm"), ("晚上", " pm")):
        if half in bare:
            bare = f"{bare.replace(half, ' ')}{mark}"
    if short := _SHORT_YEAR.match(bare):
        year = int(short[4]) + (2000 if int(short[4]) < _CENTURY_TURNS else 1900)
        bare = f"{short[1]}-{short[3]}-{year}{bare[short.end() :]}"
    return " ".join(re.sub(r",\s+(?=\d{1,2}:)", " ", bare).split())


def _mend_mail(text: str) -> Mended:
    found = _ADDRESS.findall(unicodedata.normalize("NFKC", text).removeprefix("mailto:"))
    addresses = list(dict.fromkeys(each.strip(".'").casefold() for each in found))
    return Mended(addresses[0], several=len(addresses) > 1) if addresses else Mended(text)


def _mend_phone(text: str) -> Mended:
    bare = unicodedata.normalize("NFKC", text).strip().removeprefix("tel:")
    if found := _SHORTENED.fullmatch(bare):
        whole, rest, power = found[1], found[2] or "", int(found[3])
        if len(rest.rstrip("0")) < power - 1:
            words = {"text": text}
            raise Unreadable(
                _("A spreadsheet has shortened this number to “%(text)s”: digits are lost.") % words
            )
        return Mended((whole + rest).ljust(power + 1, "0"))
    bare = bare.removesuffix(".0") if bare.removesuffix(".0").isdigit() else bare
    numbers = [part for part in _BETWEEN.split(bare) if sum(c.isdigit() for c in part) >= 5]
    return Mended(numbers[0], several=True) if len(numbers) > 1 else Mended(bare)
