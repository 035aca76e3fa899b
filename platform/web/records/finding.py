"""The palette's search and the pickers' options."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core.records.models import Visit
from core.records.search import Hit, search
from core.records.types import RecordType, record_types
from web.pickers import other_names
from web.shell import Place

_RECENT = 6
_OPTIONS = 20


@require_safe
@login_required
def palette(request: HttpRequest) -> HttpResponse:
    """Records that match `q`, by type; without `q` those looked at last."""
    query = request.GET.get("q", "").strip()[:200]
    if query:
        hits = search(query, to=request.user, limit=20)
        groups = [
            (str(kind.label_plural).capitalize(), [_item(h) for h in hits if h.record_type is kind])
            for kind in dict.fromkeys(hit.record_type for hit in hits)
        ]
    else:
        recent = recent_records(request.user, limit=_RECENT)
        groups = [(_("Recent"), [_item(hit) for hit in recent])] if recent else []
    return render(request, "web/_palette_results.html", {"groups": groups})


def recent_records(user: Any, *, limit: int) -> list[Hit]:
    """What the person looked at last, newest first, as far as it is still there."""
    kinds = {kind.key: kind for kind in record_types()}
    visits = list(Visit.objects.filter(person=user, record_type__in=kinds).order_by("-at")[: limit * 2])
    titles: dict[Any, str] = {}
    for key in {visit.record_type for visit in visits}:
        kind = kinds[key]
        ids = [visit.record_id for visit in visits if visit.record_type == key]
        titles.update(kind.visible(to=user).filter(pk__in=ids).values_list("pk", kind.title))
    return [
        Hit(kinds[visit.record_type], visit.record_id, titles[visit.record_id], "")
        for visit in visits
        if visit.record_id in titles
    ][:limit]


def _item(hit: Hit) -> dict[str, Any]:
    return {"label": hit.title, "sub": hit.subtitle, "icon": hit.record_type.icon, "href": hit.url}


@require_safe
@login_required
def pick(request: HttpRequest, kind: RecordType) -> JsonResponse:
    """Options for a picker of this type: [{value, text, note, find}]."""
    query = request.GET.get("q", "").strip()[:200]
    if query:
        hits = search(query, to=request.user, types=[kind], limit=_OPTIONS)
        options = [option_of(hit.id, hit.title, hit.subtitle, found_by=query) for hit in hits]
    else:
        order = kind.field(kind.title).sort or "pk"
        rows = kind.visible(to=request.user).order_by(order, "pk").values_list("pk", kind.title)[:_OPTIONS]
        options = [option_of(pk, title) for pk, title in rows]
    return JsonResponse(options, safe=False)


def option_of(pk: Any, text: str, note: str = "", *, found_by: str = "") -> dict[str, str]:
    """A picker's option. find: what the picker itself may find it by while the next letter is typed.

    found_by: the query that the server answers, which may have met a number or a mail that is not shown.
    """
    return {"value": str(pk), "text": text, "note": note, "find": f"{other_names(text)} {found_by}".strip()}


def places_of_types() -> list[Place]:
    """A menu entry a record type that has a list of its own."""
    return [
        Place(str(kind.label_plural).capitalize(), kind.list_url, kind.icon, kind.shortcut)
        for kind in record_types()
        if kind.creatable
    ]
