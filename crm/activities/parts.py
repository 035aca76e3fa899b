"""What this room adds to every record page: the timeline and the next step."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.clock import today
from core.records.types import RecordType
from crm.activities.forms import reminder_choices
from crm.activities.rules import Due, due_of
from crm.activities.selectors.activities import next_task
from crm.activities.selectors.attachments import file_shelf
from crm.activities.selectors.timeline import read_cursor, read_timeline
from crm.activities.views.activities import older_url
from crm.activities.views.moments import draw_timeline
from crm.activities.views.task_rows import when_due
from tenants.people.selectors import assignable_people
from web.pickers import MOST_UNSEARCHED
from web.records.parts import Side, Tab


def _timeline(request: HttpRequest, kind: RecordType, record: Any) -> Mapping[str, Any]:
    before = read_cursor(request.GET.get("before", ""))
    page = read_timeline(kind, record, to=request.user, before=before)
    people = dict(assignable_people().values_list("pk", "name"))
    few = len(people) <= MOST_UNSEARCHED
    return {
        "days": draw_timeline(page.entries, here=record.pk, to=request.user, known=people),
        "older_url": older_url(kind, record.pk, page.older),
        "composer": {
            "action": f"/timeline/{kind.slug}/{record.pk}/add/",
            "mention_url": "/people/mentions/",
            "kinds": [
                ("note", _("Note"), "message-square"),
                ("call", _("Call"), "phone"),
                ("meeting", _("Meeting"), "calendar"),
                ("visit", _("Visit"), "map-pin"),
                ("task", _("Task"), "square-check"),
            ],
            "reminders": reminder_choices(),
            "owners": list(people.items()) if few else [(request.user.pk, people[request.user.pk])],
            "owner_source": "" if few else "/people/pick/",
            "owner": request.user.pk,
            "files": file_shelf() is not None,
        },
        "part_url": request.path,
    }


def _next_step(request: HttpRequest, kind: RecordType, record: Any) -> Mapping[str, Any]:
    if not kind.timeline:
        return {}
    task = next_task(record.pk, to=request.user)
    add_url = f"/tasks/new/?about={kind.key}:{record.pk}"
    if task is None:
        return {"next": {"add_url": add_url}}
    owner = f" · {task.owner.name}" if task.owner else ""
    return {
        "next": {
            "sentence": task.title,
            "when": f"{when_due(task) or _('No day set')}{owner}",
            "late": due_of(task.due_on, today()) is Due.OVERDUE,
            "done_url": f"/tasks/{task.pk}/tick/",
            "href": f"/tasks/{task.pk}/",
            "add_url": add_url,
        }
    }


TIMELINE = Tab(
    "timeline",
    gettext_lazy("Timeline"),
    "crm/activities/_timeline_tab.html",
    _timeline,
    only_for=lambda kind: kind.timeline,
)
NEXT_STEP = Side(_next_step)
