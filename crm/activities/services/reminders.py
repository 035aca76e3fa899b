"""Reminders: found cheaply among a thousand workspaces, and given exactly once.

A hint a workspace in the registry's cache says when its next reminder is due, in seconds since 1970; a
sweep reads all hints at once and looks only into workspaces whose hint is due or missing. A write to a
task forgets the hint. A hint that is lost costs one small query; one that is wrong (after an undo, say)
lives for ten minutes at most.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.cache import caches
from django.db import transaction
from django.utils.translation import gettext as _

from core.clock import now
from core.history.context import change
from core.records.types import RecordType
from core.tenancy.scope import current
from crm.activities.models import Notification, Task
from crm.activities.selectors.activities import due_reminders, next_reminder_at
from crm.activities.services.notifications import notify, speaking_to

_HINT_SECONDS = 600
_NEVER = 0
_BATCH = 200


def _key(schema: str) -> str:
    return f"reminders:{schema}"


def schemas_to_look_into(schemas: Iterable[str]) -> list[str]:
    """Those of the workspaces whose next reminder is due, or not known. One round trip to the cache."""
    keys = {_key(schema): schema for schema in schemas}
    hints = caches["registry"].get_many(list(keys))
    moment = now().timestamp()
    return [
        schema
        for key, schema in keys.items()
        if (hint := hints.get(key)) is None or (hint != _NEVER and hint <= moment)
    ]


def expect_reminder(kind: RecordType, records: list[Any], values: Mapping[str, Any], by: Any) -> None:
    """After a write to tasks: the hint no longer holds."""
    if kind.model is Task:
        key = _key(current().schema)
        transaction.on_commit(lambda: caches["registry"].delete(key))


def remind_due() -> int:
    """Tell everybody whose reminder is due, in this workspace. How many were told.

    A second run at the same time skips the rows that the first has locked; a later one finds them marked.
    """
    told = 0
    while count := _remind_batch():
        told += count
    upcoming = next_reminder_at()
    hint = upcoming.timestamp() if upcoming else _NEVER
    caches["registry"].set(_key(current().schema), hint, _HINT_SECONDS)
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
