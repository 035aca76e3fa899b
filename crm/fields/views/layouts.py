"""The layout of a record type: stored, looked at before, put back."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core.errors import DomainError
from crm.fields.services.layouts import LayoutLine, laid_out_as, reset_layout, save_layout, sections_from
from crm.fields.views.fields import found_kind, home_of, page_of
from crm.fields.views.preview import preview_of
from web.answers import go


@require_POST
@login_required
def layout_save(request: HttpRequest, key: str) -> HttpResponse:
    """The order of the lines is the layout."""
    kind = found_kind(request, key)
    try:
        batch = save_layout(kind, _read(request.POST), by=request.user)
    except DomainError as error:
        return render(request, "crm/fields/fields.html", page_of(kind, str(error)), status=422)
    return go(request, home_of(key), _("Layout saved"), batch=batch)


@require_POST
@login_required
def layout_preview(request: HttpRequest, key: str) -> HttpResponse:
    """The form as it would be. Changes nothing."""
    kind = found_kind(request, key)
    try:
        shown = laid_out_as(kind, sections_from(kind, _read(request.POST)))
    except DomainError as error:
        return render(request, "crm/fields/_preview.html", {"preview": [], "problem": str(error)})
    return render(request, "crm/fields/_preview.html", {"preview": preview_of(shown)})


@require_POST
@login_required
def layout_reset(request: HttpRequest, key: str) -> HttpResponse:
    """As the product has it."""
    kind = found_kind(request, key)
    return go(
        request, home_of(key), _("The layout is as it was made."), batch=reset_layout(kind, by=request.user)
    )


def _read(data: QueryDict) -> list[LayoutLine]:
    """Parallel lists: `line` is a field's name, or '' for a heading, '-' for the one of what is not shown."""
    return [
        LayoutLine(hidden=True) if line == "-" else LayoutLine(field=line, heading=heading)
        for line, heading in zip(data.getlist("line"), data.getlist("heading"), strict=False)
    ]
