"""Pages of a long list by keyset: the address names the last row, not a number of rows to skip."""

import base64
import binascii
import datetime as dt
import json
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import F, Field, Q, QuerySet
from django.utils.dateparse import parse_datetime

PAGE = 50


@dataclass(frozen=True, slots=True)
class Page:
    """rows in order; newer, older: cursors of the neighbouring pages, '' at an end."""

    rows: list[Any]
    newer: str = ""
    older: str = ""


def page_of(found: QuerySet[Any], *, by: Any, descending: bool, cursor: str, size: int = PAGE) -> Page:
    """Rows with `sort_value` annotated from the expression `by`. A cursor that cannot be read: the first page."""
    found = found.annotate(sort_value=F(by) if isinstance(by, str) else by)
    back, value, row_id = _read(cursor, found.model._meta.pk)
    if row_id is not None:
        found = found.filter(_beyond(value, row_id, downwards=descending != back))
    down = descending != back
    order = ["-sort_value", "-pk"] if down else ["sort_value", "pk"]
    rows = list(found.order_by(*order)[: size + 1])
    more, rows = len(rows) > size, rows[:size]
    if back:
        rows.reverse()
    if not rows:
        return Page([])
    older = _write(rows[-1], back=False) if more or back else ""
    newer = _write(rows[0], back=True) if (more if back else row_id is not None) else ""
    return Page(rows, newer, older)


def _beyond(value: Any, row_id: Any, *, downwards: bool) -> Q:
    step = "lt" if downwards else "gt"
    return Q(**{f"sort_value__{step}": value}) | Q(sort_value=value, **{f"pk__{step}": row_id})


def _write(row: Any, *, back: bool) -> str:
    value = row.sort_value
    plain = {"t": value.isoformat()} if isinstance(value, dt.datetime) else {"v": value}
    text = json.dumps({**plain, "i": str(row.pk), "b": back})
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read(cursor: str, key: Field) -> tuple[bool, Any, Any]:
    """(backwards, value of the sort, key of the row); no key for what cannot be read."""
    try:
        stored = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        value = parse_datetime(stored["t"]) if "t" in stored else stored["v"]
        if not isinstance(value, str | int | dt.datetime) or "\0" in str(value):
            return False, None, None
        return bool(stored["b"]), value, key.to_python(stored["i"])
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error, ValidationError):
        return False, None, None
