"""Values of the fields that a workspace makes for itself: two JSON columns of every record.

`custom` holds what people enter, `computed` what follows from it (formulas, roll-ups, keys to sort by) and can be
made again. A field's value stands under its key, whose first letter says how it is kept:

t text · n number · d date · m moment · h time of day · b yes or no · i id · l list of texts

so that numbers stay exact, days are days, and no text is ever taken for one. Empty values have no key. In lookups
a value is `custom__<key>`: `filter(custom__n_margin__gte=…)`, `order_by("custom__n_margin")` and `values_list` go
through Django's own key transforms, which an index on `(custom -> 'n_margin')` serves.
"""

import datetime as dt
import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
from django.db import models
from django.db.models.fields.json import KeyTransform

CUSTOM = "custom"
COMPUTED = "computed"
_MOMENT = "%Y-%m-%dT%H:%M:%S.%f+00:00"
_COLUMNS = (CUSTOM, COMPUTED)


def column_of(attribute: str) -> str:
    """The column that an attribute is kept in: 'custom' for 'custom__t_size', the attribute itself otherwise."""
    column, apart, _key = attribute.partition("__")
    return column if apart and column in _COLUMNS else attribute


def key_of(attribute: str) -> str:
    """'t_size' for 'custom__t_size', '' for an attribute with a column of its own."""
    column, apart, key = attribute.partition("__")
    return key if apart and column in _COLUMNS else ""


def read_attribute(record: Any, attribute: str) -> Any:
    """The value under an attribute of a record, whichever way it is kept; None when a JSON column lacks it."""
    key = key_of(attribute)
    return getattr(record, column_of(attribute)).get(key) if key else getattr(record, attribute)


def read_stored(columns: Mapping[str, Any], attribute: str) -> Any:
    """As read_attribute, of a record that is at hand as its columns by name."""
    key = key_of(attribute)
    return columns[column_of(attribute)].get(key) if key else columns.get(attribute)


def write_attribute(record: Any, attribute: str, value: Any) -> None:
    """Put a value under an attribute of a record; an empty one goes from a JSON column."""
    key = key_of(attribute)
    if not key:
        setattr(record, attribute, value)
        return
    column = column_of(attribute)
    # A new mapping each time: what was read before stays as it was, to be compared with.
    setattr(record, column, laid_over(getattr(record, column), {key: value}))


def laid_over(values: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The values with the changes; what became empty is gone."""
    return {key: value for key, value in {**values, **changes}.items() if value not in (None, "", [])}


def flat(values: Mapping[str, Any]) -> dict[str, Any]:
    """Columns → attributes: {'custom': {'t_size': 'L'}} becomes {'custom__t_size': 'L'}; `computed` is left out."""
    found = {name: value for name, value in values.items() if name not in _COLUMNS}
    found.update({f"{CUSTOM}__{key}": value for key, value in (values.get(CUSTOM) or {}).items()})
    return found


def packed(values: Mapping[str, Any]) -> dict[str, Any]:
    """Attributes → columns, the other way round; the JSON column as JSON that is already written."""
    own = {key_of(name): value for name, value in values.items() if key_of(name)}
    found = {name: value for name, value in values.items() if not key_of(name)}
    if own:
        found[CUSTOM] = orjson.Fragment(json.dumps(own, cls=_ExactEncoder))
    return found


class _ExactEncoder(json.JSONEncoder):
    """Numbers as they are, days and moments as ISO text."""

    def encode(self, o: Any) -> str:
        if isinstance(o, Decimal):
            return format(o, "f")
        if isinstance(o, Mapping):
            return (
                "{"
                + ",".join(f"{self.encode(str(key))}:{self.encode(value)}" for key, value in o.items())
                + "}"
            )
        if isinstance(o, dt.datetime):
            return f'"{o.astimezone(dt.UTC).strftime(_MOMENT)}"'
        if isinstance(o, dt.date | dt.time):
            return f'"{o.isoformat()}"'
        if isinstance(o, UUID):
            return f'"{o}"'
        return super().encode(o)


class _ExactDecoder(json.JSONDecoder):
    def __init__(self, **options: Any) -> None:
        super().__init__(**options | {"parse_float": Decimal})


_READERS: dict[str, Callable[[str], Any]] = {
    "d": dt.date.fromisoformat,
    "m": dt.datetime.fromisoformat,
    "h": dt.time.fromisoformat,
    "i": UUID,
}


def read_value(key: str, value: Any) -> Any:
    """A value out of JSON as its key says that it is kept."""
    reader = _READERS.get(key[:1])
    return reader(value) if reader is not None and isinstance(value, str) else value


class CustomValues(models.JSONField):
    """A JSON object of values by key, each with the type that its key names."""

    def __init__(self, **options: Any) -> None:
        fixed: dict[str, Any] = {"default": dict, "db_default": {}, "editable": False}
        super().__init__(encoder=_ExactEncoder, decoder=_ExactDecoder, **{**options, **fixed})

    def deconstruct(self) -> Any:
        name, path, args, options = super().deconstruct()
        for fixed in ("encoder", "decoder", "default", "db_default", "editable"):
            options.pop(fixed, None)
        return name, path, args, options

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        if isinstance(expression, KeyTransform):
            if value is None:
                return None
            return read_value(expression.key_name, json.loads(value, cls=self.decoder))
        found = super().from_db_value(value, expression, connection)
        if not isinstance(found, dict):
            return found
        return {key: read_value(key, each) for key, each in found.items()}
