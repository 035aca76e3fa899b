"""What every record view does first: who asks, about which record."""

from functools import lru_cache
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest

from core.ids import read_uuid
from core.records.fields import Showing
from core.records.rights import Verb, as_seen_by, require
from core.records.types import RecordType, current_type
from core.tenancy.scope import current_snapshot


def visible_record(request: HttpRequest, kind: RecordType, record_id: UUID) -> Any:
    """The record with all that its fields show. 404 when the person may not see it.

    Of accounts, people and teams that it names, the title alone is read: the rest comes when it is asked for.
    """
    rows = kind.visible(to=request.user).select_related(*kind.joins).only(*_shown(kind))
    found = rows.order_by().filter(pk=record_id).first()
    if found is None:
        raise Http404
    return found


def seen_kind(request: HttpRequest, kind: RecordType) -> RecordType:
    """For a room's own page of a type: as the person sees it. Raises NotAllowed when they see none of it."""
    require(request.user, kind, Verb.SEE)
    return as_seen_by(current_type(kind), request.user)


@lru_cache(maxsize=1024)
def _shown(kind: RecordType) -> tuple[str, ...]:
    """The record's own columns, and of those it refers to what its fields select."""
    own = [column.name for column in kind.model._meta.concrete_fields]
    joined = [field for field in kind.fields if field.name in kind.joins]
    return *own, *(lookup for field in joined for lookup in field.select if "__" in lookup)


def showing() -> Showing:
    """How values are shown in this workspace."""
    return Showing(currency=current_snapshot().currency)


def chosen_ids(request: HttpRequest, name: str = "pick") -> list[UUID]:
    """Ids ticked in a list, malformed ones left out."""
    ids = map(read_uuid, request.POST.getlist(name))
    return list(dict.fromkeys(each for each in ids if each))
