"""How timeline entries are said and drawn."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any
from uuid import UUID

from django.utils import formats
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from core.clock import today
from crm.activities.selectors.attachments import file_shelf
from crm.activities.selectors.targets import targets_of
from crm.activities.selectors.timeline import Entry, authors_of
from crm.activities.views.moment_html import Moment, MomentWriter
from tenants.people.models import User


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
    writer = MomentWriter(to=to)

    def drawn(entry: Entry) -> str:
        who = people.get(entry.who_id, "") if entry.who_id else ""
        target = targets.get(entry.target_id) if entry.target_id else None
        shown = files.get(entry.values.get("activity_id"), [])
        return writer.html(Moment(entry, who, target, shown))

    days = groupby(entries, key=lambda entry: localtime(entry.at).date())
    return [(day_name(day), [drawn(entry) for entry in group]) for day, group in days]


def _files_of(entries: Iterable[Entry]) -> Any:
    shelf = file_shelf()
    ids = [entry.values["activity_id"] for entry in entries if "activity_id" in entry.values]
    return shelf.files_of(ids) if shelf and ids else {}
