"""Rows of task lists, drawn the same on the desk and on the page of tasks."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils import formats
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from core.clock import today
from crm.activities.models import Kind, Task
from crm.activities.rules import Due, due_of
from crm.activities.selectors.targets import Target, targets_of
from web.faces import picture_of

ICONS = {
    Kind.TASK: "square-check",
    Kind.CALL: "phone",
    Kind.MEETING: "calendar",
    Kind.VISIT: "map-pin",
    Kind.MAIL: "mail",
    Kind.NOTE: "message-square",
}


@dataclass(frozen=True, slots=True)
class TaskRow:
    """What the row of a task shows."""

    task: Task
    target: Target | None
    when: str
    late: bool
    face: str
    picture: str

    @property
    def icon(self) -> str:
        return ICONS[Kind(self.task.kind)]

    @property
    def tick_url(self) -> str:
        return f"/tasks/{self.task.pk}/tick/" + ("?open=1" if self.task.done_at else "")


def task_rows(
    tasks: Sequence[Task], *, to: Any, faces: bool = True, targets: Mapping[UUID, Target] | None = None
) -> dict[UUID, TaskRow]:
    """Rows by the task's id. targets: when the caller has looked them up already."""
    if targets is None:
        targets = targets_of([(task.target_type, task.target_id) for task in tasks], to=to)
    return {task.pk: _row(task, targets, faces) for task in tasks}


def _row(task: Task, targets: Mapping[UUID, Target], faces: bool) -> TaskRow:
    late = task.done_at is None and due_of(task.due_on, today()) is Due.OVERDUE
    target = targets.get(task.target_id) if task.target_id else None
    owner = task.owner if faces else None
    name, picture = (owner.name, picture_of(owner.pk)) if owner else ("", "")
    return TaskRow(task, target, when_due(task), late, name, picture)


def when_due(task: Task) -> str:
    """'14:00' today, 'Tue 24' this week, 'Yesterday', '24 Nov 2026'; when it was done, for a done one."""
    if task.done_at is not None:
        return formats.date_format(localtime(task.done_at), "SHORT_DATE_FORMAT")
    if task.due_on is None:
        return ""
    time = formats.time_format(localtime(task.due_at), "TIME_FORMAT") if task.due_at else ""
    days = (task.due_on - today()).days
    if days == 0:
        return time or _("Today")
    if days == -1:
        return _("Yesterday")
    if days == 1:
        return f"{_('Tomorrow')} {time}".strip()
    return f"{_short_day(task.due_on, days)} {time}".strip()


def _short_day(day: dt.date, days: int) -> str:
    if abs(days) <= 7:
        # Translators: a day of this week, in Django's date format: Tue 24 Nov
        return formats.date_format(day, _("D j M"))
    return formats.date_format(day, "SHORT_DATE_FORMAT")
