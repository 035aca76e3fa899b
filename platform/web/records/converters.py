"""`<record_type:kind>` in a URL: the slug of a registered record type, given to the view as RecordType."""

from django.urls import register_converter

from core.records.types import RecordType, record_types


class RecordTypeConverter:
    regex = "[a-z][a-z0-9-]{1,39}"

    def to_python(self, value: str) -> RecordType:
        """Raises ValueError for an unknown slug: the next pattern is tried."""
        for each in record_types():
            if each.slug == value:
                return each
        raise ValueError(value)

    def to_url(self, value: RecordType) -> str:
        return value.slug


register_converter(RecordTypeConverter, "record_type")
