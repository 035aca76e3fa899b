"""What people do with activities and tasks. Each verb is one change that can be undone."""

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db.models import Q
from django.utils.translation import gettext as _

from core.clock import now, today
from core.errors import DomainError, NotAllowed
from core.history.context import change
from core.records.rights import Verb, may, require
from core.records.types import RecordType, record_type, record_types, type_of
from core.records.writing import Written, create_record, update_record
from core.working_time import next_working_day
from crm.activities.models import Activity, Kind, Notification, Task
from crm.activities.selectors.activities import latest_activity_at, visible_tasks
from crm.activities.selectors.attachments import file_shelf
from crm.activities.selectors.targets import root_id_of, root_type_of
from crm.activities.services.notifications import notify, speaking_to
from crm.workspace.selectors.hours import working_hours
from tenants.people.models import User

LOGGED_KINDS = (Kind.NOTE, Kind.CALL, Kind.MEETING, Kind.VISIT)
_LONGEST_MINUTES = 24 * 60


def log_activity(
    target: Any,
    *,
    kind: str,
    text: str,
    by: User,
    at: dt.datetime | None = None,
    minutes: int | None = None,
    mentions: Iterable[UUID] = (),
    title: str = "",
    details: dict[str, Any] | None = None,
    files: Iterable[UploadedFile] = (),
) -> Written:
    """Something that happened with a record.

    at: aware, not in the future. minutes: how long it took. mentions: ids of people to tell.
    files: stored with it, where a room keeps files. Raises DomainError, NotAllowed for somebody who only looks.
    """
    require(by, type_of(target), Verb.EDIT)
    at = at or now()
    _check_logged(kind, text, at, minutes)
    label = _("Added %(kind)s to “%(title)s”") % {
        "kind": Kind(kind).label,
        "title": type_of(target).title_of(target),
    }
    with change(label=label, by=by) as entry:
        activity = Activity.objects.create(
            kind=kind,
            target_type=type_of(target).key,
            target_id=target.pk,
            root_id=root_id_of(target),
            at=at,
            author=by,
            created_by=by,
            title=title[:200],
            body=text.strip(),
            minutes=minutes,
            details=details or {},
        )
        touch_records(target, activity.root_id, at=at)
        _tell_mentioned(activity, target, mentions, by)
        if shelf := file_shelf():
            for file in files:
                shelf.attach(target, activity, file, by)
    return Written([activity], entry.batch)


def _check_logged(kind: str, text: str, at: dt.datetime, minutes: int | None) -> None:
    if kind not in Kind.values or kind == Kind.TASK:
        raise DomainError(_("Choose what it was: a note, a call, a meeting or a visit."), code="kind")
    if not text.strip():
        raise DomainError(_("Write a few words first."), fields={"text": _("This is needed.")})
    if at > now() + dt.timedelta(minutes=5):
        raise DomainError(_("This lies in the future: plan a task for it instead."), code="future")
    if minutes is not None and not 0 <= minutes <= _LONGEST_MINUTES:
        raise DomainError(_("Between 0 and 1,440 minutes, please."), fields={"minutes": _("Check this.")})


def touch_records(target: Any, root_id: UUID | None, *, at: dt.datetime) -> None:
    """Move `last_activity_at` of a record and its account forward; `updated_at` stays as it is."""
    older = Q(last_activity_at__isnull=True) | Q(last_activity_at__lt=at)
    kind = type_of(target)
    for each, record_id in ((kind, target.pk), (root_type_of(kind), root_id)):
        if each is not None and record_id is not None and "last_activity_at" in each.by_name:
            each.everything().filter(older, pk=record_id).update(last_activity_at=at)


def edit_activity(
    activity: Activity,
    *,
    text: str,
    by: User,
    at: dt.datetime | None = None,
    minutes: int | None = None,
) -> Written:
    """Correct what was written. Raises DomainError; NotAllowed for what somebody else wrote."""
    _own_only(activity, by)
    if activity.kind == Kind.MAIL:
        raise NotAllowed(_("What was sent stays as it was sent."))
    _check_logged(activity.kind, text, at or activity.at, minutes)
    with change(label=_("Changed %(kind)s") % {"kind": Kind(activity.kind).label}, by=by) as entry:
        activity = Activity.objects.select_for_update().get(pk=activity.pk)
        activity.body, activity.at, activity.minutes = text.strip(), at or activity.at, minutes
        activity.updated_at = now()
        activity.save()
    return Written([activity], entry.batch)


def bin_activity(activity: Activity, *, target: Any, by: User) -> Written:
    """Take it off the timeline; the record's last activity is what is left."""
    _own_only(activity, by)
    with change(label=_("Deleted %(kind)s") % {"kind": Kind(activity.kind).label}, by=by) as entry:
        Activity.objects.filter(pk=activity.pk).update(deleted_at=now())
        for kind, record_id in (
            (type_of(target), activity.target_id),
            (root_type_of(type_of(target)), activity.root_id),
        ):
            _set_back(kind, record_id, activity.at)
    return Written([activity], entry.batch)


def _set_back(kind: RecordType | None, record_id: UUID | None, gone_at: dt.datetime) -> None:
    """Only where the binned activity was the last one: an import may know of later ones."""
    if kind is None or record_id is None or "last_activity_at" not in kind.by_name:
        return
    rows = kind.everything().filter(pk=record_id, last_activity_at=gone_at)
    rows.update(last_activity_at=latest_activity_at(record_id))


def _own_only(activity: Activity, by: User) -> None:
    if activity.author_id != by.pk and not by.may_administer:
        raise NotAllowed(_("Only its author or an administrator can change this."))


def _tell_mentioned(activity: Activity, target: Any, mentions: Iterable[UUID], by: User) -> None:
    """Those whose name still stands in the text: a mention may have been deleted before saving."""
    kind = type_of(target)
    for person in User.objects.filter(pk__in=set(mentions)).exclude(pk=by.pk):
        if f"@{person.name}" not in activity.body:
            continue
        # Who may not see the record is not told its name either.
        if not may(person, kind, Verb.SEE, target):
            continue
        with speaking_to(person):
            words = {"person": by.name, "title": kind.title_of(target)}
            text = _("%(person)s mentioned you on “%(title)s”.") % words
        notify(person=person, kind=Notification.Kind.MENTION, text=text, url=kind.url_of(target.pk))


def plan_task(
    *,
    title: str,
    by: User,
    target: Any = None,
    kind: str = Kind.TASK,
    owner: User | None = None,
    due_on: dt.date | None = None,
    due_at: dt.datetime | None = None,
    remind_at: dt.datetime | None = None,
    remind_by_mail: bool = False,
    description: str = "",
) -> Written:
    """Something to do, for oneself or a colleague, with or without a record. Raises DomainError."""
    values: dict[str, Any] = {
        "title": " ".join(title.split())[:200],
        "kind": kind,
        "owner_id": (owner or by).pk,
        "due_on": due_on,
        "due_at": due_at,
        "remind_at": remind_at,
        "remind_by_mail": remind_by_mail,
        "description": description,
    }
    if target is not None:
        values |= {
            "target_type": type_of(target).key,
            "target_id": target.pk,
            "root_id": root_id_of(target),
        }
    return create_record(
        record_type("task"), values, by=by, label=_("Planned “%(title)s”") % {"title": values["title"]}
    )


def complete_task(task_id: UUID, *, by: User) -> Written:
    """Done, now; something happened with its record. A second time changes nothing.

    Raises Task.DoesNotExist.
    """
    values = {"done_at": now()}
    return _set(task_id, values, by=by, label=_("Completed “%(title)s”"), when_done=False, then=_touch_target)


def _touch_target(task: Task) -> None:
    kind = next((each for each in record_types() if each.key == task.target_type), None)
    record = kind.everything().filter(pk=task.target_id).first() if kind else None
    if record is not None:
        touch_records(record, task.root_id, at=task.done_at)


def reopen_task(task_id: UUID, *, by: User) -> Written:
    """To be done after all. Raises Task.DoesNotExist."""
    return _set(task_id, {"done_at": None}, by=by, label=_("Reopened “%(title)s”"), when_done=True)


def snooze_task(task_id: UUID, *, by: User, until: dt.date | None = None) -> Written:
    """To another day, the next working day by default; a time of day is kept. Raises Task.DoesNotExist."""
    task = visible_tasks(to=by).get(pk=task_id)
    until = until or next_working_day(max(today(), task.due_on or today()), working_hours(by.team_id))
    values: dict[str, Any] = {"due_on": until}
    moved = until - task.due_on if task.due_on else None
    if task.due_at and moved is not None:
        values["due_at"] = task.due_at + moved
    if task.remind_at and moved is not None:
        values |= {"remind_at": task.remind_at + moved, "reminded_at": None}
    return _set(task_id, values, by=by, label=_("Moved “%(title)s” to another day"), when_done=False)


def _set(
    task_id: UUID,
    values: dict[str, Any],
    *,
    by: User,
    label: str,
    when_done: bool,
    then: Callable[[Task], None] = lambda task: None,
) -> Written:
    """Write `values` if the task is (or is not) done; else nothing, so that a second click is harmless."""
    title = visible_tasks(to=by).values_list("title", flat=True).get(pk=task_id)
    with change(label=label % {"title": title}, by=by) as entry:
        task = visible_tasks(to=by).select_for_update(of=("self",)).get(pk=task_id)
        if (task.done_at is not None) is when_done:
            task = update_record(record_type("task"), task, values, by=by).record
            then(task)
    return Written([task], entry.batch)
