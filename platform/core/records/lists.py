"""Reading one page of a list: filters, sort and columns from the URL, pages by keyset.

The position of a page is the sort value and id of its last row, carried in a signed cursor, so that
page 2,000 costs what page 1 costs. Empty values come last in either direction: a page is read from two
zones, filled and empty, and only the page on their border takes two queries.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.core import signing
from django.db.models import Model, Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from core.records.custom import key_of
from core.records.fields import Field
from core.records.filters import BadFilter, Filter, conditions, read_filter
from core.records.queries import Node, question, read_query, write_query
from core.records.search import matching_ids
from core.records.types import RecordType
from core.tenancy.signing import sign, unsign

PAGE_SIZE = 50
COUNT_CAP = 1000
_CURSOR = "list"


@dataclass(frozen=True)
class Sort:
    """field: None sorts by id (newest last)."""

    field: Field
    descending: bool = False

    @property
    def as_query(self) -> str:
        return f"{'-' if self.descending else ''}{self.field.name}"


@dataclass(frozen=True)
class ListRequest:
    """What the URL asks for, checked. problems: sentences about what was left out."""

    record_type: RecordType
    columns: tuple[Field, ...]
    filters: tuple[Filter, ...] = ()
    text: str = ""
    where: Node | None = None
    sort: Sort | None = None
    cursor: str = ""
    problems: tuple[str, ...] = ()

    @property
    def query(self) -> str:
        """The URL query without the position: what a saved view keeps."""
        return self.query_with()

    def query_with(self, **changes: Any) -> str:
        """The query with other filters, text, sort or columns, e.g. for a chip's removal."""
        wanted = replace(self, **changes)
        pairs = [("f", each.as_query) for each in wanted.filters]
        if wanted.where is not None:
            pairs.append(("w", write_query(wanted.where)))
        if wanted.text:
            pairs.append(("q", wanted.text))
        if wanted.sort and wanted.sort != default_sort(self.record_type):
            pairs.append(("sort", wanted.sort.as_query))
        if [each.name for each in wanted.columns] != list(self.record_type.columns):
            pairs.append(("cols", ",".join(each.name for each in wanted.columns)))
        return urlencode(pairs)


@dataclass(frozen=True)
class ListPage:
    """rows: (id, *values of the columns' select) tuples. number: counted from 1."""

    request: ListRequest
    rows: list[tuple[Any, ...]]
    number: int
    next_cursor: str
    previous_cursor: str

    @property
    def first_row(self) -> int:
        """Position of the page's first row in the list, from 1."""
        return (self.number - 1) * PAGE_SIZE + 1


def default_sort(record_type: RecordType) -> Sort | None:
    """The record type's own order."""
    name = record_type.order.lstrip("-")
    field = record_type.by_name.get(name)
    return Sort(field, record_type.order.startswith("-")) if field and field.sort else None


def read_request(record_type: RecordType, query: QueryDict, *, to: Any) -> ListRequest:
    """The URL's query as a request of `to`; what does not fit becomes a problem instead of an error."""
    problems: list[str] = []
    filters: list[Filter] = []
    for text in query.getlist("f"):
        try:
            filters.append(read_filter(record_type, text))
        except BadFilter as error:
            problems.append(str(error))
    names = [name for name in query.get("cols", "").split(",") if name in record_type.by_name]
    columns = tuple(record_type.by_name[name] for name in dict.fromkeys(names or record_type.columns))
    return ListRequest(
        record_type=record_type,
        columns=columns,
        filters=tuple(filters),
        text=query.get("q", "").strip()[:200],
        where=_read_where(record_type, query.get("w", ""), to, problems),
        sort=_read_sort(record_type, query.get("sort", ""), problems),
        cursor=query.get("at", ""),
        problems=tuple(problems),
    )


def _read_where(record_type: RecordType, text: str, to: Any, problems: list[str]) -> Node | None:
    if not text:
        return None
    try:
        return read_query(record_type, text, to=to)
    except BadFilter as error:
        problems.append(str(error))
        return None


def _read_sort(record_type: RecordType, text: str, problems: list[str]) -> Sort | None:
    field = record_type.by_name.get(text.lstrip("-"))
    if not text:
        return default_sort(record_type)
    if field is None or not field.sort:
        problems.append(_("This list cannot be sorted by “%(name)s”.") % {"name": text[:40]})
        return default_sort(record_type)
    return Sort(field, text.startswith("-"))


def queryset_of(request: ListRequest, *, to: Any) -> QuerySet[Any]:
    """All records the list is about, unsorted."""
    found = request.record_type.visible(to=to)
    narrowed = request.filters or request.text or request.where
    return found.filter(condition_of(request, to=to)) if narrowed else found


def condition_of(request: ListRequest, *, to: Any) -> Q:
    """Filters and search together."""
    condition = conditions(request.filters, me=to.pk)
    if request.where is not None:
        condition &= question(request.where, to=to)
    if request.text:
        condition &= Q(pk__in=matching_ids(request.text, request.record_type, to=to))
    return condition


def count_text(request: ListRequest, *, to: Any) -> str:
    """'37' or '1,000+': counting stops at COUNT_CAP."""
    return capped_text(queryset_of(request, to=to))


def capped_text(found: QuerySet[Any]) -> str:
    """As count_text, of any rows."""
    count = capped_count(found)
    return f"{COUNT_CAP:,}+" if count > COUNT_CAP else f"{count:,}"


def capped_count(found: QuerySet[Any]) -> int:
    """How many, counted by the database up to COUNT_CAP + 1."""
    return found.order_by().values("pk")[: COUNT_CAP + 1].count()


def read_page(request: ListRequest, *, to: Any, select: Sequence[str] | None = None) -> ListPage:
    """One page of PAGE_SIZE rows at the request's cursor; a cursor that is not ours starts at page 1.

    select: lookups to read in place of the columns' own.
    """
    position = _read_cursor(request)
    if select is None:
        select = [lookup for column in request.columns for lookup in column.select]
    lookups = ["pk", *select]
    sort_at = len(lookups)
    lookups.append(request.sort.field.sort if request.sort else "pk")
    rows = _Zones(queryset_of(request, to=to), request.sort, lookups).read(position, PAGE_SIZE + 1)
    more = len(rows) > PAGE_SIZE
    rows = rows[:PAGE_SIZE]
    if position.backwards:
        rows.reverse()
    number = max(1, position.number)
    has_next = bool(rows) and (more or position.backwards)
    has_previous = bool(rows) and number > 1
    return ListPage(
        request=request,
        rows=[row[:sort_at] for row in rows],
        number=number,
        next_cursor=_cursor(request, rows[-1], number + 1, False) if has_next else "",
        previous_cursor=_cursor(request, rows[0], number - 1, True) if has_previous else "",
    )


@dataclass(frozen=True)
class _Position:
    """Where a page begins: after (or, backwards, before) the row with this sort value and id."""

    value: Any = None
    row_id: UUID | None = None
    number: int = 1
    backwards: bool = False


def _cursor(request: ListRequest, row: Sequence[Any], number: int, backwards: bool) -> str:
    value = row[-1] if request.sort else None
    if isinstance(value, dt.date):
        value = value.isoformat()
    elif not isinstance(value, str | int | None):
        value = str(value)
    sort = request.sort.as_query if request.sort else ""
    payload = [request.record_type.key, sort, value, str(row[0]), number, backwards]
    return sign(payload, purpose=_CURSOR)


def _read_cursor(request: ListRequest) -> _Position:
    if not request.cursor:
        return _Position()
    try:
        key, sort, value, row_id, number, backwards = unsign(request.cursor, purpose=_CURSOR)
    except (signing.BadSignature, ValueError):
        return _Position()
    wanted = request.sort.as_query if request.sort else ""
    if key != request.record_type.key or sort != wanted:
        return _Position()
    return _Position(value, UUID(row_id), number, backwards)


def _is_nullable(model: type[Model], column: str) -> bool:
    return column != "pk" and (bool(key_of(column)) or bool(model._meta.get_field(column).null))


class _Zones:
    """Reads rows in order from the filled zone, then from the empty one; backwards the other way round."""

    def __init__(self, found: QuerySet[Any], sort: Sort | None, lookups: Sequence[str]) -> None:
        self.found, self.sort, self.lookups = found, sort, lookups
        self.column = sort.field.sort if sort else "pk"
        self.nullable = _is_nullable(found.model, self.column)

    def read(self, position: _Position, limit: int) -> list[tuple[Any, ...]]:
        started = position.row_id is not None
        in_empty = started and position.value is None and self.nullable
        zones = [False, True] if self.nullable else [False]
        if position.backwards:
            zones.reverse()
        if started:
            zones = zones[zones.index(in_empty) :]
        rows: list[tuple[Any, ...]] = []
        for empty in zones:
            here = position if started and empty == in_empty else replace(position, row_id=None)
            rows += self._zone(empty, here, limit - len(rows))
            if len(rows) >= limit:
                break
        return rows

    def _zone(self, empty: bool, position: _Position, limit: int) -> list[tuple[Any, ...]]:
        found = self.found
        if self.nullable:
            found = found.filter(**{f"{self.column}__isnull": empty})
        descending = bool(self.sort and self.sort.descending)
        ascending = descending == position.backwards
        by_value = not empty and self.column != "pk"
        if position.row_id is not None:
            found = found.filter(self._beyond(position, ascending, by_value))
        mark = "" if ascending else "-"
        order = [f"{mark}{self.column}", f"{mark}pk"] if by_value else [f"{mark}pk"]
        return list(found.order_by(*order).values_list(*self.lookups)[:limit])

    def _beyond(self, position: _Position, ascending: bool, by_value: bool) -> Q:
        than = "gt" if ascending else "lt"
        if not by_value:
            return Q(**{f"pk__{than}": position.row_id})
        # The redundant first bound lets PostgreSQL start in the middle of the index.
        return Q(**{f"{self.column}__{than}e": position.value}) & (
            Q(**{f"{self.column}__{than}": position.value}) | Q(**{f"pk__{than}": position.row_id})
        )
