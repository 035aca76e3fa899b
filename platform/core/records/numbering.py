"""Numbers that records get by themselves. Who gives them out stands above; writing and imports ask here."""

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from core.records.types import RecordType

NUMBER = "number"
"""The attribute of every type that can be numbered."""

_assign: list[Callable[[RecordType, list[Any]], None]] = []
_fill: list[Callable[[RecordType, UUID | None], Iterable[UUID]]] = []


def use_numbering(
    assign: Callable[[RecordType, list[Any]], None],
    fill: Callable[[RecordType, UUID | None], Iterable[UUID]],
) -> None:
    """assign(type, new records): sets their numbers inside the transaction that saves them.

    fill(type, batch): numbers what was written in bulk and has none; ids of what it wrote.
    """
    _assign[:] = [assign]
    _fill[:] = [fill]


def number_new(record_type: RecordType, records: list[Any]) -> None:
    """Just before they are saved: the lock on the counter is held from here to the commit."""
    waiting = [each for each in records if getattr(each, NUMBER, None) == ""]
    for assign in _assign if waiting else ():
        assign(record_type, waiting)


def number_written(record_type: RecordType, batch: UUID | None) -> list[UUID]:
    """What an import wrote: chunk by chunk in transactions of their own, as part of its batch. A second run finds
    nothing left. Ids of the records that got a number."""
    if not hasattr(record_type.model, NUMBER):
        return []
    return [record_id for fill in _fill for record_id in fill(record_type, batch)]
