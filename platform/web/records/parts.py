"""What rooms below and beside add to every record page: timeline, files, changes.

config lists them; this floor knows only their shape.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from core.records.types import RecordType


@dataclass(frozen=True)
class Tab:
    """A tab of the record page. The first of the list is what the page opens with.

    template: renders the tab's body with the context that `context` gives. count: for the tab's badge.
    """

    key: str
    label: Any
    template: str
    context: Callable[[HttpRequest, RecordType, Any], Mapping[str, Any]]
    count: Callable[[RecordType, Any], int | str] = lambda kind, record: ""
    only_for: Callable[[RecordType], bool] = lambda kind: True


@dataclass(frozen=True)
class Side:
    """Context for the right panel, above the details: the next step."""

    context: Callable[[HttpRequest, RecordType, Any], Mapping[str, Any]]


_tabs: list[Tab] = []
_sides: list[Side] = []


def use_parts(tabs: Sequence[Tab], sides: Sequence[Side]) -> None:
    """config's visible list."""
    _tabs[:] = tabs
    _sides[:] = sides


def tabs_of(kind: RecordType) -> list[Tab]:
    return [tab for tab in _tabs if tab.only_for(kind)]


def sides() -> list[Side]:
    return list(_sides)
