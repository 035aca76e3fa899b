"""JSON of a record type: its fields by attribute ('account_id'), read and written like the pages do."""

import datetime as dt
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from rest_framework import serializers

from core.records.fields import Choice, Choices, Date, Field, Moment, Number, Reference, YesNo
from core.records.parsing import Unreadable
from core.records.types import RecordType


class ReadByField(serializers.Field):
    """Reads and shows a value through the record type's own field; numbers travel as text, exact."""

    def __init__(self, field: Field, **options: Any) -> None:
        self.record_field = field
        super().__init__(**options)

    def get_attribute(self, instance: Any) -> Any:
        return self.record_field.value_of(instance)

    def to_representation(self, value: Any) -> Any:
        return self.record_field.api_value(value)

    def to_internal_value(self, data: Any) -> Any:
        if data is None:
            data = ""
        if isinstance(data, bool):
            data = "yes" if data else "no"
        if isinstance(data, list) and isinstance(self.record_field, Choices):
            data = ",".join(map(str, data))
        if not isinstance(data, str | int | float):
            raise serializers.ValidationError("Give a text, a number, true, false or null.")
        try:
            return self.record_field.parse(str(data))
        except Unreadable as error:
            raise serializers.ValidationError(str(error))


def _schema_type(field: Field) -> dict[str, Any]:
    if isinstance(field, YesNo):
        return {"type": "boolean", **({"nullable": True} if field.nullable else {})}
    if isinstance(field, Choices):
        return {"type": "array", "items": {"type": "string"}}
    if isinstance(field, Reference) or (isinstance(field, Choice) and field.column):
        return {"type": "string", "format": "uuid", "nullable": True}
    if isinstance(field, Moment):
        return {"type": "string", "format": "date-time", "nullable": True}
    if isinstance(field, Date):
        return {"type": "string", "format": "date", "nullable": True}
    if isinstance(field, Number):
        kind = "string" if field.decimals else "integer"
        return {"type": kind, "nullable": True, **({"format": "decimal"} if field.decimals else {})}
    return {"type": "string"}


@lru_cache(maxsize=512)
def serializer_of(kind: RecordType) -> type[serializers.Serializer]:
    """The serializer class of a record type, e.g. `Account`."""
    attributes: dict[str, Any] = {
        "id": serializers.UUIDField(read_only=True),
        "created_at": serializers.DateTimeField(read_only=True, default_timezone=dt.UTC),
    }
    for field in kind.fields:
        attributes[field.api_name] = _described(field)(
            field,
            # A source that is the field's own name would be refused by the framework.
            **({"source": field.attribute} if field.attribute != field.api_name else {}),
            label=str(field.name),
            required=field.required and not field.read_only,
            read_only=field.read_only,
            allow_null=True,
        )
    name = "".join(part.title() for part in kind.key.split("-"))
    return type(name, (serializers.Serializer,), attributes)


def _described(field: Field) -> type[ReadByField]:
    """A subclass that tells drf-spectacular its JSON type."""
    from drf_spectacular.utils import extend_schema_field

    described = type(f"{type(field).__name__}Json", (ReadByField,), {})
    return extend_schema_field(_schema_type(field))(described)


# orjson writes what these fields hold just as their `api_value` does: ids and days as text, None as null.
# Exact numbers are written by `default=str`, as text too.
_WRITTEN_BY_ORJSON = {each.api_value for each in (Field, Choice, Reference, Date, Number)}


class RowReader:
    """Reads the rows of a list as JSON objects, without a serializer. One a record type, made once.

    select: the lookups of a row, behind the record's id.
    """

    def __init__(self, kind: RecordType) -> None:
        self.select = ("created_at", *(field.attribute for field in kind.fields))
        self._names = ("id", "created_at", *(field.api_name for field in kind.fields))
        self._others = [
            (field.api_name, field.api_value)
            for field in kind.fields
            if type(field).api_value not in _WRITTEN_BY_ORJSON
        ]

    def read(self, row: Sequence[Any]) -> dict[str, Any]:
        """For `orjson.dumps(…, default=str)`."""
        values = dict(zip(self._names, row, strict=True))
        for attribute, api_value in self._others:
            values[attribute] = api_value(values[attribute])
        return values


@lru_cache(maxsize=512)
def reader_of(kind: RecordType) -> RowReader:
    """The reader of a type, also of one that somebody sees without its hidden fields."""
    return RowReader(kind)
