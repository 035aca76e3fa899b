"""Text as people look for it: folded for comparison, romanised for sorting, cut into tokens for search.

The database has no ICU: Chinese sorts by the key made here, and is found by fragment, by pinyin and by
initials through the tokens made here.
"""

import re
import unicodedata
from functools import lru_cache

from pypinyin import lazy_pinyin
from pypinyin.pinyin_dict import pinyin_dict

SORT_KEY_LENGTH = 240
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]+")
_WORD = re.compile(r"[^\W_]+")
_NOT_DIGIT = re.compile(r"\D")
_SHORT = 2  # queries up to this length use the token index


def fold(text: str) -> str:
    """Case, width and accents removed: 'Ｃafé' → 'cafe'."""
    text = unicodedata.normalize("NFKC", text).casefold()
    if text.isascii():
        return text
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def sort_key(text: str) -> str:
    """Folded, Chinese as pinyin ('张伟' → 'zhang wei'), at most SORT_KEY_LENGTH characters."""
    folded = fold(text).strip()
    if _HAN.search(folded):
        folded = _HAN.sub(lambda han: f" {' '.join(_syllable(c) for c in han.group())} ", folded)
    return " ".join(folded.split())[:SORT_KEY_LENGTH]


def digits(text: str) -> str:
    """Only the digits, for telephone numbers."""
    return _NOT_DIGIT.sub("", text)


def search_text(*parts: str) -> str:
    """Where longer fragments are looked for: folded text, digits, pinyin, initials."""
    joined = fold(" ".join(part for part in parts if part))
    pieces = [joined]
    pieces += [digits(part) for part in parts if part and sum(c.isdigit() for c in part) >= 5]
    for han in _HAN.findall(joined):
        syllables = romanise(han)
        pieces.append("".join(syllables))
        pieces.append("".join(syllable[0] for syllable in syllables))
    return " ".join(pieces)


def search_tokens(*parts: str) -> list[str]:
    """Exact tokens for queries of one or two characters.

    Chinese: each character and pair. Latin words and pinyin: their first one and two letters, marked '~'.
    """
    tokens: set[str] = set()
    for part in parts:
        folded = fold(part or "")
        for han in _HAN.findall(folded):
            tokens.update(han)
            tokens.update(han[i : i + 2] for i in range(len(han) - 1))
            syllables = romanise(han)
            initials = "".join(syllable[0] for syllable in syllables)
            for i, syllable in enumerate(syllables):
                tokens.update(_prefixes(syllable))
                tokens.update(_prefixes(initials[i:]))
        words = _WORD.findall(_HAN.sub(" ", folded))
        for word in words:
            tokens.update(_prefixes(word))
        tokens.update(_prefixes("".join(word[0] for word in words)))
    return sorted(tokens)


def query_tokens(query: str) -> list[str] | None:
    """Tokens that all must be present for a short query; None when the query is long enough for fragments."""
    folded = fold(query).strip()
    compact = folded.replace(" ", "")
    if len(compact) > _SHORT or not compact:
        return None
    if _HAN.fullmatch(compact):
        return [compact]
    return [f"~{compact}"]


@lru_cache(maxsize=20_000)
def romanise(han: str) -> tuple[str, ...]:
    """One syllable a character, by phrase ('重庆' → 'chong', 'qing')."""
    return tuple(syllable or "?" for syllable in lazy_pinyin(han))


def _prefixes(word: str) -> set[str]:
    return {f"~{word[:n]}" for n in range(1, _SHORT + 1) if len(word) >= n}


@lru_cache(maxsize=30_000)
def _syllable(character: str) -> str:
    """The commonest reading without tone. By character: fast enough for sorting a hundred thousand."""
    reading = pinyin_dict.get(ord(character), character).split(",")[0]
    plain = unicodedata.normalize("NFD", reading.replace("ü", "v"))
    return "".join(c for c in plain if not unicodedata.combining(c))
