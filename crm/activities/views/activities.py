"""Pages and answers of activities and tasks."""

from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.clock import today
from core.records.rights import Verb, is_offered_new, require
from core.records.text import fold, search_text
from core.records.types import RecordType, record_types
from core.records.writing import Written, update_record
from crm.activities.forms import ActivityForm, TaskForm
from crm.activities.models import Activity, Task
from crm.activities.records import TASK
from crm.activities.rules import agenda
from crm.activities.selectors.activities import done_tasks, open_tasks, visible_activities, visible_tasks
from crm.activities.selectors.timeline import read_cursor, read_timeline
from crm.activities.services.activities import (
    bin_activity,
    complete_task,
    edit_activity,
    log_activity,
    plan_task,
    reopen_task,
    snooze_task,
)
from crm.activities.views.moments import draw_timeline
from crm.activities.views.task_rows import task_rows
from tenants.people.models import User
from tenants.people.selectors import active_people
from web.answers import go, show_form, told
from web.records.access import chosen_ids, seen_kind, visible_record
from web.records.listing import record_list
from web.shell import Place

_TASKS_SHOWN = 200
_PEOPLE_OFFERED = 8


@require_safe
@login_required
def timeline_more(request: HttpRequest, kind: RecordType, record_id: UUID) -> HttpResponse:
    """An earlier part of a timeline: the answer takes the place of its button."""
    record = visible_record(request, kind, record_id)
    page = read_timeline(kind, record, to=request.user, before=read_cursor(request.GET.get("before", "")))
    context = {
        "days": draw_timeline(page.entries, here=record.pk, to=request.user),
        "older_url": older_url(kind, record_id, page.older),
    }
    return render(request, "crm/activities/_days.html", context)


def older_url(kind: RecordType, record_id: UUID, cursor: Any) -> str:
    """Where "Show earlier" asks; '' at the end."""
    return f"/timeline/{kind.slug}/{record_id}/?before={cursor}".replace("+", "%2B") if cursor else ""


@require_POST
@login_required
def compose(request: HttpRequest, kind: RecordType, record_id: UUID) -> HttpResponse:
    """The composer: logs what happened, or plans what is to happen."""
    record = visible_record(request, kind, record_id)
    if not kind.timeline:
        raise Http404
    if request.POST.get("kind") == "task":
        return _compose_task(request, kind, record)
    form = ActivityForm(request.POST)
    if not form.is_valid():
        return _refused(request, kind, record, form)
    written = log_activity(
        record,
        kind=request.POST.get("kind", ""),
        text=form.cleaned_data["text"],
        at=form.at,
        minutes=form.cleaned_data["minutes"],
        mentions=chosen_ids(request, "mentions"),
        files=request.FILES.getlist("file"),
        by=request.user,
    )
    return _saved(request, kind.url_of(record.pk), _("Added to the timeline"), written.batch)


def _compose_task(request: HttpRequest, kind: RecordType, record: Any) -> HttpResponse:
    data = request.POST.copy()
    title, _newline, rest = data.get("text", "").strip().partition("\n")
    data["title"], data["description"] = title[:200], (title[200:] + rest).strip()
    data["kind"] = "task"
    form = TaskForm(data, by=request.user)
    if not form.is_valid():
        return _refused(request, kind, record, form)
    written = plan_task(target=record, owner=_owner(form), by=request.user, **form.planned)
    return _saved(request, kind.url_of(record.pk), _planned(written.record), written.batch)


def _planned(task: Task) -> str:
    return _("Planned “%(title)s”") % {"title": task.title}


def _owner(form: TaskForm) -> User | None:
    return User.objects.filter(pk=form.cleaned_data["owner"]).first() if form.cleaned_data["owner"] else None


def _refused(request: HttpRequest, kind: RecordType, record: Any, form: Any) -> HttpResponse:
    """What is wrong, in a toast: what was typed stays where it is."""
    problem = next(str(errors[0]) for errors in form.errors.values())
    if getattr(request, "htmx", False):
        return told(problem, tone="red", status=422)
    return go(request, kind.url_of(record.pk), problem)


def _saved(request: HttpRequest, back: str, text: str, batch: UUID | None) -> HttpResponse:
    """htmx: the parts of the page that show work fetch themselves anew. Else: back to the page."""
    if getattr(request, "htmx", False):
        return told(text, batch=batch, work_changed=True, dialog_done=True)
    wanted = request.GET.get("next", "")
    return go(request, wanted if is_own_path(wanted) else back, text, batch=batch)


def _saved_task(request: HttpRequest, written: Written, text: str) -> HttpResponse:
    """As `_saved`; a task's own page has no such part and is loaded again."""
    page = TASK.url_of(written.record.pk)
    if urlsplit(request.headers.get("HX-Current-URL", "")).path == page:
        return go(request, page, text, batch=written.batch)
    return _saved(request, "/tasks/", text, written.batch)


def is_own_path(path: str) -> bool:
    """Whether a path given in an address stays in this workspace."""
    return path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def edit_logged(request: HttpRequest, activity_id: UUID) -> HttpResponse:
    """Correct a note, a call, a meeting or a visit."""
    activity = _activity(request, activity_id)
    at = localtime(activity.at)
    initial = {"text": activity.body, "day": at.date(), "time": at.time(), "minutes": activity.minutes}
    form = ActivityForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        written = edit_activity(
            activity,
            text=form.cleaned_data["text"],
            at=form.at,
            minutes=form.cleaned_data["minutes"],
            by=request.user,
        )
        return _saved(request, "/", _("Saved"), written.batch)
    return _form(request, form, title=_("Change what was written"), submit=_("Save"))


@require_POST
@login_required
def delete_logged(request: HttpRequest, activity_id: UUID) -> HttpResponse:
    """Off the timeline; with an undo."""
    activity = _activity(request, activity_id)
    kind = next(each for each in record_types() if each.key == activity.target_type)
    target = visible_record(request, kind, activity.target_id)
    written = bin_activity(activity, target=target, by=request.user)
    return _saved(request, kind.url_of(target.pk), _("Deleted"), written.batch)


def _activity(request: HttpRequest, activity_id: UUID) -> Activity:
    activity = visible_activities(to=request.user).filter(pk=activity_id).first()
    if activity is None:
        raise Http404
    return activity


def _form(request: HttpRequest, form: Any, *, title: str, submit: str) -> HttpResponse:
    context = {
        "title": title,
        "form": form,
        "wide": form.wide,
        "submit": submit,
        "action": request.get_full_path(),
        "cancel_url": "/tasks/",
        "crumb": Place(_("Tasks"), "/tasks/", TASK.icon),
    }
    return show_form(request, context, refused=form.errors)


@require_safe
@login_required
def task_agenda(request: HttpRequest) -> HttpResponse:
    """Tasks by when they are due. With filters, a search or a sort in the address: the list."""
    kind = seen_kind(request, TASK)
    if set(request.GET) & {"f", "q", "sort", "cols", "col", "at"}:
        return record_list(request, kind)
    everybody = request.GET.get("who") == "all"
    done = request.GET.get("done") == "1"
    owner = None if everybody else request.user
    found = done_tasks if done else open_tasks
    tasks = list(found(to=request.user, owner=owner)[: _TASKS_SHOWN + 1])
    shown = tasks[:_TASKS_SHOWN]
    groups = [("", shown)] if done else [(group.due.value, group.tasks) for group in agenda(shown, today())]
    rows = task_rows(shown, to=request.user, faces=everybody)
    return render(
        request,
        "crm/activities/tasks.html",
        {
            "title": _("Tasks"),
            "tabs": [
                (_("My tasks"), "/tasks/", "", not everybody and not done),
                (_("Everybody's"), "/tasks/?who=all", "", everybody and not done),
                (_("Done"), "/tasks/?done=1", "", not everybody and done),
                (_("Done by everybody"), "/tasks/?done=1&who=all", "", everybody and done),
            ],
            "groups": [(due, [rows[task.pk] for task in members]) for due, members in groups],
            "more": len(tasks) > _TASKS_SHOWN,
            "table_url": f"/tasks/?sort={'-done_at' if done else 'due_on'}",
            "here": request.get_full_path(),
            "may_create": is_offered_new(request.user, TASK),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def new_task(request: HttpRequest) -> HttpResponse:
    """`?about=<type>:<id>` plans it for a record; `?title=`, `?kind=` and `?due_on=` fill fields."""
    require(request.user, TASK, Verb.CREATE)
    target = _about(request)
    filled = {name: request.GET[name][:200] for name in ("title", "kind", "due_on") if name in request.GET}
    form = TaskForm(request.POST if request.method == "POST" else None, by=request.user, initial=filled)
    if request.method == "POST" and form.is_valid():
        written = plan_task(target=target, owner=_owner(form), by=request.user, **form.planned)
        return _saved(request, "/tasks/", _planned(written.record), written.batch)
    return _form(request, form, title=_("New task"), submit=_("Plan"))


def _about(request: HttpRequest) -> Any:
    """The record in `?about=`. 404 for one that the person may not see."""
    key, _colon, record_id = request.GET.get("about", "").partition(":")
    if not key:
        return None
    kind = next((each for each in record_types() if each.key == key and each.timeline), None)
    try:
        return visible_record(request, kind, UUID(record_id)) if kind else _missing()
    except ValueError:
        return _missing()


def _missing() -> Any:
    raise Http404


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def edit_task(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """All of a task on one form."""
    task = visible_record(request, TASK, task_id)
    form = TaskForm(request.POST if request.method == "POST" else None, task=task)
    if request.method == "POST" and form.is_valid():
        owner = _owner(form)
        written = update_record(
            TASK, task, {**form.planned, "owner_id": owner.pk if owner else None}, by=request.user
        )
        return _saved_task(request, written, _("Saved"))
    return _form(request, form, title=_("Change “%(title)s”") % {"title": task.title}, submit=_("Save"))


@require_POST
@login_required
def tick_task(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Done, or open again: `open=1` in the address says which is wanted."""
    _task(request, task_id)
    turn = reopen_task if request.GET.get("open") == "1" else complete_task
    written = turn(task_id, by=request.user)
    task = written.record
    text = _("Completed “%(title)s”") if task.done_at else _("Reopened “%(title)s”")
    return _saved_task(request, written, text % {"title": task.title})


@require_POST
@login_required
def snooze(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """To the next working day."""
    _task(request, task_id)
    written = snooze_task(task_id, by=request.user)
    text = _("Moved “%(title)s” to another day") % {"title": written.record.title}
    return _saved_task(request, written, text)


def _task(request: HttpRequest, task_id: UUID) -> Task:
    task = visible_tasks(to=request.user).filter(pk=task_id).first()
    if task is None:
        raise Http404
    return task


@require_safe
@login_required
def mention_options(request: HttpRequest) -> HttpResponse:
    """People who are found by `q` (a fragment, pinyin or initials), for "@" in a text."""
    query = request.GET.get("q", "").strip()[:40]
    people = active_people().order_by("name_key", "id").values("id", "name", "job_title")
    # Looked through here, where pinyin and initials are known: those who can sign in are few.
    found = [each for each in people if fold(query) in search_text(each["name"])]
    context = {
        "people": [
            {"id": each["id"], "name": each["name"], "note": each["job_title"]}
            for each in found[:_PEOPLE_OFFERED]
        ]
    }
    return render(request, "web/_mention_options.html", context)
