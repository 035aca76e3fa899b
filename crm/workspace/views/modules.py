"""Settings → Modules."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core.modules import dependents, module, module_of_route, modules
from crm.workspace.selectors.modules import hidden_by, module_rows
from crm.workspace.services.modules import switch_module
from tenants.people.rights import require_administrator
from web.answers import go
from web.modules import route_of
from web.shell import Place, shell

_HOME = "/settings/modules/"


@require_safe
@login_required
def modules_settings(request: HttpRequest) -> HttpResponse:
    """Every module with its switch."""
    require_administrator(request.user)  # type: ignore[arg-type]
    context = {"title": _("Modules"), "rows": module_rows()}
    return render(request, "crm/workspace/modules.html", context)


@require_safe
@login_required
def module_page(request: HttpRequest, key: str) -> HttpResponse:
    """What would hide, before it is switched off."""
    require_administrator(request.user)  # type: ignore[arg-type]
    if key not in {each.key for each in modules()}:
        raise Http404
    context = {
        "title": module(key).label,
        "row": next(row for row in module_rows() if row.module.key == key),
        "hidden": hidden_by(key),
        "places": _places(request, key),
    }
    return render(request, "crm/workspace/module.html", context)


@require_POST
@login_required
def module_switch(request: HttpRequest, key: str) -> HttpResponse:
    """on=yes or on=no."""
    user: Any = request.user
    on = request.POST.get("on") == "yes"
    batch = switch_module(key, on=on, by=user)
    words = {"module": module(key).label}
    text = _("“%(module)s” is on") if on else _("“%(module)s” is off; nothing was deleted")
    return go(request, _HOME, text % words, batch=batch)


def _places(request: HttpRequest, key: str) -> list[Place]:
    """The entries of menu, palette and settings that lead to what would hide."""
    gone = {key, *(each.key for each in dependents(key))}
    frame = shell(request)["shell"]
    groups = [places for _heading, places in (*frame.nav, *frame.settings)]
    found = [place for places in (*groups, frame.foot, frame.commands) for place in places]
    leads = [place for place in found if (owner := _owner(place.href)) and owner in gone]
    return list({place.href: place for place in leads}.values())


def _owner(href: str) -> str:
    name, record_type = route_of(href)
    found = next((each for each in modules() if record_type in each.record_types), None)
    found = found or module_of_route(name)
    return found.key if found else ""
