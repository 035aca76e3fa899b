"""The desk in sentences."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from django.utils import formats
from django.utils.timezone import localtime
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from core.money import format_money
from crm.activities.models import Kind, Task
from crm.activities.rules import Agenda, Due


def greeting(name: str, hour: int) -> str:
    """hour: of the person's own clock, 0 to 23."""
    if 5 <= hour < 12:
        return _("Good morning, %(name)s") % {"name": name}
    if 12 <= hour < 18:
        return _("Good afternoon, %(name)s") % {"name": name}
    return _("Good evening, %(name)s") % {"name": name}


def what_matters(groups: Sequence[Agenda[Task]], events: Sequence[Task], moment: dt.datetime) -> str:
    """One or two sentences: what is late, what is due, when the first appointment is."""
    counts = {group.due: len(group.tasks) for group in groups}
    said = []
    if late := counts.get(Due.OVERDUE):
        said.append(
            ngettext("%(count)d task is overdue.", "%(count)d tasks are overdue.", late) % {"count": late}
        )
    if due := counts.get(Due.TODAY):
        text = ngettext("%(count)d task is due today.", "%(count)d tasks are due today.", due)
        said.append(text % {"count": due})
    ahead = next((event for event in events if event.due_at >= moment and not event.done_at), None)
    if ahead is not None:
        time = formats.time_format(localtime(ahead.due_at), "TIME_FORMAT")
        sentences = {
            Kind.CALL: _("Your next call is at %(time)s."),
            Kind.VISIT: _("Your next visit is at %(time)s."),
        }
        said.append(sentences.get(Kind(ahead.kind), _("Your next meeting is at %(time)s.")) % {"time": time})
    if not said:
        return _("Nothing is due today.")
    # Chinese sentences end with a full-width stop, which brings its own space.
    return ("" if (get_language() or "").startswith("zh") else " ").join(said)


def change_of(amount: Decimal, currency: str) -> tuple[str, str]:
    """('+£1,200', 'green'): a difference with its sign and tone; ('', '') for none."""
    if not amount:
        return "", ""
    sign = "+" if amount > 0 else ""
    return f"{sign}{format_money(amount, currency, trim=True)}", "green" if amount > 0 else "red"


def birthday_day(day: dt.date, here: dt.date) -> str:
    """'Today', 'Tomorrow', 'Friday 20 November'."""
    if day == here:
        return _("Today")
    if day == here + dt.timedelta(days=1):
        return _("Tomorrow")
    # Translators: a day of this year, in Django's date format: Tuesday 17 November
    return formats.date_format(day, _("l j F"))
