"""Reading activities, tasks and notifications."""

import datetime as dt
from typing import Any
from uuid import UUID

from django.core.cache import cache
from django.db.models import F, Q, QuerySet

from core.clock import now
from core.records.rights import rights_of, within
from core.records.types import record_type
from crm.activities.models import Activity, Notification, Task
from crm.activities.selectors.targets import about_seen
from tenants.people.models import User

_UNREAD_TTL_SECONDS = 600


def visible_activities(*, to: Any) -> QuerySet[Activity]:
    """The activities that a person may see."""
    seen = about_seen(to=to)
    return Activity.objects.all() if seen is None else Activity.objects.filter(seen)


def visible_tasks(*, to: Any) -> QuerySet[Task]:
    """The tasks that a person may see: as the role says, of others only about records that they may see."""
    tasks = within(Task.objects.all(), record_type("task"), to=to)
    seen = about_seen(to=to)
    return tasks if seen is None else tasks.filter(seen | Q(owner_id=rights_of(to).person_id))


def open_tasks(*, to: Any, owner: Any = None, until: dt.date | None = None) -> QuerySet[Task]:
    """Not yet done, those without a day last. until: the last day; leaves out what has none."""
    found = visible_tasks(to=to).filter(done_at__isnull=True).select_related("owner")
    if owner is not None:
        found = found.filter(owner=owner)
    if until is not None:
        found = found.filter(due_on__lte=until)
    return found.order_by(F("due_on").asc(nulls_last=True), F("due_at").asc(nulls_first=True), "id")


def done_tasks(*, to: Any, owner: Any = None) -> QuerySet[Task]:
    """Done, the latest first."""
    found = visible_tasks(to=to).filter(done_at__isnull=False).select_related("owner")
    return (found.filter(owner=owner) if owner is not None else found).order_by("-done_at", "-id")


def next_task(record_id: UUID, *, to: Any) -> Task | None:
    """The earliest open task about a record, or about what hangs below it."""
    about = Q(target_id=record_id) | Q(root_id=record_id)
    shown = ("title", "due_on", "due_at", "done_at", "owner__name")
    return open_tasks(to=to).filter(about).only(*shown).first()


def latest_activity_at(record_id: UUID) -> dt.datetime | None:
    """When something last happened with a record, or below it."""
    about = Q(target_id=record_id) | Q(root_id=record_id)
    return Activity.objects.filter(about).order_by("-at").values_list("at", flat=True).first()


def notifications_of(person: User) -> QuerySet[Notification]:
    """What a person was told, newest first."""
    return Notification.objects.filter(person=person).order_by("-created_at", "-id")


def unread_count(person: User) -> int:
    """For the bell of every page: from the cache, counted when lost."""
    key = unread_key(person.pk)
    count = cache.get(key)
    if count is None:
        count = Notification.objects.filter(person=person, read_at__isnull=True).count()
        cache.set(key, count, _UNREAD_TTL_SECONDS)
    return count


def unread_key(person_id: UUID) -> str:
    """The cache key of a person's unread count; whoever writes a notification forgets it."""
    return f"activities:unread:{person_id}"


def due_reminders(at: dt.datetime | None = None) -> QuerySet[Task]:
    """Open tasks whose person is to be told by now."""
    return Task.objects.filter(
        remind_at__lte=at or now(), reminded_at__isnull=True, done_at__isnull=True
    ).order_by("remind_at", "id")


def next_reminder_at() -> dt.datetime | None:
    """When this workspace's next reminder is due."""
    waiting = Task.objects.filter(remind_at__isnull=False, reminded_at__isnull=True, done_at__isnull=True)
    return waiting.order_by("remind_at").values_list("remind_at", flat=True).first()
