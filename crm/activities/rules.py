"""What follows from days and times alone."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from typing import Generic, Protocol, TypeVar

SHOWN_AHEAD_DAYS = 7


class Dated(Protocol):
    """What is due on a day, or at a time of it."""

    due_on: dt.date | None
    due_at: dt.datetime | None


class Due(StrEnum):
    """Where a task stands between past and future; in the order of lists."""

    OVERDUE = "overdue"
    TODAY = "today"
    SOON = "soon"
    LATER = "later"


Task = TypeVar("Task", bound=Dated)


@dataclass(frozen=True)
class Agenda(Generic[Task]):
    """Tasks that stand together in a list."""

    due: Due
    tasks: list[Task]


def due_of(due_on: dt.date | None, today: dt.date) -> Due:
    """The next seven days begin tomorrow. A task without a day is for later."""
    if due_on is None or due_on > today + dt.timedelta(days=SHOWN_AHEAD_DAYS):
        return Due.LATER
    if due_on < today:
        return Due.OVERDUE
    return Due.TODAY if due_on == today else Due.SOON


def agenda(tasks: list[Task], today: dt.date) -> list[Agenda[Task]]:
    """Tasks in groups, each by day, then those without a time, then by time."""
    order = list(Due)

    def place(task: Task) -> tuple[int, dt.date, float]:
        moment = task.due_at.timestamp() if task.due_at else float("-inf")
        return order.index(due_of(task.due_on, today)), task.due_on or dt.date.max, moment

    ordered = sorted(tasks, key=place)
    groups = groupby(ordered, key=lambda task: due_of(task.due_on, today))
    return [Agenda(due, list(members)) for due, members in groups]
