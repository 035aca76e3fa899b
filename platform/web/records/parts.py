"""What rooms below and beside add to every record page: timeline, files, changes.

config lists them; this floor knows only their shape.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from core.modules import hides_tab
from core.records.types import RecordType
from web.modules import is_open
from web.shell import Place


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


@dataclass(frozen=True)
class Action:
    """A button of the record page's bar; None where the record does not allow it."""

    place: Callable[[HttpRequest, RecordType, Any], Place | None]


_tabs: list[Tab] = []
_sides: list[Side] = []
_actions: list[Action] = []


def use_parts(tabs: Sequence[Tab], sides: Sequence[Side], actions: Sequence[Action] = ()) -> None:
    """config's visible list."""
    _tabs[:] = tabs
    _sides[:] = sides
    _actions[:] = actions


def tabs_of(kind: RecordType) -> list[Tab]:
    return [tab for tab in _tabs if tab.only_for(kind) and not hides_tab(tab.key)]


def sides() -> list[Side]:
    return list(_sides)


def actions_of(request: HttpRequest, kind: RecordType, record: Any) -> list[Place]:
    """In the order of config's list."""
    places = [action.place(request, kind, record) for action in _actions]
    return [place for place in places if place is not None and is_open(place.href)]
