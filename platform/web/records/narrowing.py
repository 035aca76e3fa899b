"""What narrows a list: saved views, search and filters. The same over the table and over a board.

`url` is the page that shows them; it may have a query of its own, which stays.
"""

from functools import lru_cache
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core.records.fields import Choice, Field, Link, Reference
from core.records.filters import Filter
from core.records.lists import ListRequest, read_request
from core.records.queries import Test, parts_of, write_query
from core.records.query_words import in_words
from core.records.saved_views import saved_views
from core.records.types import RecordType


def narrowing(request: HttpRequest, wanted: ListRequest, url: str) -> dict[str, Any]:
    """What web/_list_tabs.html and web/_list_filters.html show."""
    kind = wanted.record_type
    new_view = f"/{kind.slug}/views/new/?{_with_page(kind, wanted.query, url)}"
    return {
        "tabs": _tabs(request, wanted, url),
        "save_view_url": new_view if wanted.query else "",
        "search": wanted.text,
        "search_hint": _("Search"),
        "list_url": url,
        "kept": _kept(wanted, url),
        "filters": filter_chips(wanted, url, to=request.user),
        "filter_fields": _filter_fields(kind, wanted, url),
        "query_url": f"/{kind.slug}/query/?{_with_page(kind, wanted.query, url)}",
    }


def address(url: str, query: str) -> str:
    """The page narrowed by the query."""
    if not query:
        return url
    return f"{url}{'&' if '?' in url else '?'}{query}"


def page_asked_from(kind: RecordType, request: HttpRequest) -> str:
    """Where a dialog leads back to: the type's board, when it was opened there, else its list."""
    wanted = request.GET.get("on", "")
    on_board = bool(kind.board_url) and urlsplit(wanted)[:3] == ("", "", kind.board_url)
    return wanted if on_board else kind.list_url


def tell_address(request: HttpRequest, response: HttpResponse, url: str, wanted: ListRequest) -> HttpResponse:
    """While one types, the address keeps up: a search can be reloaded, sent on and gone back from."""
    if getattr(request, "htmx", False):
        response.headers["HX-Replace-Url"] = address(url, wanted.query)
    return response


def _tabs(request: HttpRequest, wanted: ListRequest, url: str) -> list[tuple[Any, ...]]:
    kind = wanted.record_type
    views = [(str(preset.name), preset.query) for preset in kind.presets]
    saved = saved_views(to=request.user)
    views += [(view.name, view.query) for view in saved if view.record_type == kind.key]
    here = wanted.query
    tabs = [(_("All"), url, "", not here)]
    for name, query in views:
        same = bool(here) and read_request(kind, QueryDict(query), to=request.user).query == here
        tabs.append((name, address(url, query), "", same))
    return tabs


def _kept(wanted: ListRequest, url: str) -> list[tuple[str, str]]:
    """What a new search or other columns keep of the address."""
    kept = list(QueryDict(urlsplit(url).query).items())
    kept += [("f", each.as_query) for each in wanted.filters]
    kept += [("w", write_query(wanted.where))] if wanted.where else []
    if wanted.sort:
        kept.append(("sort", wanted.sort.as_query))
    return kept


def filter_chips(wanted: ListRequest, url: str, *, to: Any) -> list[tuple[str, str, str]]:
    """(field, condition, address without it) for each filter. url: of the page that shows them."""
    tests = [part.filter for part in parts_of(wanted.where) if isinstance(part, Test)] if wanted.where else []
    names = _names((*wanted.filters, *tests), to)
    chips = [_chip(wanted, each, names, url) for each in wanted.filters]
    if wanted.where is not None:
        words = in_words(wanted.where, lambda field, value: _name_of(field, value, names))
        chips.append((_("Question"), words, address(url, wanted.query_with(where=None))))
    return chips


def _chip(wanted: ListRequest, each: Filter, names: dict[str, str], url: str) -> tuple[str, str, str]:
    rest = tuple(other for other in wanted.filters if other is not each)
    words = each.describe(lambda field, value: _name_of(field, value, names))
    value = words[len(str(each.field.label)) :].strip()
    return str(each.field.label), value, address(url, wanted.query_with(filters=rest))


def _name_of(field: Field, value: str, names: dict[str, str]) -> str:
    if isinstance(field, Choice):
        option = field.option_of(value)
        return str(option.label) if option else value
    return names.get(value, value)


def _names(filters: tuple[Filter, ...], to: Any) -> dict[str, str]:
    """Titles of the records, people and teams that filters mention and that `to` may see, one query a kind."""
    names: dict[str, str] = {}
    for each in filters:
        if each.operator != "any" or not isinstance(each.field, Reference):
            continue
        if isinstance(each.field, Link):
            shown = each.field.target().visible(to=to)
        else:
            shown = each.field.referred()._default_manager.all()
        rows = shown.filter(pk__in=each.value.split(",")).values_list("pk", each.field.title)
        names.update({str(pk): str(name) for pk, name in rows})
    return names


def _filter_fields(kind: RecordType, wanted: ListRequest, url: str) -> list[tuple[str, Any, str]]:
    query = _with_page(kind, wanted.query, url)
    return [
        (name, label, f"/{kind.slug}/filter/{name}/{f'?{query}' if query else ''}")
        for name, label in labels_of(kind, get_language())
        if kind.by_name[name].filterable
    ]


def _with_page(kind: RecordType, query: str, url: str) -> str:
    """A dialog's query: what the list is narrowed by, and where it stands when that is not the list."""
    return "&".join(part for part in (query, urlencode({"on": url}) if url != kind.list_url else "") if part)


@lru_cache(maxsize=1024)
def labels_of(kind: RecordType, language: str | None) -> list[tuple[str, str]]:
    """(name, label) of all fields in a language: two menus and the head ask for them on every page."""
    return [(each.name, str(each.label)) for each in kind.fields]
