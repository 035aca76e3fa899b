"""Parts of pages that are drawn once and kept: the frame, the menus of a list.

A part is kept under all that it shows, beside its language and the built assets. So it can be neither stale
nor somebody else's: other words are another key, and a template drawn this way sees nothing but the
content that is in the key (no request, no person, no token).
"""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import lru_cache
from typing import Any

from django.template.loader import get_template
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from web.built import built

_KEPT = 1000
"""Parts a process keeps, the least used going first: ten kilobytes each at most, as a rule two."""


def drawn(template: str, **content: Any) -> SafeString:
    """The template's HTML for this content: text, numbers, None, sequences, mappings and dataclasses of such.

    Raises TypeError for anything else: what is not plain could show more than the key holds.
    """
    frozen = _frozen(content)
    return _draw(_Part((template, get_language(), built("icons.svg").url, frozen), template, content))


class _Part:
    """A template with its content, equal to another when all they show is equal."""

    __slots__ = ("content", "key", "template")

    def __init__(self, key: tuple[Any, ...], template: str, content: Mapping[str, Any]) -> None:
        self.key, self.template, self.content = key, template, content

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Part) and self.key == other.key


@lru_cache(maxsize=_KEPT)
def _draw(part: _Part) -> SafeString:
    return SafeString(get_template(part.template).render(dict(part.content)))


def _frozen(value: Any) -> Any:
    """A hashable copy in which only equal texts of equal kind are equal (True is no 1, safe text no text)."""
    kind = type(value)
    if kind is str or value is None:
        return value
    if kind in (list, tuple):
        return tuple([_frozen(each) for each in value])
    if kind in (bool, int, SafeString):
        return kind, value
    if kind is dict:
        return kind, *[(name, _frozen(each)) for name, each in value.items()]
    if is_dataclass(value):
        return kind, *[_frozen(getattr(value, field.name)) for field in fields(value)]
    if isinstance(value, Promise):
        return str(value)
    raise TypeError(f"a kept part cannot show a {kind.__name__}")
