"""The timeline of a record: what happened, in one order, from three sources.

Activities and completed tasks of the record and of what hangs below it; from history its creation and
moves between stages, its own and those of records that refer to it.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from core.history.models import Change
from core.records.types import RecordType, incoming_links
from crm.activities.models import Activity, Kind
from crm.activities.selectors.activities import done_tasks, visible_activities

PAGE_SIZE = 50
_STAGE_FIELD = "stage"
_BELOW = 200
"""How many referring records are asked for their moves: those changed last."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last entry seen. rank: of its source, since moments of two sources may be equal."""

    at: dt.datetime
    rank: int
    id: str

    def __str__(self) -> str:
        return f"{self.at.isoformat()}~{self.rank}~{self.id}"


def read_cursor(text: str) -> Cursor | None:
    """None for an empty or a broken one: the first page is shown then."""
    moment, _tilde, rest = text.partition("~")
    rank, _tilde, entry_id = rest.partition("~")
    try:
        at = dt.datetime.fromisoformat(moment)
    except ValueError:
        return None
    if at.tzinfo is None or not rank.isdecimal() or not _is_id(int(rank), entry_id):
        return None
    return Cursor(at, int(rank), entry_id)


def _is_id(rank: int, text: str) -> bool:
    if rank == _MOVES:
        return text.isdecimal() and len(text) < 19
    try:
        UUID(text)
    except ValueError:
        return False
    return rank in (_ACTIVITIES, _TASKS)


@dataclass(frozen=True, slots=True)
class Entry:
    """One moment of the timeline. what: note, call, meeting, visit, mail, task, created or stage.

    target_type, target_id: the record it is about. values: what the kind needs more.
    """

    what: str
    at: dt.datetime
    cursor: Cursor
    who_id: UUID | None
    target_type: str
    target_id: UUID
    text: str = ""
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """Newest first. older: cursor of the next page, None at the end."""

    entries: list[Entry]
    older: Cursor | None


_ACTIVITIES, _TASKS, _MOVES = 2, 1, 0


def read_timeline(
    kind: RecordType, record: Any, *, to: Any, before: Cursor | None = None, size: int = PAGE_SIZE
) -> TimelinePage:
    """One page, in three queries whatever there is to show."""
    wanted = size + 1
    found = [
        *_activities(record, to, before, wanted),
        *_completed(record, to, before, wanted),
        *_moves(kind, record, to, before, wanted),
    ]
    found.sort(key=lambda entry: (entry.at, entry.cursor.rank, *_as_stored(entry.cursor)), reverse=True)
    older = found[size - 1].cursor if len(found) > size else None
    return TimelinePage(found[:size], older)


def _as_stored(cursor: Cursor) -> tuple[int, str]:
    """The order the database gives ids of one source: numbers by size, UUIDs by text."""
    return (int(cursor.id), "") if cursor.rank == _MOVES else (0, cursor.id)


def activity_entry(activity: Activity) -> Entry:
    """An activity as the timeline shows it."""
    return Entry(
        what=activity.kind,
        at=activity.at,
        cursor=Cursor(activity.at, _ACTIVITIES, str(activity.pk)),
        who_id=activity.author_id,
        target_type=activity.target_type,
        target_id=activity.target_id,
        text=activity.body,
        values={
            "activity_id": activity.pk,
            "minutes": activity.minutes,
            "title": activity.title,
            "touched_at": activity.updated_at,
            **activity.details,
        },
    )


def _about(record: Any) -> Q:
    return Q(target_id=record.pk) | Q(root_id=record.pk)


def _before(rows: QuerySet[Any], moment: str, rank: int, cursor: Cursor | None) -> QuerySet[Any]:
    """Rows that come after the cursor in the order (moment, source, id), all descending."""
    if cursor is None:
        return rows
    if rank > cursor.rank:
        return rows.filter(**{f"{moment}__lt": cursor.at})
    if rank < cursor.rank:
        return rows.filter(**{f"{moment}__lte": cursor.at})
    same = Q(**{moment: cursor.at, "pk__lt": cursor.id})
    return rows.filter(Q(**{f"{moment}__lt": cursor.at}) | same)


def _activities(record: Any, to: Any, before: Cursor | None, limit: int) -> list[Entry]:
    rows = _before(visible_activities(to=to).filter(_about(record)), "at", _ACTIVITIES, before)
    return [activity_entry(each) for each in rows.order_by("-at", "-pk")[:limit]]


def _completed(record: Any, to: Any, before: Cursor | None, limit: int) -> list[Entry]:
    rows = _before(done_tasks(to=to).select_related(None).filter(_about(record)), "done_at", _TASKS, before)
    return [
        Entry(
            what=Kind.TASK,
            at=task.done_at,
            cursor=Cursor(task.done_at, _TASKS, str(task.pk)),
            who_id=task.owner_id,
            target_type=task.target_type,
            target_id=task.target_id,
            text=task.description,
            values={"title": task.title, "task_id": task.pk},
        )
        for task in rows.order_by("-done_at", "-pk")[:limit]
    ]


_OF_A_MOVE = ("op", "relation", "record_id", "new", "tx__at", "tx__actor")


def _moves(kind: RecordType, record: Any, to: Any, before: Cursor | None, limit: int) -> list[Entry]:
    kinds = {kind.table: kind}
    # One list of ids as a subquery: "this id, or one of those" would read the whole of history.
    ids = kind.everything().filter(pk=record.pk).values("pk")
    below_ids = []
    for other, link in incoming_links(kind):
        if _STAGE_FIELD in other.by_name and other is not kind:
            below = other.visible(to=to).filter(**{link.attribute: record.pk})
            below_ids.append(below.order_by("-updated_at").values("pk")[:_BELOW])
            kinds.setdefault(other.table, other)
    created = Q(op="I", record_id=record.pk)
    moved = Q()
    for table, each in kinds.items():
        if _STAGE_FIELD in each.by_name:
            moved |= Q(op="U", relation=table, new__has_key=each.field(_STAGE_FIELD).attribute)
    if below_ids:
        ids = ids.union(*below_ids, all=True)
    rows = Change.objects.filter(record_id__in=ids, relation__in=list(kinds)).filter(created | moved)
    rows = _before(rows, "tx__at", _MOVES, before).select_related("tx").only(*_OF_A_MOVE)
    return [_move(kinds[row.relation], row) for row in rows.order_by("-tx__at", "-pk")[:limit]]


def _move(kind: RecordType, row: Change) -> Entry:
    stage = kind.field(_STAGE_FIELD) if _STAGE_FIELD in kind.by_name else None
    reached = (row.new or {}).get(stage.attribute) if stage else None
    return Entry(
        what="created" if row.op == "I" else "stage",
        at=row.tx.at,
        cursor=Cursor(row.tx.at, _MOVES, str(row.pk)),
        who_id=row.tx.actor,
        target_type=kind.key,
        target_id=row.record_id,
        values={"stage": reached},
    )


def authors_of(entries: Sequence[Entry]) -> set[UUID]:
    """Ids of the people that the entries name."""
    return {entry.who_id for entry in entries if entry.who_id}
