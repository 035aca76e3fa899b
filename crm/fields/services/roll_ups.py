"""Roll-ups: what a record sums up of those that refer to it.

Kept in `computed` of the record above, so that it is listed, sorted and filtered like any other. A write to a record
below brings those above it up to date in the same transaction, under their locks: two writes at once follow each
other. Mass writes leave it to a task that goes through all.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Avg, Count, DecimalField, Max, Min, QuerySet, Sum
from django.db.models.fields.json import KT
from django.db.models.functions import Cast
from django.utils import timezone

from core.records.custom import key_of, laid_over, read_stored
from core.records.fields import Field, Link
from core.records.filters import BadFilter, conditions, read_filter
from core.records.types import RecordType, record_type, record_types
from core.tenancy.scope import workspace_zone
from crm.fields.models import CustomField, FieldKind
from crm.fields.rules.definitions import filters_of

_BATCH = 500
_FUNCTIONS = {"sum": Sum, "average": Avg, "least": Min, "most": Max}


@dataclass(frozen=True, slots=True)
class RollUp:
    """of: the type that is summed up. through: its link to the type above. options: as stored."""

    above: str
    key: str
    options: Mapping[str, Any]

    @property
    def of(self) -> RecordType:
        return record_type(self.options["of"])

    @property
    def link(self) -> Link | None:
        found = self.of.by_name.get(self.options["through"])
        return found if isinstance(found, Link) else None


def roll_ups_over(kind_key: str) -> list[RollUp]:
    """Those that sum up records of this type. One query where any record type has fields of its own."""
    rows = CustomField.objects.filter(kind=FieldKind.ROLL_UP, retired_at=None, options__of=kind_key)
    found = [RollUp(*row) for row in rows.values_list("record_type", "key", "options")]
    known = {kind.key for kind in record_types()}
    return [each for each in found if each.above in known and each.link is not None]


def roll_ups_of(above: str) -> list[RollUp]:
    """Those that records of this type have."""
    rows = CustomField.objects.filter(kind=FieldKind.ROLL_UP, retired_at=None, record_type=above)
    known = {kind.key for kind in record_types()}
    found = [RollUp(*row) for row in rows.values_list("record_type", "key", "options")]
    return [each for each in found if each.options["of"] in known and each.link is not None]


def follow(kind_key: str, *, records: Sequence[Any], stored: Mapping[UUID, Mapping[str, Any]] | None) -> None:
    """After records were written: bring up to date what sums them up, also where they were before."""
    for each in roll_ups_over(kind_key):
        link = each.link
        if link is None:
            continue
        above = {link.value_of(record) for record in records}
        above |= {read_stored(before, link.attribute) for before in (stored or {}).values()}
        refresh(each.above, roll_ups=[each], ids=[pk for pk in above if pk])


def refresh(above: str, *, roll_ups: Sequence[RollUp], ids: Iterable[UUID]) -> int:
    """Work these roll-ups out anew for the records with these ids, and what follows from them; how many changed."""
    kind, changed = record_type(above), 0
    wanted = sorted(set(ids))
    for start in range(0, len(wanted), _BATCH):
        batch = wanted[start : start + _BATCH]
        rows = kind.everything().filter(pk__in=batch).order_by("pk")
        # Not FOR UPDATE: a record below that refers to one of these holds a lock on its key.
        records = list(rows.select_for_update(no_key=True, of=("self",)))
        changed += _write(kind, records, roll_ups)
    return changed


def refresh_everything(kind_key: str) -> int:
    """Every roll-up over records of this type, for all records above; how many changed."""
    found: dict[str, list[RollUp]] = {}
    for each in roll_ups_over(kind_key):
        found.setdefault(each.above, []).append(each)
    changed = 0
    for above, roll_ups in found.items():
        ids: list[UUID] = list(record_type(above).everything().values_list("pk", flat=True))
        for start in range(0, len(ids), _BATCH):
            with transaction.atomic():
                changed += refresh(above, roll_ups=roll_ups, ids=ids[start : start + _BATCH])
    return changed


def _write(kind: RecordType, records: list[Any], roll_ups: Sequence[RollUp]) -> int:
    before = [record.computed for record in records]
    ids = [record.pk for record in records]
    for each in roll_ups:
        with timezone.override(workspace_zone()):  # "this month" is the same for whoever writes from wherever
            values = _values(each, ids)
        for record in records:
            found = values.get(record.pk, 0 if each.options["function"] == "count" else None)
            record.computed = laid_over(record.computed, {each.key: found})
    for record in records:
        kind.derive(record)
    changed = [record for record, was in zip(records, before, strict=True) if record.computed != was]
    if changed:
        kind.model._base_manager.bulk_update(changed, ["computed"], batch_size=_BATCH)
    return len(changed)


def _values(each: RollUp, ids: Sequence[UUID]) -> dict[UUID, Any]:
    """What each record above sums up to; without one where nothing refers to it."""
    link = each.link
    if link is None:
        return {}
    lookup = f"{link.attribute}__in"
    rows: QuerySet[Any] = each.of.living().filter(**{lookup: list(ids)})
    rows = rows.filter(_condition(each)).order_by().values_list(link.attribute)
    function = each.options["function"]
    if function == "count":
        return dict(rows.annotate(found=Count("pk")))
    field = each.of.by_name.get(each.options.get("field", ""))
    if field is None:
        return {}
    return {
        pk: _rounded(each, found) for pk, found in rows.annotate(found=_FUNCTIONS[function](_summed(field)))
    }


def _condition(each: RollUp) -> Any:
    filters = []
    for text in filters_of(each.options):
        try:
            filters.append(read_filter(each.of, text))
        except BadFilter:  # a field that went since: what it narrowed is not narrowed any more
            continue
    return conditions(filters, me=None)


def _summed(field: Field) -> Any:
    if not key_of(field.attribute):
        return field.attribute
    return Cast(KT(field.attribute), DecimalField(max_digits=30, decimal_places=8))


def _rounded(each: RollUp, value: Any) -> Any:
    if isinstance(value, Decimal | float | int):
        places = Decimal(1).scaleb(-int(each.options.get("decimals", 2)))
        return Decimal(str(value)).quantize(places, rounding="ROUND_HALF_UP")
    return value
