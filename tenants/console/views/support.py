"""Support access from the operator's side."""

from uuid import UUID

from csp.decorators import csp_update
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.errors import DomainError
from core.tenancy.addresses import address_of
from tenants.console.forms import SupportForm
from tenants.console.gate import needs_confirmation, needs_confirmation_on
from tenants.console.models import SupportAccess
from tenants.console.models.support import AccessState, Policy
from tenants.console.paging import page_of
from tenants.console.support.services import (
    OPEN_STATES,
    ask_access,
    end_access,
    open_access,
    policy_of,
)
from tenants.console.views.tenant import form_page, tenant_or_404
from tenants.people.forms import with_problems
from tenants.registry.models import Domain
from web.answers import go

# Browsers hold the redirect after a form to `form-action` as well: workspaces are other hosts.
_TO_WORKSPACES = {"form-action": [address_of(f"*.{settings.GUANXI['BASE_HOST']}", "")]}


@require_http_methods(["GET", "HEAD", "POST"])
@needs_confirmation
def ask(request: HttpRequest, tenant_id: UUID) -> HttpResponse:
    """Reason, ticket, time and what for."""
    tenant = tenant_or_404(tenant_id)
    form = SupportForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            access = ask_access(tenant, by=request.user, **form.cleaned_data)
        except DomainError as error:
            with_problems(form, error.fields, error)
        else:
            return go(request, reverse("support_access", args=[access.pk]))
    told = {
        Policy.FORBID: _("This workspace does not want support access."),
        Policy.ASK: _("This workspace is asked first; you are let in when it says yes."),
        Policy.ALLOW: _("This workspace lets support look at once; to change something it is asked first."),
    }
    return form_page(
        request, form, tenant=tenant, title=_("Open as support"), intro=told[Policy(policy_of(tenant.pk))]
    )


@require_safe
def accesses(request: HttpRequest) -> HttpResponse:
    """All accesses of all operators, the newest first."""
    found = SupportAccess.objects.select_related("tenant")
    state = request.GET.get("state", "")
    shown = found.filter(state__in=OPEN_STATES) if state == "open" else found
    page = page_of(shown, by="asked_at", descending=True, cursor=request.GET.get("after", ""))
    here = reverse("support_accesses")
    context = {
        "title": _("Support access"),
        "rows": page.rows,
        "tabs": [
            (_("All"), here, found.count(), state != "open"),
            (_("Open"), f"{here}?state=open", found.filter(state__in=OPEN_STATES).count(), state == "open"),
        ],
        "newer": f"{here}?state={state}&after={page.newer}" if page.newer else "",
        "older": f"{here}?state={state}&after={page.older}" if page.older else "",
    }
    return render(request, "tenants/console/support_accesses.html", context)


@require_safe
@csp_update(_TO_WORKSPACES)  # type: ignore[arg-type]
def access_page(request: HttpRequest, access_id: UUID) -> HttpResponse:
    """One access, how it stands, and each of its requests."""
    access = _access_or_404(access_id)
    page = page_of(access.requests.all(), by="at", descending=True, cursor=request.GET.get("after", ""))  # type: ignore[attr-defined]
    here = reverse("support_access", args=[access.pk])
    context = {
        "title": _("Support access"),
        "access": access,
        "requests": page.rows,
        "newer": f"{here}?after={page.newer}" if page.newer else "",
        "older": f"{here}?after={page.older}" if page.older else "",
        "is_mine": access.operator_id == request.user.pk,
        "may_open": access.state in (AccessState.GRANTED, AccessState.RUNNING),
        "may_end": access.state in OPEN_STATES,
        "is_asked": access.state == AccessState.ASKED,
    }
    return render(request, "tenants/console/support_access.html", context)


@require_POST
@needs_confirmation_on("support_access", "access_id")
@csp_update(_TO_WORKSPACES)  # type: ignore[arg-type]
def open_(request: HttpRequest, access_id: UUID) -> HttpResponse:
    """Over to the workspace's own host by a one-time code."""
    access = _access_or_404(access_id)
    code = open_access(access.pk, by=request.user)
    host = Domain.objects.get(tenant_id=access.tenant_id, is_primary=True).domain
    return redirect(address_of(host, f"/support/enter/{code}/"))


@require_POST
def end(request: HttpRequest, access_id: UUID) -> HttpResponse:
    """Over at once, whoever began it."""
    access = _access_or_404(access_id)
    end_access(access.pk, by=request.user.name, operator_id=request.user.pk)  # type: ignore[union-attr,arg-type]
    return go(request, reverse("support_access", args=[access.pk]), _("Ended"))


def _access_or_404(access_id: UUID) -> SupportAccess:
    found = SupportAccess.objects.select_related("tenant").filter(pk=access_id).first()
    if found is None:
        raise Http404
    return found
