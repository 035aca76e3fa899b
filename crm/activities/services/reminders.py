"""Reminders: found cheaply among a thousand workspaces, and given exactly once.

The hint of a workspace says when its next reminder is due; a write to a task forgets it. One that is wrong
(after an undo, say) lives for ten minutes at most.
"""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from core.clock import now
from core.history.context import change
from core.records.types import RecordType
from core.tenancy.hints import Hints
from crm.activities.models import Notification, Task
from crm.activities.selectors.activities import due_reminders, next_reminder_at
from crm.activities.services.notifications import notify, speaking_to

HINTS = Hints("reminders", seconds=(450, 600))
_BATCH = 200


def expect_reminder(kind: RecordType, records: list[Any], values: Mapping[str, Any], by: Any) -> None:
    """After a write to tasks: the hint no longer holds."""
    if kind.model is Task:
        HINTS.expect_work()


def remind_due() -> int:
    """Tell everybody whose reminder is due, in this workspace. How many were told.

    A second run at the same time skips the rows that the first has locked; a later one finds them marked.
    """
    told = 0
    while count := _remind_batch():
        told += count
    upcoming = next_reminder_at()
    HINTS.set(upcoming.timestamp() if upcoming else None)
    return told


def _remind_batch() -> int:
    with change(label=_("Reminded"), via="job"):
        locked = due_reminders().select_for_update(skip_locked=True, of=("self",))
        tasks = list(locked.select_related("owner")[:_BATCH])
        for task in tasks:
            if task.owner is not None:
                with speaking_to(task.owner):
                    text = _("Reminder: %(title)s") % {"title": task.title}
                notify(
                    person=task.owner,
                    kind=Notification.Kind.REMINDER,
                    text=text,
                    url=f"/tasks/{task.pk}/",
                    by_mail=task.remind_by_mail,
                )
        Task.objects.filter(pk__in=[task.pk for task in tasks]).update(reminded_at=now())
    return len(tasks)
