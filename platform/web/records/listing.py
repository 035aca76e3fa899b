"""The list of a record type. Its whole state stands in the address."""

from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core.entitlements import is_import_offered
from core.records.fields import Field
from core.records.lists import (
    ListPage,
    ListRequest,
    Sort,
    count_text,
    queryset_of,
    read_page,
    read_request,
)
from core.records.rights import Verb, is_offered_new, may
from core.records.types import RecordType
from web.modules import is_open
from web.records.access import showing
from web.records.narrowing import labels_of, narrowing, tell_address
from web.records.rows import rows_html
from web.shell import Place


@require_safe
@login_required
def record_list(request: HttpRequest, kind: RecordType) -> HttpResponse:
    """One page of the list; asked by its own search, too, which takes the parts that it needs."""
    query = request.GET.copy()
    if query.getlist("col"):  # the column chooser sends one parameter a column
        query["cols"] = ",".join(["name" if "name" in kind.by_name else kind.title, *query.pop("col")])
    wanted = read_request(kind, query, to=request.user)
    page = read_page(wanted, to=request.user)
    response = render(request, kind.list_template, list_context(request, kind, page))
    return tell_address(request, response, kind.list_url, wanted)


@require_safe
@login_required
def exact_count(request: HttpRequest, kind: RecordType) -> HttpResponse:
    """How many there are, counted to the end: asked for by a button, never by the page itself."""
    count = queryset_of(read_request(kind, request.GET, to=request.user), to=request.user).count()
    return HttpResponse(_("%(count)s in all") % {"count": f"{count:,}"})


def list_context(request: HttpRequest, kind: RecordType, page: ListPage) -> dict[str, Any]:
    """Everything web/list.html asks for."""
    wanted = page.request
    count = count_text(wanted, to=request.user)
    labels = labels_of(kind, get_language())
    return {
        "kind": kind,
        "title": str(kind.label_plural).capitalize(),
        "name": kind.label_plural,
        "count": count,
        "caption": _caption(kind, wanted),
        "create": _create(kind, request.user),
        "views": _views(kind, wanted),
        "actions": _actions(kind, wanted, request.user),
        **narrowing(request, wanted, kind.list_url),
        "columns": [(name, label, kind.by_name[name] in wanted.columns) for name, label in labels],
        "columns_shown": len(wanted.columns),
        "heads": [_head(wanted, each) for each in wanted.columns],
        "rows_html": rows_html(kind, wanted.columns, page.rows, showing(), pickable=True),
        "empty": _empty(kind, request.user)
        if not page.rows and not wanted.filters and not wanted.text and wanted.where is None
        else None,
        "none_found": not page.rows,
        "problems": wanted.problems,
        "shown": _shown(page, count),
        "newer": _page_url(wanted, page.previous_cursor),
        "older": _page_url(wanted, page.next_cursor),
        "count_url": f"/{kind.slug}/count/?{wanted.query}" if count.endswith("+") else "",
        "bulk": _bulk(kind, request.user),
    }


def _create(kind: RecordType, user: Any) -> Place | None:
    if not is_offered_new(user, kind):
        return None
    return Place(_("New %(type)s") % {"type": kind.label}, f"/{kind.slug}/new/", "plus")


def _actions(kind: RecordType, wanted: ListRequest, user: Any) -> list[Place]:
    places = []
    if _importable(kind, user):
        places.append(Place(_("Import"), f"/import/new/?type={kind.key}", "upload"))
    if may(user, kind, Verb.EXPORT):
        places.append(Place(_("Export"), f"/{kind.slug}/export.csv?{wanted.query}", "download"))
    return places


def _importable(kind: RecordType, user: Any) -> bool:
    return kind.importable and user.may_administer and is_import_offered() and is_open("/import/new/")


def _views(kind: RecordType, wanted: ListRequest) -> list[tuple[str, str, str, bool]]:
    """(label, address, icon, current): the table, and the board where the type has one."""
    if not kind.board_url:
        return []
    return [
        (_("Board"), f"{kind.board_url}?{wanted.query}", "square-kanban", False),
        (_("Table"), f"{kind.list_url}?{wanted.query}", "table-2", True),
    ]


def _head(wanted: ListRequest, column: Field) -> dict[str, Any]:
    head: dict[str, Any] = {"label": column.label, "cls": "r" if column.align_end else ""}
    if column.sort:
        sorted_here = wanted.sort is not None and wanted.sort.field is column
        descending = bool(sorted_here and wanted.sort and not wanted.sort.descending)
        head["href"] = f"{wanted.record_type.list_url}?{wanted.query_with(sort=Sort(column, descending))}"
        if sorted_here:
            head["sorted"] = "ascending" if descending else "descending"
    return head


def _caption(kind: RecordType, wanted: ListRequest) -> str:
    if wanted.sort is None:
        return str(kind.label_plural)
    words = {"types": kind.label_plural, "field": wanted.sort.field.label}
    if wanted.sort.descending:
        return _("%(types)s by %(field)s, highest first") % words
    return _("%(types)s by %(field)s") % words


def _empty(kind: RecordType, user: Any) -> dict[str, Any]:
    sentence = _("No %(types)s yet.") % {"types": kind.label_plural}
    if _importable(kind, user):
        href, label = f"/import/new/?type={kind.key}", _("Import a file")
    elif is_offered_new(user, kind):
        href, label = f"/{kind.slug}/new/", _("New %(type)s") % {"type": kind.label}
    else:
        href, label = "", ""
    return {"sentence": sentence, "href": href, "label": label}


def _shown(page: ListPage, count: str) -> str:
    if not page.rows:
        return ""
    return _("%(first)s–%(last)s of %(count)s") % {
        "first": f"{page.first_row:,}",
        "last": f"{page.first_row + len(page.rows) - 1:,}",
        "count": count,
    }


def _page_url(wanted: ListRequest, cursor: str) -> str:
    if not cursor:
        return ""
    query = wanted.query
    return f"{wanted.record_type.list_url}?{query}{'&' if query else ''}{urlencode({'at': cursor})}"


def _bulk(kind: RecordType, user: Any) -> list[dict[str, Any]]:
    verbs = []
    many = may(user, kind, Verb.MASS_EDIT)
    if kind.owner and many and may(user, kind, Verb.ASSIGN) and not kind.field(kind.owner).read_only:
        verbs.append({"label": _("Assign"), "icon": "user", "url": f"/{kind.slug}/bulk/assign/"})
    if kind.creatable and many:
        verbs.append({"label": _("Change a field"), "icon": "pencil", "url": f"/{kind.slug}/bulk/change/"})
    if kind.creatable and may(user, kind, Verb.DELETE):
        verbs.append({"label": _("Delete"), "icon": "trash-2", "url": f"/{kind.slug}/bulk/delete/"})
    return verbs
