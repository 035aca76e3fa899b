"""What fields look like in a file, as expressions that the database computes.

Row by row in Python an export of 100,000 records takes ten times what the database needs for it.
`Field.written` gives the expression; a test compares each cell with what `Field.told` and `Field.raw` give.
"""

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

from django.db.models import CharField, DateTimeField, F, Func, TextField, Value
from django.db.models.expressions import Combinable
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce

from core.records.custom import key_of

# Letters of Django's formats → patterns of to_char. A letter that is missing here is a KeyError, and a failing test.
_PATTERNS = {"Y": "YYYY", "m": "MM", "n": "FMMM", "M": "Mon", "d": "DD", "j": "FMDD", "H": "HH24", "i": "MI"}


def as_text(lookup: str) -> Combinable:
    """The column as text, exact: 12.50, 2026-03-01; NULL stays NULL."""
    return KT(lookup) if key_of(lookup) else Cast(F(lookup), TextField())


def trimmed_text(lookup: str) -> Cast:
    """A number as text without zeros behind its last decimal: 12.5 for 12.500."""
    return Cast(Func(F(lookup), function="trim_scale"), TextField())


def label_of(lookup: str, labels: Mapping[str, str]) -> Func:
    """The label of the value, NULL for one that is none of these. labels: by value as text, '' for an empty one."""
    stored: Any = as_text(lookup)
    if "" in labels:
        stored = Coalesce(stored, Value("", TextField()))
    # One JSON constant, looked up by key: a CASE would compare each row with half of the options.
    known = Value(json.dumps(dict(labels)), CharField())
    return Func(
        known, stored, template="((%(expressions)s))", arg_joiner="::jsonb) ->> (", output_field=TextField()
    )


def labels_of_list(lookup: str, labels: Mapping[str, str], between: str) -> Func:
    """The labels of a JSON list of values, in its order; NULL for none. Values without a label are left out."""
    chosen = "SELECT string_agg(known.labels::jsonb ->> value, known.between ORDER BY place)"
    return Func(
        Value(json.dumps(dict(labels)), CharField()),
        Value(between, CharField()),
        F(lookup),
        template=f"({chosen} FROM (SELECT %(expressions)s) AS known (labels, between, list),"
        " jsonb_array_elements_text(known.list) WITH ORDINALITY AS one (value, place))",
        arg_joiner=", ",
        output_field=TextField(),
    )


def moment_text(lookup: str, style: str, zone: dt.tzinfo) -> Func:
    """A moment in a zone, as Django's `dateformat` writes it. style: e.g. 'j M Y, H:i'."""
    pattern = "".join(_PATTERNS[each] if each.isascii() and each.isalpha() else f'"{each}"' for each in style)
    moment = Cast(KT(lookup), DateTimeField()) if key_of(lookup) else F(lookup)
    local = Func(Value(str(zone), CharField()), moment, function="timezone", output_field=TextField())
    return Func(local, Value(pattern, CharField()), function="to_char", output_field=TextField())
