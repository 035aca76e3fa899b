"""Settings → Templates: what each brings, and what it would add here."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from crm.trades.rules.catalog import TEMPLATES, template_of
from crm.trades.selectors import additions_of, trade_of_workspace
from crm.trades.services.applying import apply_template
from tenants.people.rights import require_administrator
from web.answers import go

_HOME = "/settings/templates/"


@require_safe
@login_required
def templates_settings(request: HttpRequest) -> HttpResponse:
    """The ready templates with a picture of each."""
    require_administrator(request.user)  # type: ignore[arg-type]
    context = {"title": _("Templates"), "templates": TEMPLATES, "chosen": trade_of_workspace()}
    return render(request, "crm/trades/templates.html", context)


@require_safe
@login_required
def template_page(request: HttpRequest, key: str) -> HttpResponse:
    """What would be added to this workspace."""
    require_administrator(request.user)  # type: ignore[arg-type]
    template = template_of(key)
    if template is None:
        raise Http404
    context = {"title": template.label, "template": template, "additions": additions_of(template)}
    return render(request, "crm/trades/template.html", context)


@require_POST
@login_required
def template_apply(request: HttpRequest, key: str) -> HttpResponse:
    """Add it; the toast takes all of it back."""
    user: Any = request.user
    batch = apply_template(key, by=user)
    template = template_of(key)
    return go(
        request, _HOME, _("Added “%(name)s”") % {"name": template.label if template else key}, batch=batch
    )
