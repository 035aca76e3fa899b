"""Settings → Lists: the choices that a workspace keeps for its fields."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.errors import DomainError
from core.ids import read_uuid
from crm.customize.selectors import Picklist, picklist, picklists
from crm.customize.services.picklists import initial_option
from crm.customize.services.shaping import ItemRow, mark_of, merge_items, save_picklist
from tenants.people.rights import require_administrator
from web.answers import go

_HOME = "/settings/lists/"
_TONES = [
    ("", pgettext_lazy("colour of a choice", "Plain")),
    ("green", gettext_lazy("Green")),
    ("amber", gettext_lazy("Amber")),
    ("red", gettext_lazy("Red")),
    ("blue", gettext_lazy("Blue")),
    ("violet", gettext_lazy("Violet")),
    ("teal", gettext_lazy("Teal")),
]


@require_safe
@login_required
def lists_settings(request: HttpRequest) -> HttpResponse:
    """Every picklist with its choices."""
    user: Any = request.user
    require_administrator(user)
    context = {"title": _("Lists of choices"), "picklists": picklists()}
    return render(request, "crm/customize/lists.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def list_edit(request: HttpRequest, key: str) -> HttpResponse:
    """One picklist as a form: a line a choice."""
    user: Any = request.user
    require_administrator(user)
    found = _found(key)
    problem, rows = "", _stored(found)
    if request.method == "POST":
        rows = _read(request.POST)
        try:
            initial = read_uuid(request.POST.get("initial", ""))
            batch = save_picklist(key, title=str(found.label), rows=rows, initial=initial, by=user)
        except DomainError as error:
            problem = str(error)
        else:
            return go(request, f"{_HOME}{key}/", _("Saved"), batch=batch)
    return _page(request, found, rows, problem)


@require_POST
@login_required
def list_merge(request: HttpRequest, key: str) -> HttpResponse:
    """One choice becomes another, on every record."""
    user: Any = request.user
    require_administrator(user)
    found = _found(key)
    merged, into = (read_uuid(request.POST.get(name, "")) for name in ("merged", "into"))
    if merged is None or into is None:
        return _page(request, found, _stored(found), _("Choose two different entries of this list."))
    try:
        batch = merge_items(key, merged=merged, into=into, by=user)
    except DomainError as error:
        return _page(request, found, _stored(found), str(error))
    count = next((each.uses for each in found.items if each.item.pk == merged), 0)
    text = ngettext("Merged; %(count)d record changed", "Merged; %(count)d records changed", count)
    return go(request, f"{_HOME}{key}/", text % {"count": count}, batch=batch)


def _found(key: str) -> Picklist:
    try:
        return picklist(key)
    except KeyError:
        raise Http404


def _page(request: HttpRequest, found: Picklist, rows: list[ItemRow], problem: str) -> HttpResponse:
    uses = {each.item.pk: each.uses for each in found.items}
    context = {
        "title": found.label,
        "picklist": found,
        "rows": [(row, uses.get(row.item_id) if row.item_id else None) for row in rows],
        "tones": _TONES,
        "initial": request.POST.get("initial") or initial_option(found.key),
        "problem": problem,
    }
    return render(request, "crm/customize/list.html", context, status=422 if problem else 200)


def _stored(found: Picklist) -> list[ItemRow]:
    items = [each.item for each in found.items]
    return [ItemRow(item.pk, item.label, item.tone, item.retired, mark_of(item)) for item in items]


def _read(data: QueryDict) -> list[ItemRow]:
    """Parallel lists of the form's lines; what is malformed counts as new or plain."""
    names = ("item", "label", "tone", "offered", "was")
    return [
        ItemRow(read_uuid(item_id), label, tone, offered == "no", was)
        for item_id, label, tone, offered, was in zip(*(data.getlist(name) for name in names), strict=False)
    ]
