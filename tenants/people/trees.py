"""Rows that hang under each other: teams, territories."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from core.errors import DomainError


def below(roots: Iterable[UUID], parents: Mapping[UUID, UUID | None]) -> set[UUID]:
    """roots and whatever hangs under them, however deep; a circle is walked once. parents: of each."""
    children: dict[UUID | None, list[UUID]] = {}
    for pk, parent in parents.items():
        children.setdefault(parent, []).append(pk)
    found: set[UUID] = set()
    waiting = list(roots)
    while waiting:
        each = waiting.pop()
        if each not in found:
            found.add(each)
            waiting.extend(children.get(each, ()))
    return found


def refuse_circle(row: Any, parent: Any, message: str) -> None:
    """Raises DomainError with the message when `row` would lie below itself. Call inside a transaction:

    all rows are locked, since two who hang two of them under each other at once must not make a circle.
    """
    if parent is None:
        return
    rows = type(row)._default_manager.select_for_update().order_by("pk").values_list("pk", "parent_id")
    if parent.pk in below([row.pk], dict(rows)):
        raise DomainError(message, fields={"parent": message})
