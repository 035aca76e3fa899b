"""What people type about tasks and activities, read into the services' words."""

import datetime as dt
from typing import Any

from django import forms
from django.utils.timezone import get_current_timezone, localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.activities.models import TASK_KINDS, Task
from tenants.people.selectors import assignable_people
from web.pickers import SearchedSelect

MORNING = dt.time(9)
"""When a reminder for a task without a time of day arrives."""

_KEEP = "keep"
_REMINDERS = {
    "": gettext_lazy("No reminder"),
    "0": gettext_lazy("At that time"),
    "10": gettext_lazy("10 minutes before"),
    "60": gettext_lazy("1 hour before"),
    "1440": gettext_lazy("1 day before"),
}


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class TimeInput(forms.TimeInput):
    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


def moment_of(day: dt.date, time: dt.time) -> dt.datetime:
    """A time of day in the person's zone, aware."""
    return dt.datetime.combine(day, time, tzinfo=get_current_timezone())


def reminder_choices() -> list[tuple[str, Any]]:
    """(minutes before it is due as text, words), the first for none."""
    return list(_REMINDERS.items())


class TaskForm(forms.Form):
    """`planned` is what `plan_task` takes and what an edit writes."""

    title = forms.CharField(label=gettext_lazy("Title"), max_length=200)
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"), required=False, choices=lambda: [(k.value, k.label) for k in TASK_KINDS]
    )
    owner = forms.ChoiceField(label=gettext_lazy("Owner"), required=False, widget=SearchedSelect)
    due_on = forms.DateField(label=gettext_lazy("Due"), required=False, widget=DayInput)
    due_time = forms.TimeField(label=gettext_lazy("Time"), required=False, widget=TimeInput)
    reminder = forms.ChoiceField(label=gettext_lazy("Reminder"), required=False)
    remind_by_mail = forms.BooleanField(label=gettext_lazy("Also remind by mail"), required=False)
    description = forms.CharField(
        label=gettext_lazy("Description"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    wide = ("title", "description")

    def __init__(self, *args: Any, task: Task | None = None, by: Any = None, **options: Any) -> None:
        self.task = task
        initial = {"owner": str(by.pk) if by else "", "kind": TASK_KINDS[0], **options.pop("initial", {})}
        if task is not None:
            initial = _initial_of(task)
        super().__init__(*args, initial=initial, **options)
        people = [(str(pk), name) for pk, name in assignable_people().values_list("pk", "name")]
        if task is not None and task.owner_id and str(task.owner_id) not in dict(people):
            people.append((str(task.owner_id), task.owner.name))
        owner: Any = self.fields["owner"]
        owner.choices, owner.widget.attrs["data-label"] = people, owner.label
        reminders = reminder_choices()
        if initial.get("reminder") == _KEEP:
            reminders.append((_KEEP, _("As it is set")))
        self.fields["reminder"].choices = reminders  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("due_time") and not cleaned.get("due_on") and "due_on" not in self.errors:
            self.add_error("due_on", _("A time needs its day."))
        if cleaned.get("reminder") not in (None, "", _KEEP) and not cleaned.get("due_on"):
            self.add_error("reminder", _("A reminder needs the day that the task is due."))
        return cleaned

    @property
    def planned(self) -> dict[str, Any]:
        """Values by attribute, after `is_valid`."""
        cleaned = self.cleaned_data
        day, time = cleaned["due_on"], cleaned["due_time"]
        due_at = moment_of(day, time) if day and time else None
        return {
            "title": cleaned["title"],
            "kind": cleaned["kind"] or TASK_KINDS[0].value,
            "due_on": day,
            "due_at": due_at,
            "remind_at": self._remind_at(due_at or (moment_of(day, MORNING) if day else None)),
            "remind_by_mail": cleaned["remind_by_mail"],
            "description": cleaned["description"],
        }

    def _remind_at(self, due: dt.datetime | None) -> dt.datetime | None:
        choice = self.cleaned_data["reminder"]
        if choice == _KEEP and self.task is not None:
            return self.task.remind_at
        return due - dt.timedelta(minutes=int(choice)) if choice and due else None


def _initial_of(task: Task) -> dict[str, Any]:
    return {
        "title": task.title,
        "kind": task.kind,
        "owner": str(task.owner_id or ""),
        "due_on": task.due_on,
        "due_time": localtime(task.due_at).time() if task.due_at else None,
        "reminder": _reminder_of(task),
        "remind_by_mail": task.remind_by_mail,
        "description": task.description,
    }


def _reminder_of(task: Task) -> str:
    """The choice that gives the task's reminder; `keep` when none does."""
    if task.remind_at is None:
        return ""
    due = task.due_at or (moment_of(task.due_on, MORNING) if task.due_on else None)
    minutes = str(int((due - task.remind_at).total_seconds() // 60)) if due else _KEEP
    return minutes if minutes in _REMINDERS else _KEEP


class ActivityForm(forms.Form):
    """What the composer sends about something that happened; also its correction."""

    text = forms.CharField(
        label=gettext_lazy("Text"), max_length=50_000, widget=forms.Textarea(attrs={"rows": 5})
    )
    day = forms.DateField(label=gettext_lazy("Day"), required=False, widget=DayInput)
    time = forms.TimeField(label=gettext_lazy("Time"), required=False, widget=TimeInput)
    minutes = forms.IntegerField(label=gettext_lazy("Minutes"), required=False, min_value=0, max_value=1440)

    wide = ("text",)

    @property
    def at(self) -> dt.datetime | None:
        """None for now; a day without a time means noon, or now when it is today."""
        day, time = self.cleaned_data["day"], self.cleaned_data["time"]
        present = localtime()
        if day is None and time is None:
            return None
        if time is None:
            return None if day == present.date() else moment_of(day, dt.time(12))
        return moment_of(day or present.date(), time)
