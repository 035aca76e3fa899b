"""How timeline entries are said and drawn."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any
from uuid import UUID

from django.template.loader import render_to_string
from django.utils import formats
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.clock import now, today
from core.records.fields import Choice
from core.records.types import record_type
from crm.activities.attachments import FileLink, file_shelf
from crm.activities.targets import Target, targets_of
from crm.activities.timeline import Entry, authors_of
from tenants.people.models import User

_LOOKS = {
    "note": ("message-square", ""),
    "call": ("phone", "green"),
    "meeting": ("calendar", "blue"),
    "visit": ("map-pin", "teal"),
    "mail": ("mail", "blue"),
    "task": ("square-check", "green"),
    "stage": ("arrow-right", "violet"),
    "created": ("plus", ""),
}
MAIL_STUCK = dt.timedelta(minutes=10)
"""After so long, a mail that is still on its way is offered to be sent again."""


def day_name(day: dt.date) -> str:
    """'Today', 'Yesterday', 'Tuesday 17 November'; with the year when it is another one."""
    here = today()
    if day == here:
        return _("Today")
    if day == here - dt.timedelta(days=1):
        return _("Yesterday")
    # Translators: a day of this year, in Django's date format: Tuesday 17 November
    style = _("l j F") if day.year == here.year else "DATE_FORMAT"
    return formats.date_format(day, style)


def draw_timeline(
    entries: Sequence[Entry], *, here: UUID, to: Any, known: Mapping[UUID, str] | None = None
) -> list[tuple[str, list[str]]]:
    """[(day, [html])]. here: the record whose page it is; entries about others name them.

    known: names of people that the caller has at hand.
    """
    people = dict(known or {})
    if unknown := authors_of(entries) - people.keys():
        people.update(User.objects.filter(pk__in=unknown).values_list("pk", "name"))
    others = [(entry.target_type, entry.target_id) for entry in entries if entry.target_id != here]
    targets = targets_of(others, to=to)
    files = _files_of(entries)
    drawn = (
        (
            localtime(entry.at).date(),
            draw_entry(
                entry,
                who=people.get(entry.who_id, "") if entry.who_id else "",
                target=targets.get(entry.target_id) if entry.target_id else None,
                files=files.get(entry.values.get("activity_id"), []),
                to=to,
            ),
        )
        for entry in entries
    )
    return [
        (day_name(day), [html for _day, html in group])
        for day, group in groupby(drawn, key=lambda each: each[0])
    ]


def _files_of(entries: Iterable[Entry]) -> Any:
    shelf = file_shelf()
    ids = [entry.values["activity_id"] for entry in entries if "activity_id" in entry.values]
    return shelf.files_of(ids) if shelf and ids else {}


def draw_entry(entry: Entry, *, who: str, target: Target | None, files: Sequence[FileLink], to: Any) -> str:
    icon, tone = _LOOKS[entry.what]
    mine = entry.who_id == to.pk or to.may_administer
    context = {
        "entry": entry,
        "who": who or _("Guanxi"),
        "what": _sentence(entry),
        "target": target,
        "reached": _stage_label(entry),
        "icon": icon,
        "tone": tone,
        "when": formats.time_format(localtime(entry.at), "TIME_FORMAT"),
        "files": files,
        "mail": _mail_state(entry) if entry.what == "mail" else None,
        "may_change": mine and "activity_id" in entry.values and entry.what != "mail",
    }
    return render_to_string("crm/activities/_moment.html", context)


def _sentence(entry: Entry) -> str:
    """What somebody did, after their name."""
    minutes = entry.values.get("minutes")
    lasted = ngettext("%(count)d min", "%(count)d min", minutes) % {"count": minutes} if minutes else ""
    said = {
        "note": _("wrote a note"),
        "call": _("called, %(lasted)s") % {"lasted": lasted} if lasted else _("called"),
        "meeting": _("met, %(lasted)s") % {"lasted": lasted} if lasted else _("met"),
        "visit": _("visited, %(lasted)s") % {"lasted": lasted} if lasted else _("visited"),
        "mail": _("sent a mail"),
        "task": _("completed “%(title)s”") % {"title": entry.values.get("title", "")},
        "created": _("created this record"),
        "stage": _("moved to"),
    }
    return said[entry.what]


def _stage_label(entry: Entry) -> str:
    if entry.what != "stage":
        return ""
    stage = record_type(entry.target_type).field("stage")
    option = stage.option_of(entry.values["stage"]) if isinstance(stage, Choice) else None
    return str(option.label) if option else "—"


def _mail_state(entry: Entry) -> dict[str, Any]:
    state = entry.values.get("state", "")
    stuck = state in ("queued", "sending") and now() - entry.values["touched_at"] > MAIL_STUCK
    return {
        "state": "failed" if stuck else state,
        "reason": _("It is not known whether this mail left.") if stuck else entry.values.get("reason", ""),
        "to": ", ".join(entry.values.get("to", [])),
        "cc": ", ".join(entry.values.get("cc", [])),
        "subject": entry.values.get("title", ""),
    }
