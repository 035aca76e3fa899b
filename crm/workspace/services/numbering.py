"""Giving out numbers: one after the other without gaps, under a lock that ends with the record's transaction."""

import datetime as dt
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from core.clock import now
from core.errors import DomainError
from core.history.context import change
from core.ids import uuid7
from core.outbox.sending import send_on_commit
from core.records.numbering import NUMBER
from core.records.search import index_records
from core.records.types import RecordType, record_type
from crm.workspace.models import NumberCounter
from crm.workspace.rules.numbers import Numbering, check_pattern, format_number, period_of
from crm.workspace.selectors.numbering import (
    TOPIC,
    as_stored,
    numbered_types,
    numbering_of,
    waiting_records,
    workspace_day,
)
from tenants.people.rights import require_administrator
from tenants.people.workspace_settings import keep_setting

_CHUNK = 500
_HIGHEST = 10**12


def set_numbering(
    key: str, *, on: bool, pattern: str, reset: str, counter: int | None = None, by: Any
) -> UUID:
    """counter: the next count of the present period; None leaves it. Raises NotAllowed, DomainError by field."""
    require_administrator(by)
    kind = _numbered(key)
    pattern = pattern.strip()
    check_pattern(pattern, reset)
    if counter is not None and not 1 <= counter < _HIGHEST:
        message = _("A whole number from 1 on.")
        raise DomainError(message, fields={"counter": message})
    before = numbering_of(key)
    since = before.since if before and before.on and before.since else now().isoformat()
    words = {"types": kind.label_plural}
    with change(label=_("Set the numbering of %(types)s") % words, by=by) as entry:
        keep_setting(f"{TOPIC}.{key}", as_stored(Numbering(pattern, reset, on, since)))
        if counter is not None:
            period = period_of(reset, workspace_day())
            NumberCounter.objects.update_or_create(series=key, period=period, defaults={"upcoming": counter})
    return entry.batch


def ask_to_number_existing(key: str, *, by: Any) -> UUID:
    """Have all records without a number numbered, in the order in which they were made. The batch that can be undone.

    Raises NotAllowed, DomainError while the type is not numbered.
    """
    require_administrator(by)
    _numbered(key)
    numbering = numbering_of(key)
    if numbering is None or not numbering.on:
        raise DomainError(_("Switch the numbering on first."))
    batch = uuid7()
    with change(label=_("Asked for numbers"), by=by):
        send_on_commit("workspace.number_existing", key, str(batch), str(by.pk))
    return batch


def number_existing(key: str, *, batch: UUID, by: UUID | None) -> int:
    """Chunk by chunk, each a transaction; how many records got a number. A second run goes on where one stopped."""
    kind = _numbered(key)
    return len(list(_number_all(kind, waiting_records(kind), batch=batch, by=by)))


def number_written(kind: RecordType, batch: UUID | None) -> Iterable[UUID]:
    """For core.records.numbering: what was made in bulk since the numbering was switched on."""
    numbering = numbering_of(kind.key)
    if numbering is None or not numbering.on:
        return []
    made_since = waiting_records(kind).filter(created_at__gte=dt.datetime.fromisoformat(numbering.since))
    return _number_all(kind, made_since, batch=batch, by=None)


def assign_numbers(kind: RecordType, records: list[Any]) -> None:
    """For core.records.numbering: new records, inside the transaction that saves them."""
    numbering = numbering_of(kind.key)
    if numbering is None or not numbering.on:
        return
    for record, number in zip(records, _take(kind, numbering, workspace_day(), len(records)), strict=True):
        setattr(record, NUMBER, number)


def _number_all(kind: RecordType, waiting: Any, *, batch: UUID | None, by: UUID | None) -> Iterable[UUID]:
    words = {"types": kind.label_plural}
    while True:
        with change(label=_("Numbered %(types)s") % words, by=by, batch=batch):
            # Without their keys: whoever makes a record below one of these holds the counter and waits for its key.
            chunk = list(waiting.select_for_update(no_key=True)[:_CHUNK])
            numbering = numbering_of(kind.key)
            if numbering is None or not numbering.on:  # switched off since it was asked for
                return
            _number_chunk(kind, numbering, chunk)
        index_records(kind, [record.pk for record in chunk])
        yield from (record.pk for record in chunk)
        if len(chunk) < _CHUNK:
            return


def _number_chunk(kind: RecordType, numbering: Numbering, chunk: list[Any]) -> None:
    """Each by the day on which it was made: of an older year it gets that year's number."""
    by_day: dict[dt.date, list[Any]] = {}
    for record in chunk:
        by_day.setdefault(workspace_day(record.created_at), []).append(record)
    for day, records in by_day.items():
        for record, number in zip(records, _take(kind, numbering, day, len(records)), strict=True):
            setattr(record, NUMBER, number)
    kind.model._base_manager.bulk_update(chunk, [NUMBER])


def _take(kind: RecordType, numbering: Numbering, day: dt.date, count: int) -> list[str]:
    """The next so many numbers that no record has. Locks the counter until the transaction ends."""
    counter, _made = NumberCounter.objects.select_for_update().get_or_create(
        series=kind.key, period=period_of(numbering.reset, day)
    )
    found: list[str] = []
    while len(found) < count:
        wanted = count - len(found)
        numbers = [format_number(numbering.pattern, counter.upcoming + step, day) for step in range(wanted)]
        taken = set(kind.everything().filter(**{f"{NUMBER}__in": numbers}).values_list(NUMBER, flat=True))
        found += [number for number in numbers if number not in taken]
        counter.upcoming += wanted
    counter.save(update_fields=["upcoming"])
    return found


def _numbered(key: str) -> RecordType:
    if key not in {kind.key for kind in numbered_types()}:
        raise DomainError(_("Records of this type have no numbers."))
    return record_type(key)
