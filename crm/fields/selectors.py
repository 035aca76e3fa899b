"""Reading a workspace's own fields and layouts."""

from typing import Any

from django.db.models import QuerySet

from core.records.models import ShapedRecord
from core.records.rights import within
from core.records.types import RecordType, record_type, record_types
from crm.fields.models import CustomField, CustomRecord, CustomType, FieldLayout
from crm.fields.rules.definitions import path_of


def shapeable_types() -> list[RecordType]:
    """The record types that can have fields of the workspace's own."""
    return [kind for kind in record_types() if issubclass(kind.model, ShapedRecord)]


def shapeable_type(key: str) -> RecordType:
    """Raises KeyError."""
    return {kind.key: kind for kind in shapeable_types()}[key]


def visible_custom_records(key: str, *, to: Any) -> QuerySet[CustomRecord]:
    """The records of a type that the workspace made, as a person may see them."""
    return within(CustomRecord.objects.filter(record_type=key), record_type(key), to=to)


def own_types(*, retired: bool = False) -> list[CustomType]:
    """The record types that the workspace made; retired: those that are not offered any more."""
    return list(CustomType.objects.filter(retired_at__isnull=not retired))


def linkable_types() -> list[RecordType]:
    """What a link may refer to: whatever has records that are looked at one by one."""
    return [kind for kind in record_types() if kind.creatable]


def own_fields(kind_key: str, *, retired: bool = False) -> list[CustomField]:
    """In their order; retired: those that are not offered any more."""
    rows = CustomField.objects.filter(record_type=kind_key, retired_at__isnull=not retired)
    return list(rows.order_by("position", "created_at", "pk"))


def layout_of(kind_key: str) -> FieldLayout | None:
    return FieldLayout.objects.filter(record_type=kind_key).first()


def filled_count(kind: RecordType, field: CustomField, cap: int = 1000) -> int:
    """On how many records the field has a value, the bin included; counted up to cap + 1."""
    filled = {f"{path_of(field.kind, field.key)}__isnull": False}
    rows: Any = kind.everything().filter(**filled)
    return int(rows.order_by().values("pk")[: cap + 1].count())
