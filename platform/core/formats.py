"""How a workspace writes dates and numbers, where it wishes otherwise than its language does.

Django asks for formats by the language alone, in one function; here the wishes of the workspace at hand come first.
Whatever is drawn or written for it keeps to them: pages, files, jobs.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils import formats
from django.utils.translation import get_language

from core.tenancy.scope import peek, remember

_of_language = formats.get_format
_read: list[Callable[[], Mapping[str, Any]]] = []


def use_formats(read: Callable[[], Mapping[str, Any]]) -> None:
    """read(): the wishes of the workspace at hand, by the names of Django's format settings."""
    _read[:] = [read]
    formats.get_format = _get_format


def format_of_language(name: str) -> Any:
    """As the reader's language has it, whatever the workspace wishes."""
    return _of_language(name, get_language())


def _get_format(format_type: Any, lang: str | None = None, use_l10n: bool | None = None) -> Any:
    """The workspace's wish, where it has one; Django's own otherwise, and for a language that is not the reader's."""
    # Numbers are asked for with the language at hand, days without.
    here = lang is None or lang == get_language()
    wish = _wishes().get(str(format_type)) if here else None
    return _of_language(format_type, lang, use_l10n) if wish is None else wish


def _wishes() -> Mapping[str, Any]:
    scope = peek()
    if scope is None or scope.is_public or not _read:
        return {}
    found: Mapping[str, Any] = remember("formats", _read[0])
    return found
