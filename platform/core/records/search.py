"""Finding records by what people remember of them. The one module that reads search documents.

One or two characters use the token index (a Chinese pair, the first letters of a word or of its pinyin);
longer queries use trigrams over the folded text. Candidates are capped before they are ranked.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from core.records.fields import Showing
from core.records.models import SearchDocument
from core.records.text import fold, query_tokens, search_text, search_tokens
from core.records.types import RecordType, record_types

_CANDIDATES = 500
_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Hit:
    """One record found."""

    record_type: RecordType
    id: UUID
    title: str
    subtitle: str

    @property
    def url(self) -> str:
        return self.record_type.url_of(self.id)


def search(query: str, *, to: Any, types: Sequence[RecordType] = (), limit: int = 20) -> list[Hit]:
    """Best first: titles that begin with the query, then words that do, then the rest, shorter first."""
    wanted = {each.key: each for each in (types or record_types())}
    rows = _matching(query).filter(record_type__in=list(wanted))
    candidates = list(rows.values_list("id", "record_type", "title", "subtitle")[:_CANDIDATES])
    candidates.sort(key=lambda row: _rank(query, row[2]))
    hits = [Hit(wanted[key], row_id, title, subtitle) for row_id, key, title, subtitle in candidates]
    return _visible(hits[: limit * 3], to=to)[:limit]


def matching_ids(query: str, record_type: RecordType) -> QuerySet[Any]:
    """Ids of one type's records that match, as a subquery for a list."""
    return _matching(query).filter(record_type=record_type.key).values("id")


def _matching(query: str) -> QuerySet[SearchDocument]:
    documents = SearchDocument.objects.all()
    tokens = query_tokens(query)
    if tokens is not None:
        return documents.filter(tokens__contains=tokens)
    for word in fold(query).split():
        documents = documents.filter(text__contains=word)
    return documents if query.strip() else documents.none()


def _rank(query: str, title: str) -> tuple[int, int, str]:
    wanted, found = fold(query).strip(), fold(title)
    if found.startswith(wanted):
        tier = 0
    elif f" {wanted}" in f" {found}":
        tier = 1
    else:
        tier = 2
    return tier, len(found), found


def _visible(hits: list[Hit], *, to: Any) -> list[Hit]:
    """Those that the person may see: one query a type that occurs."""
    allowed: set[UUID] = set()
    for each in {hit.record_type for hit in hits}:
        ids = [hit.id for hit in hits if hit.record_type is each]
        allowed.update(each.visible(to=to).filter(pk__in=ids).values_list("pk", flat=True))
    return [hit for hit in hits if hit.id in allowed]


def index_records(record_type: RecordType, ids: Iterable[UUID]) -> None:
    """Bring the documents of these records up to date: written, or removed when they left the list."""
    wanted = list(ids)
    for start in range(0, len(wanted), _BATCH):
        _index_batch(record_type, wanted[start : start + _BATCH])


def _index_batch(record_type: RecordType, ids: list[UUID]) -> None:
    alive = list(record_type.model._default_manager.select_related(*record_type.joins).filter(pk__in=ids))
    documents = [_document(record_type, record) for record in alive]
    gone = set(ids) - {record.pk for record in alive}
    if gone:
        SearchDocument.objects.filter(pk__in=gone).delete()
    SearchDocument.objects.bulk_create(
        documents,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["record_type", "title", "subtitle", "text", "tokens", "owner_id", "team_id"],
    )


def reindex(record_type: RecordType) -> int:
    """Rebuild all documents of one type; returns how many records were read."""
    count = 0
    batch: list[UUID] = []
    for pk in record_type.model._default_manager.order_by("pk").values_list("pk", flat=True).iterator():
        batch.append(pk)
        if len(batch) == _BATCH:
            _index_batch(record_type, batch)
            count, batch = count + len(batch), []
    _index_batch(record_type, batch)
    return count + len(batch)


def _document(record_type: RecordType, record: Any) -> SearchDocument:
    showing = Showing()
    title = record_type.title_of(record)
    parts = [title]
    for field in record_type.searched:
        if field.name != record_type.title:
            parts.append(field.text(field.values_of(record), showing))
    subtitle = " · ".join(
        text
        for name in record_type.subtitle
        if (text := record_type.field(name).text(record_type.field(name).values_of(record), showing))
    )
    return SearchDocument(
        id=record.pk,
        record_type=record_type.key,
        title=title[:300],
        subtitle=subtitle[:300],
        text=search_text(*parts),
        tokens=search_tokens(*parts),
        owner_id=getattr(record, f"{record_type.owner}_id", None) if record_type.owner else None,
        team_id=getattr(record, f"{record_type.team}_id", None) if record_type.team else None,
    )
