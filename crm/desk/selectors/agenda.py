"""What the desk shows beside figures and tasks."""

import calendar
import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, DateField, Exists, F, OuterRef, When
from django.db.models.functions import Coalesce, Greatest, TruncDate

from core.clock import start_of_day, today
from crm.accounts.models import Contact
from crm.accounts.selectors import visible_contacts
from crm.activities.models import Kind, Task
from crm.activities.selectors.activities import visible_tasks
from crm.opportunities.models import Opportunity
from crm.opportunities.selectors.opportunities import open_opportunities

BIRTHDAYS_AHEAD_DAYS = 7
QUIET_AFTER_DAYS = 14
_BIRTHDAYS_SHOWN = 6
_QUIET_SHOWN = 5
_FIRST_STAGE = dt.timedelta(minutes=1)
_EVENT_KINDS = (Kind.CALL, Kind.MEETING, Kind.VISIT)


@dataclass(frozen=True, slots=True)
class Birthday:
    """on: the day on which it falls next. age: reached on it; None when the year is not believable."""

    contact: Contact
    on: dt.date
    age: int | None


def birthday_orders(first: dt.date, days: int) -> dict[int, dt.date]:
    """month × 100 + day → the day, for `days` days beginning with `first`.

    Who was born on 29 February has the birthday on the 28th of a year without one.
    """
    orders: dict[int, dt.date] = {}
    for offset in range(days):
        day = first + dt.timedelta(days=offset)
        orders[day.month * 100 + day.day] = day
        if (day.month, day.day) == (2, 28) and not calendar.isleap(day.year):
            orders[229] = day
    return orders


def birthdays_soon(*, to: Any, first: dt.date | None = None) -> list[Birthday]:
    """Of contacts, today and in the seven days after; the next one first."""
    orders = birthday_orders(first or today(), BIRTHDAYS_AHEAD_DAYS + 1)
    contacts = visible_contacts(to=to).filter(birthday_order__in=list(orders)).select_related("account")
    # The order of the year is not the order of days around New Year.
    found = [_birthday(contact, orders[contact.birthday_order]) for contact in contacts[:500]]
    found.sort(key=lambda each: (each.on, each.contact.name_key))
    return found[:_BIRTHDAYS_SHOWN]


def _birthday(contact: Contact, on: dt.date) -> Birthday:
    age = on.year - contact.birthday.year
    return Birthday(contact, on, age if 0 < age < 120 else None)


def events_of(person: Any, *, day: dt.date | None = None) -> list[Task]:
    """A person's calls, meetings and visits with a time on a day; done ones too."""
    start = start_of_day(day or today())
    end = start_of_day((day or today()) + dt.timedelta(days=1))
    timed = visible_tasks(to=person).filter(owner=person, due_at__gte=start, due_at__lt=end)
    return list(timed.filter(kind__in=_EVENT_KINDS).order_by("due_at", "id")[:20])


def quiet_opportunities(*, to: Any, day: dt.date | None = None) -> list[Opportunity]:
    """Open, nothing logged for two weeks and nothing planned; the largest first.

    `silent_since`: the last activity, else the day it was opened; never before it came to its stage.
    """
    before = (day or today()) - dt.timedelta(days=QUIET_AFTER_DAYS)
    planned = Task.objects.filter(target_id=OuterRef("pk"), done_at__isnull=True)
    since = Coalesce(TruncDate("last_activity_at"), "opened_on", TruncDate("created_at"))
    # The first stage says nothing: an import puts years of opportunities into their stages today.
    moved = Case(When(stage_since__gt=F("created_at") + _FIRST_STAGE, then=TruncDate("stage_since")))
    found = open_opportunities(to=to).annotate(silent_since=Greatest(since, moved, output_field=DateField()))
    found = found.filter(~Exists(planned), silent_since__lte=before).select_related("account", "stage")
    return list(found.order_by(F("amount").desc(nulls_last=True), "id")[:_QUIET_SHOWN])
