"""Which column of a file goes into which field: by its heading first, its values second."""

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import override

from core.records.fields import Field
from core.records.parsing import Unreadable
from core.records.text import fold
from core.records.types import RecordType
from crm.transfer.rules.cells import HowWritten, mend
from crm.transfer.rules.synonyms import synonyms_of

LANGUAGES = ("en", "zh-hans")
FIRST_NAME, LAST_NAME = "first_name", "last_name"
_PARTS = {
    FIRST_NAME: ("first name", "given name", "forename", "firstname", "名", "名字"),
    LAST_NAME: ("last name", "surname", "family name", "lastname", "姓", "姓氏"),
}
_SURE, _LIKELY, _LEAST = 98, 80, 60
_REMEMBERED = 99
_BY_VALUES = 65
_EXACT, _FEW = 90, 3
_KINDS_WITH_VALUES = {"number", "percent", "money", "date", "moment", "yes_no", "mail", "web", "phone"}
# Words that say nothing alone: a 'campaign name' is no name, a 创建时间 no time of ours.
_GENERIC = {
    "name",
    "id",
    "date",
    "number",
    "type",
    "status",
    "title",
    "time",
    "value",
    "user",
    "item",
    "contact",
}
_GENERIC |= {
    "account",
    "active",
    "price",
    "address",
    "total",
    "state",
    "sales",
    "phase",
    "product",
    "level",
    "area",
}
_GENERIC |= {
    "时间",
    "日期",
    "名称",
    "编号",
    "类型",
    "状态",
    "姓名",
    "主题",
    "内容",
    "说明",
    "客户",
    "公司",
    "产品",
    "单位",
}
# 'Company ID' or 'E-mail type' stand beside what they are about.
_BESIDE = {"id", "ids", "type", "label", "key", "guid", "uuid", "url", "count", "code", "currency"}
_PREFIX = re.compile(
    r"(?:person|organi[sz]ation|deal|lead|product|activity|contact|company)\s+-\s+(.+)", re.I
)
_BRACKETS = re.compile(r"[(（\[【].*?[)）\]】]")


@dataclass(frozen=True, slots=True)
class Guess:
    """target: a field's name, FIRST_NAME or LAST_NAME. percent: how sure, 0-100."""

    target: str
    percent: int


def plain(heading: str) -> str:
    """A heading for comparison: 'Account_Name*' → 'account name'."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", heading)
    return " ".join(re.sub(r"[\W_]+", " ", fold(spaced)).split())


def ways_to_read(heading: str) -> list[str]:
    """The plain heading, without brackets, and without the type that some programs put in front."""
    bare = _BRACKETS.sub(" ", heading)
    behind = _PREFIX.fullmatch(bare.strip())
    ways = [plain(heading), plain(bare), *([plain(behind[1])] if behind else [])]
    return [way for way in dict.fromkeys(ways) if way]


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
        claims += _claims(kind, words, index, heading, samples[index])
    return _settle(settled, _without_rival_names(kind, claims))


def _claims(
    kind: RecordType, words: Mapping[str, Sequence[str]], index: int, heading: str, samples: Sequence[str]
) -> list[tuple[int, int, str]]:
    """(percent, index, target) of everything that a column could go into."""
    claims = []
    for target, names in words.items():
        percent = max((_likeness(way, names) for way in ways_to_read(heading)), default=0)
        field = kind.by_name.get(target)
        percent = _weighed(percent, field, samples) if field and percent >= _LEAST else percent
        if percent >= _LEAST:
            claims.append((percent, index, target))
        elif field and field.kind in ("mail", "web") and _all_are(field.kind, samples):
            claims.append((_BY_VALUES, index, target))
    return claims


def _all_are(kind: str, samples: Sequence[str]) -> bool:
    """Whether values can be nothing but mail addresses, or addresses of pages."""
    pattern = r"\S+@\S+\.\w+" if kind == "mail" else r"(?:https?://|www\.)\S+"
    return bool(samples) and all(re.fullmatch(pattern, text) for text in samples)


def _without_rival_names(kind: RecordType, claims: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """Where first and last name have columns, a 'middle name' is not taken for the whole name."""
    parts = {target for percent, _index, target in claims if percent >= 90} & set(_PARTS)
    if len(parts) < len(_PARTS):
        return claims
    return [each for each in claims if each[2] != kind.title or each[0] >= 95]


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
        known = (*labels, field.name, *field.aliases, *synonyms_of(kind.key, field.name))
        words[field.name] = list(dict.fromkeys(plain(text) for text in known))
    if name_parts(kind):
        words |= {target: [plain(text) for text in names] for target, names in _PARTS.items()}
    return words


def _in(language: str, text: object) -> str:
    """A translatable text in one language."""
    with override(language):
        return str(text)


def _likeness(heading: str, names: Sequence[str]) -> int:
    """98 for the field's own names, a little less for each alias further back, 60-80 for a similar one."""
    if heading in names:
        return max(_SURE - names.index(heading), 90)
    best = 0
    for name in names:
        if _holds(heading, name) or _holds(name, heading):
            best = max(best, _LIKELY - abs(len(heading) - len(name)))
        elif abs(len(heading) - len(name)) <= 3 and len(name) > 4:
            ratio = difflib.SequenceMatcher(None, heading, name).ratio()
            best = max(best, round(_LIKELY * ratio) if ratio > 0.8 else 0)
    return best if heading.rpartition(" ")[2] not in _BESIDE else best // 2


def _holds(longer: str, shorter: str) -> bool:
    """Whether the shorter stands in the longer as words, of Chinese at its end, and says enough alone."""
    if len(shorter) < 2 or shorter in _GENERIC:
        return False
    if not shorter.isascii():
        return longer.endswith(shorter)
    return len(shorter) > 2 and f" {shorter} " in f" {longer} "


def _weighed(percent: int, field: Field, samples: Sequence[str]) -> int:
    """Less sure when the values are not of the field's kind."""
    if field.kind not in _KINDS_WITH_VALUES or not samples:
        return percent
    readable = sum(_reads(field, text) for text in samples)
    weighed = round(percent * (0.5 + 0.5 * readable / len(samples)))
    # Under a heading of its own a few bad values are mistakes of the file.
    its_own = percent >= _EXACT and (readable or len(samples) < _FEW)
    return max(weighed, _LEAST) if its_own else weighed


def _reads(field: Field, text: str) -> bool:
    for written in (HowWritten(), HowWritten(day_first=True, comma_decimal=True)):
        try:
            mended = mend(field.kind, text, written)
            field.parse(mended.text, mended.reading)
        except Unreadable:
            continue
        return True
    return False


def decimal_comma(samples: Sequence[str]) -> bool:
    """Whether numbers are written 1.234,5: some sample must say so, and none the opposite."""
    comma, point = _with_comma(samples), _with_point(samples)
    return bool(comma and not point)


def undecided_numbers(samples: Sequence[str]) -> list[str]:
    """Samples to ask about: of both ways of writing when they are mixed, or such as 1,234 when none decides."""
    comma, point = _with_comma(samples), _with_point(samples)
    if comma and point:
        return [comma[0], point[0]]
    if comma or point:
        return []
    return [text for text in samples if re.fullmatch(r"-?\d{1,3}[.,]\d{3}", _figures(text))]


def _with_comma(samples: Sequence[str]) -> list[str]:
    """Samples that can only be written 1.234,5."""
    pattern = r",\d{1,2}\Z|\.\d{3},\d|\d\.\d{3}\.\d{3}"
    return [text for text in samples if re.search(pattern, _figures(text))]


def _with_point(samples: Sequence[str]) -> list[str]:
    """Samples that can only be written 1,234.5."""
    pattern = r"\.\d{1,2}\Z|,\d{3}\.\d|\d,\d{3},\d{3}"
    return [text for text in samples if re.search(pattern, _figures(text))]


def _figures(text: str) -> str:
    return re.sub(r"[^\d.,]", "", text)
