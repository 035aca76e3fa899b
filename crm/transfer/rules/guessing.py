"""Which column of a file goes into which field: by its heading first, its values second."""

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import override

from core.records.fields import Field
from core.records.parsing import DEFAULT_READING, Reading, Unreadable
from core.records.text import fold
from core.records.types import RecordType

LANGUAGES = ("en", "zh-hans")
FIRST_NAME, LAST_NAME = "first_name", "last_name"
_PARTS = {
    FIRST_NAME: ("first name", "given name", "forename", "名", "名字"),
    LAST_NAME: ("last name", "surname", "family name", "姓", "姓氏"),
}
_SURE, _LIKELY, _LEAST = 98, 80, 60
_REMEMBERED = 99
_KINDS_WITH_VALUES = {"number", "percent", "money", "date", "moment", "yes_no", "mail", "web"}


@dataclass(frozen=True, slots=True)
class Guess:
    """target: a field's name, FIRST_NAME or LAST_NAME. percent: how sure, 0-100."""

    target: str
    percent: int


def plain(heading: str) -> str:
    """A heading for comparison: 'Account_Name*' → 'account name'."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", heading)
    return " ".join(re.sub(r"[\W_]+", " ", fold(spaced)).split())


def importable_fields(kind: RecordType) -> list[Field]:
    """What a file may fill."""
    return [field for field in kind.fields if field.importable and not field.read_only]


def name_parts(kind: RecordType) -> bool:
    """Whether first and last name may come in columns of their own."""
    return bool(getattr(kind.field(kind.title), "person_name", False))


def guess_mapping(
    kind: RecordType,
    headings: Sequence[str],
    samples: Sequence[Sequence[str]],
    remembered: Mapping[str, str],
) -> dict[int, Guess]:
    """Column index → guess; each target at most once. samples: some values of each column.

    remembered: plain heading → target ('' for none) as a person chose it last time.
    """
    words = _words_of(kind)
    claims: list[tuple[int, int, str]] = []
    settled: dict[int, Guess] = {}
    for index, heading in enumerate(headings):
        known = remembered.get(plain(heading))
        if known is not None:
            if known in words:
                settled[index] = Guess(known, _REMEMBERED)
            continue
        for target, names in words.items():
            percent = _likeness(plain(heading), names)
            if percent >= _LEAST:
                field = kind.by_name.get(target)
                percent = _weighed(percent, field, samples[index]) if field else percent
                claims.append((percent, index, target))
    return _settle(settled, claims)


def _settle(settled: dict[int, Guess], claims: list[tuple[int, int, str]]) -> dict[int, Guess]:
    """The surest claim first; a column or target that is taken is out."""
    taken = {guess.target for guess in settled.values()}
    for percent, index, target in sorted(claims, key=lambda claim: (-claim[0], claim[1])):
        if percent >= _LEAST and index not in settled and target not in taken:
            settled[index] = Guess(target, percent)
            taken.add(target)
    return dict(sorted(settled.items()))


def _words_of(kind: RecordType) -> dict[str, list[str]]:
    """target → the headings that mean it, most exact first."""
    words = {}
    for field in importable_fields(kind):
        labels = [_in(language, field.label) for language in LANGUAGES]
        words[field.name] = [plain(text) for text in (*labels, field.name, *field.aliases)]
    if name_parts(kind):
        words |= {target: [plain(text) for text in names] for target, names in _PARTS.items()}
    return words


def _in(language: str, text: object) -> str:
    """A translatable text in one language."""
    with override(language):
        return str(text)


def _likeness(heading: str, names: Sequence[str]) -> int:
    """98 for the field's own names, a little less for each alias further back, 60-80 for a similar one."""
    if not heading:
        return 0
    if heading in names:
        return max(_SURE - names.index(heading), 90)
    best = 0
    for name in names:
        if len(name) > 2 and (f" {name} " in f" {heading} " or f" {heading} " in f" {name} "):
            best = max(best, _LIKELY - abs(len(heading) - len(name)))
        ratio = difflib.SequenceMatcher(None, heading, name).ratio()
        if ratio > 0.8:
            best = max(best, round(_LIKELY * ratio))
    return best


def _weighed(percent: int, field: Field, samples: Sequence[str]) -> int:
    """Less sure when the values are not of the field's kind."""
    if field.kind not in _KINDS_WITH_VALUES or not samples:
        return percent
    readable = sum(_reads(field, text) for text in samples)
    return round(percent * (0.5 + 0.5 * readable / len(samples)))


def _reads(field: Field, text: str) -> bool:
    for reading in (DEFAULT_READING, Reading(day_first=True, comma_decimal=True)):
        try:
            field.parse(text, reading)
        except Unreadable:
            continue
        return True
    return False


def decimal_comma(samples: Sequence[str]) -> bool:
    """Whether numbers are written 1.234,5: some sample must say so, and none the opposite."""
    stripped = [re.sub(r"[^\d.,]", "", text) for text in samples]
    comma = any(re.search(r",\d{1,2}\Z|\.\d{3},\d|\d\.\d{3}\.\d{3}", text) for text in stripped)
    point = any(re.search(r"\.\d{1,2}\Z|,\d{3}\.\d|\d,\d{3},\d{3}", text) for text in stripped)
    return comma and not point
