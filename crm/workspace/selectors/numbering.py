"""How records are numbered: what is set for each type, and what comes next."""

import datetime as dt
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from core.clock import today
from core.records.numbering import NUMBER
from core.records.types import RecordType, record_types
from core.tenancy.scope import workspace_zone
from crm.workspace.models import NumberCounter
from crm.workspace.rules.numbers import Numbering, format_number, period_of
from tenants.people.workspace_settings import setting

TOPIC = "numbering"
_READY = {"account": "A-{0000}", "opportunity": "O-{YYYY}-{0000}", "product": "P-{0000}"}


@dataclass(frozen=True, slots=True)
class Series:
    """A type that can be numbered. upcoming: the next two numbers. waiting: how many records have none."""

    kind: RecordType
    numbering: Numbering
    counter: int
    upcoming: list[str]
    waiting: int


def numbering_of(key: str) -> Numbering | None:
    """What is set for a record type; None until somebody did."""
    stored = setting(f"{TOPIC}.{key}")
    return Numbering(**stored) if stored else None


def is_numbered(key: str) -> bool:
    """Whether new records of the type get numbers."""
    found = numbering_of(key)
    return found is not None and found.on


def when_numbered(key: str) -> Callable[[], bool]:
    """For a field's `in_use`."""
    return partial(is_numbered, key)


def numbered_types() -> list[RecordType]:
    """The types whose records have a place for a number."""
    return [kind for kind in record_types() if hasattr(kind.model, NUMBER)]


def series_of(kind: RecordType) -> Series:
    """As the settings show it."""
    numbering = numbering_of(kind.key) or Numbering(_READY.get(kind.key, "{0000}"), on=False)
    counter = next_counter(kind.key, numbering.reset, workspace_day())
    return Series(kind, numbering, counter, preview(numbering, counter), waiting_records(kind).count())


def preview(numbering: Numbering, counter: int) -> list[str]:
    """The next two numbers; what is taken already is passed over when its turn comes."""
    day = workspace_day()
    return [format_number(numbering.pattern, counter + step, day) for step in (0, 1)]


def next_counter(key: str, reset: str, day: dt.date) -> int:
    """The next count of a series on this day."""
    found = NumberCounter.objects.filter(series=key, period=period_of(reset, day))
    return found.values_list("upcoming", flat=True).first() or 1


def waiting_records(kind: RecordType) -> Any:
    """Those without a number, the bin included, in the order in which they were made."""
    return kind.everything().filter(**{NUMBER: ""}).order_by("created_at", "pk")


def workspace_day(at: dt.datetime | None = None) -> dt.date:
    """The calendar day in the workspace's zone: numbers do not depend on who looks."""
    zone = workspace_zone()
    return at.astimezone(zone).date() if at else today(zone)


def as_stored(numbering: Numbering) -> dict[str, Any]:
    """Plain JSON."""
    return asdict(numbering)
