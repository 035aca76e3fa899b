"""An operator's own tabs and columns of the list of tenants."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core.errors import DomainError
from tenants.console.own_lists import choose_columns, remove_filter, save_filter
from tenants.console.views.tenants import asked_list, list_address
from web.answers import go


@require_POST
def filter_save(request: HttpRequest) -> HttpResponse:
    """The present tab, search and sort under a name; what is refused is told above the same list."""
    tab, search, sort = asked_list(request, request.POST)
    try:
        save_filter(name=request.POST.get("name", ""), tab=tab, search=search, sort=sort, by=request.user)
    except DomainError as error:
        said = str(next(iter(error.fields.values()), error))
    else:
        said = _("The filter is saved")
    return go(request, list_address(tab=tab, search=search.strip(), sort=sort), said)


@require_POST
def filter_remove(request: HttpRequest, filter_id: UUID) -> HttpResponse:
    """One's own tab away. Raises Conflict."""
    remove_filter(filter_id, by=request.user)
    return go(request, reverse("console"), _("The filter is removed"))


@require_POST
def columns_choose(request: HttpRequest) -> HttpResponse:
    """Kept for this operator until they choose others."""
    tab, search, sort = asked_list(request, request.POST)
    choose_columns(request.POST.getlist("col"), by=request.user)
    return go(request, list_address(tab=tab, search=search, sort=sort))
