"""Finding records by what people remember of them. The one module that reads and writes search documents,
and the named query module for them.

One or two characters use the token index (a Chinese pair, the first letters of a word or of its pinyin);
longer queries use trigrams over the folded text. Candidates are capped before they are ranked.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from django.db import connection, transaction
from django.db.models import Q, QuerySet

from core.records.fields import Field, Showing
from core.records.in_use import fields_without_use
from core.records.models import SearchDocument
from core.records.rights import Scope, Verb, rights_of
from core.records.text import fold, query_tokens, search_text, search_tokens
from core.records.types import RecordType, record_type, record_types

_CANDIDATES = 500
_BATCH = 1000
_FEW = 20
_WRITE = """
    INSERT INTO records_searchdocument
        (id, record_type, title, subtitle, text, tokens, owner_id, team_id)
    SELECT id, record_type, title, subtitle, text, tokens, owner_id, team_id
    FROM jsonb_to_recordset(%s::jsonb) AS document (
        id uuid, record_type text, title text, subtitle text, text text, tokens text[],
        owner_id uuid, team_id uuid
    )
    ON CONFLICT (id) DO UPDATE SET
        record_type = EXCLUDED.record_type, title = EXCLUDED.title, subtitle = EXCLUDED.subtitle,
        text = EXCLUDED.text, tokens = EXCLUDED.tokens,
        owner_id = EXCLUDED.owner_id, team_id = EXCLUDED.team_id
"""


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
    rows = _matching(query).filter(_seen(query, wanted.values(), to))
    candidates = list(rows.values_list("id", "record_type", "title", "subtitle")[:_CANDIDATES])
    candidates.sort(key=lambda row: _rank(query, row[2]))
    rights = rights_of(to)
    # As declared: a type that somebody was given without its hidden fields knows nothing of them.
    told = {key: rights.shows(declared := record_type(key), *declared.subtitle) for key in wanted}
    hits = [
        Hit(wanted[key], row_id, title, subtitle if told[key] else "")
        for row_id, key, title, subtitle in candidates
    ]
    return _visible(hits[: limit * 3], to=to)[:limit]


def matching_ids(query: str, record_type: RecordType, *, to: Any) -> QuerySet[Any]:
    """Ids of one type's records that match what `to` may read of them, as a subquery for a list."""
    found = _matching(query).filter(record_type=record_type.key)
    return (found if _reads_all(record_type, to) else found.filter(_in_title(query))).values("id")


def _seen(query: str, kinds: Iterable[RecordType], to: Any) -> Q:
    """Documents of records that the person may see: what others match must not crowd theirs out."""
    rights = rights_of(to)
    whole, found = [], Q(pk__in=[])
    for kind in kinds:
        scope = rights.scope(kind, Verb.SEE)
        if scope == Scope.ALL and _reads_all(kind, to):
            whole.append(kind.key)
        elif scope != Scope.NONE:
            rows = Q(record_type=kind.key, pk__in=kind.visible(to=to).order_by().values("pk"))
            found |= rows if _reads_all(kind, to) else rows & _in_title(query)
    return Q(record_type__in=whole) | found


def _reads_all(kind: RecordType, to: Any) -> bool:
    """Whether none of what its documents hold is hidden from the person."""
    declared = record_type(kind.key)
    # What is hidden from everybody is no secret: its words may go on finding the record.
    names = {each.name for each in declared.searched} - fields_without_use(declared)
    return rights_of(to).shows(declared, *names)


def _in_title(query: str) -> Q:
    """By the title alone: what else the document holds would tell of hidden fields."""
    found = Q()
    for word in query.split():
        found &= Q(title__icontains=word)
    return found


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
    with transaction.atomic():
        if len(wanted) > _BATCH:
            _expect_many()
        for start in range(0, len(wanted), _BATCH):
            _index_batch(record_type, wanted[start : start + _BATCH])


def reindex_where(record_type: RecordType, name: str, value: str) -> int:
    """The documents of all records whose field has this value; returns how many."""
    held = record_type.living().filter(record_type.field(name).having(value))
    ids = list(held.values_list("pk", flat=True))
    index_records(record_type, ids)
    return len(ids)


def reindex_changed(record_type: RecordType, ids: list[UUID], changed: Set[str] | None) -> None:
    """After a write. changed: attributes that now differ in any of the records; None for new ones.

    Nothing is done when no document shows what changed; a moved card changes its subtitle alone, and its
    texts need not be taken apart anew.
    """
    found_by = {each.attribute for each in record_type.searched} | {"deleted_at"}
    found_by.add(record_type.field(record_type.title).attribute)
    found_by |= {f"{name}_id" for name in (record_type.owner, record_type.team) if name}
    subtitle = [record_type.field(name) for name in record_type.subtitle]
    if changed is None or changed & found_by or len(ids) > _FEW:
        index_records(record_type, ids)
    elif changed & {each.attribute for each in subtitle}:
        lookups = [lookup for each in subtitle for lookup in each.select]
        told = [_teller(each) for each in subtitle]
        for pk, *values in record_type.living().filter(pk__in=ids).values_list("pk", *lookups):
            shown = _joined(_texts(told, values))
            SearchDocument.objects.filter(pk=pk).update(subtitle=shown)


def _expect_many() -> None:
    """Let the two indexes take their entries in larger portions: by the thousand it halves the time."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '64MB'")
        cursor.execute("SET LOCAL gin_pending_list_limit = '64MB'")


def _index_batch(record_type: RecordType, ids: list[UUID]) -> None:
    documents = list(_documents(record_type, ids))
    gone = set(ids) - {document["id"] for document in documents}
    if gone:
        SearchDocument.objects.filter(pk__in=gone).delete()
    if documents:
        with connection.cursor() as cursor:
            # One parameter of JSON: the ORM's own way spends more on thirty tokens a row than the database.
            cursor.execute(_WRITE, [orjson.dumps(documents).decode()])


def reindex(record_type: RecordType) -> int:
    """Rebuild all documents of one type; returns how many records were read."""
    count = 0
    batch: list[UUID] = []
    for pk in record_type.living().order_by("pk").values_list("pk", flat=True).iterator():
        batch.append(pk)
        if len(batch) == _BATCH:
            _index_batch(record_type, batch)
            count, batch = count + len(batch), []
    _index_batch(record_type, batch)
    return count + len(batch)


def _documents(record_type: RecordType, ids: list[UUID]) -> Iterator[dict[str, Any]]:
    """Read as plain values and with each choice's options once: an import indexes by the hundred thousand."""
    title = record_type.field(record_type.title)
    searched = [each for each in record_type.searched if each is not title]
    subtitle = [record_type.field(name) for name in record_type.subtitle]
    told = [_teller(each) for each in (title, *searched, *subtitle)]
    lookups = [lookup for each in (title, *searched, *subtitle) for lookup in each.select]
    scope = [f"{name}_id" for name in (record_type.owner, record_type.team) if name]
    rows = record_type.living().filter(pk__in=ids).values_list("pk", *scope, *lookups)
    for pk, *values in rows:
        owners = dict(zip(scope, values, strict=False))
        texts = _texts(told, values[len(scope) :])
        parts = texts[: 1 + len(searched)]
        yield {
            "id": pk,
            "record_type": record_type.key,
            "title": parts[0][:300],
            "subtitle": _joined(texts[len(parts) :]),
            "text": search_text(*parts),
            "tokens": search_tokens(*parts),
            "owner_id": owners.get(f"{record_type.owner}_id"),
            "team_id": owners.get(f"{record_type.team}_id"),
        }


def _texts(told: Sequence[tuple[int, Callable[[Sequence[Any]], str]]], values: Sequence[Any]) -> list[str]:
    texts, at = [], 0
    for width, tell in told:
        texts.append(tell(values[at : at + width]))
        at += width
    return texts


def _joined(texts: Iterable[str]) -> str:
    return " · ".join(text for text in texts if text)[:300]


def _teller(field: Field) -> tuple[int, Callable[[Sequence[Any]], str]]:
    """(how many values the field takes, what makes text of them)."""
    return len(field.select), field.told(Showing())
