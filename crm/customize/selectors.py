"""Reading picklists: what stands in each, and how often each choice is chosen."""

from collections import Counter
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count

from core.records.fields import Choice, Choices
from core.records.types import RecordType, record_types
from crm.customize.models import PicklistItem


@dataclass(frozen=True, slots=True)
class UsedItem:
    """A choice and on how many records it is chosen, the bin included."""

    item: PicklistItem
    uses: int


@dataclass(frozen=True, slots=True)
class Picklist:
    """label: as its first field is called. places: the plural names of the record types that have it."""

    key: str
    label: Any
    places: list[str]
    items: list[UsedItem]


def picklists() -> list[Picklist]:
    """Every picklist that a record type declares, in the order of the record types. Uses are not counted."""
    items: dict[str, list[PicklistItem]] = {}
    for item in PicklistItem.objects.all():
        items.setdefault(item.picklist, []).append(item)
    return [_described(key, items.get(key, []), Counter()) for key in _keys()]


def picklist(key: str) -> Picklist:
    """Raises KeyError for a key that no record type declares."""
    if key not in _keys():
        raise KeyError(key)
    return _described(key, list(PicklistItem.objects.filter(picklist=key)), uses_of(key))


def fields_with(key: str) -> list[tuple[RecordType, Choice]]:
    """The fields whose choices this picklist gives."""
    return [(kind, field) for kind in record_types() for field in kind.choices if field.picklist == key]


def uses_of(key: str) -> Counter[UUID]:
    """How many records have each choice, the bin included. One query a field."""
    uses: Counter[UUID] = Counter()
    for kind, field in fields_with(key):
        column = field.attribute
        everything = kind.everything().filter(**{f"{column}__isnull": False})
        if isinstance(field, Choices):
            lists = everything.values_list(column, flat=True).iterator(chunk_size=2000)
            uses.update(UUID(each) for chosen in lists for each in chosen)
        else:
            uses.update(dict(everything.order_by().values_list(column).annotate(Count("pk"))))
    return uses


def _keys() -> list[str]:
    found = (field.picklist for kind in record_types() for field in kind.choices if field.picklist)
    return list(dict.fromkeys(found))


def _described(key: str, items: list[PicklistItem], uses: Counter[UUID]) -> Picklist:
    fields = fields_with(key)
    return Picklist(
        key,
        fields[0][1].label,
        [str(kind.label_plural) for kind, _field in fields],
        [UsedItem(item, uses[item.pk]) for item in items],
    )
