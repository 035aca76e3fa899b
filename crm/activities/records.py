"""Tasks, declared once. Activities are no record type: they live on timelines."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Q
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from core.records.fields import Choice, Date, LongText, Moment, Option, Person, Section, Text, YesNo
from core.records.types import BulkPreparer, Preset, RecordType, Verb
from crm.activities.models import TASK_KINDS, Task
from crm.activities.selectors.activities import visible_tasks
from crm.activities.selectors.targets import targets_of
from web.shell import Place


def _prepare(task: Task) -> None:
    """A time of day decides the day; a reminder moved into the future is due again."""
    if task.due_at is not None:
        task.due_on = localtime(task.due_at).date()
    if task.reminded_at and task.remind_at and task.remind_at > task.reminded_at:
        task.reminded_at = None


def _prepare_many() -> BulkPreparer:
    """The same for an import, which has no reminders."""

    def prepare(values: dict[str, Any], before: Mapping[str, Any] | None, titles: Mapping[str, str]) -> None:
        if values["due_at"] is not None:
            values["due_on"] = localtime(values["due_at"]).date()

    return prepare


def _page(request: Any, task: Task) -> Mapping[str, Any]:
    """The record that the task is about stands as the page's main button."""
    if not task.target_id:
        return {}
    target = targets_of([(task.target_type, task.target_id)], to=request.user).get(task.target_id)
    return {"primary": Place(target.title, target.url, target.kind.icon)} if target else {}


TASK = RecordType(
    key="task",
    counted=False,
    slug="tasks",
    model=Task,
    label=_("task"),
    label_plural=_("tasks"),
    icon="list-checks",
    shortcut="t",
    title="title",
    order="due_on",
    owner="owner",
    hangs_on=("target_id", "root_id"),
    finished=Q(done_at__isnull=False),
    fields=[
        Text(
            name="title",
            label=_("Title"),
            required=True,
            search=True,
            aliases=("task", "subject", "任务", "主题"),
        ),
        Choice(
            name="kind",
            label=_("Kind"),
            options=lambda: [Option(kind.value, kind.label) for kind in TASK_KINDS],
            aliases=("type", "task type", "类型"),
        ),
        Person(name="owner", label=_("Owner"), icon="user", aliases=("assigned to", "assignee", "负责人")),
        Date(
            name="due_on",
            label=_("Due"),
            sort="due_on",
            icon="calendar",
            aliases=("due date", "deadline", "截止日期", "到期日"),
        ),
        Moment(name="due_at", label=_("At"), icon="clock", aliases=("due at", "time", "时间")),
        Moment(name="remind_at", label=_("Remind"), icon="bell", importable=False),
        YesNo(name="remind_by_mail", label=_("Remind by mail"), importable=False),
        Moment(name="done_at", label=_("Done"), icon="circle-check", aliases=("completed", "完成时间")),
        LongText(name="description", label=_("Description"), width="wide", aliases=("notes", "备注", "描述")),
        Moment(name="updated_at", label=_("Changed"), read_only=True, importable=False, sort="updated_at"),
    ],
    columns=["title", "kind", "due_on", "owner", "done_at"],
    layout=[
        Section(_("Details"), ("title", "kind", "owner", "due_on", "due_at", "done_at", "description")),
        Section(_("Reminder"), ("remind_at", "remind_by_mail")),
    ],
    subtitle=["kind", "owner"],
    facts=["due_on", "owner", "done_at", "remind_at"],
    presets=[
        Preset(_("My open tasks"), "f=owner.me.&f=done_at.empty.&sort=due_on"),
        Preset(_("Overdue"), "f=done_at.empty.&f=due_on.period.before_today&sort=due_on"),
    ],
    verbs=[
        Verb("complete", _("Complete"), "check", "task_tick", only_if=lambda task: task.done_at is None),
        Verb(
            "postpone", _("To another day"), "calendar", "task_snooze", only_if=lambda task: not task.done_at
        ),
    ],
    timeline=False,
    visible=visible_tasks,
    prepare=_prepare,
    bulk_prepare=_prepare_many,
    page_context=_page,
)
