"""Support access from the workspace's side: the setting, the accesses, each request; and the operator's way in."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.clock import now
from core.tenancy.addresses import address_of
from core.tenancy.scope import current_snapshot, public_scope
from tenants.console import announcing
from tenants.console.models import SupportAccess
from tenants.console.models.support import AccessState, Policy
from tenants.console.paging import page_of
from tenants.console.support.middleware import SESSION_KEY
from tenants.console.support.person import make_support_person
from tenants.console.support.services import (
    OPEN_STATES,
    SupportOver,
    answer_access,
    end_access,
    enter_access,
    policy_of,
    set_policy,
)
from tenants.people.models import EventKind
from tenants.people.rights import require_administrator
from tenants.people.security.events import note_event
from web.answers import go

_SHOWN = 100


class PolicyForm(forms.Form):
    policy = forms.ChoiceField(
        label=gettext_lazy("May whoever runs this site look into the workspace?"),
        choices=Policy.choices,
        widget=forms.RadioSelect,
    )


def for_administrators(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Raises NotAllowed for members."""

    def held(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        require_administrator(request.user)  # type: ignore[arg-type]
        return view(request, *args, **kwargs)

    return login_required(held)


@require_http_methods(["GET", "HEAD", "POST"])
@for_administrators
def settings_page(request: HttpRequest) -> HttpResponse:
    """What the workspace says to support, and who was in."""
    tenant_id, user = current_snapshot().tenant_id, request.user
    form = PolicyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with _public():
            set_policy(tenant_id, policy=form.cleaned_data["policy"], by=user.name)  # type: ignore[union-attr]
        note_event(EventKind.SUPPORT, by=user, text=str(Policy(form.cleaned_data["policy"]).label))
        return go(request, reverse("support_settings"), _("Saved"))
    with _public():
        policy = policy_of(tenant_id)
        accesses = list(SupportAccess.objects.filter(tenant_id=tenant_id)[:_SHOWN])
    if not form.is_bound:
        form = PolicyForm(initial={"policy": policy})
    context = {
        "title": _("Support access"),
        "form": form,
        "accesses": accesses,
        "asked": [each for each in accesses if each.state == AccessState.ASKED],
    }
    status = 422 if form.errors else 200
    return render(request, "tenants/console/workspace/support.html", context, status=status)


@require_safe
@for_administrators
def access_page(request: HttpRequest, access_id: UUID) -> HttpResponse:
    """One access with each of its requests."""
    tenant_id = current_snapshot().tenant_id
    with _public():
        access = SupportAccess.objects.filter(pk=access_id, tenant_id=tenant_id).first()
        if access is None:
            raise Http404
        page = page_of(access.requests.all(), by="at", descending=True, cursor=request.GET.get("after", ""))  # type: ignore[attr-defined]
    here = reverse("support_seen", args=[access.pk])
    context = {
        "title": _("Support access"),
        "access": access,
        "requests": page.rows,
        "newer": f"{here}?after={page.newer}" if page.newer else "",
        "older": f"{here}?after={page.older}" if page.older else "",
        "is_asked": access.state == AccessState.ASKED,
        "may_end": access.state in OPEN_STATES,
    }
    return render(request, "tenants/console/workspace/support_access.html", context)


@require_POST
@for_administrators
def answer(request: HttpRequest, access_id: UUID) -> HttpResponse:
    """Yes or no to what an operator asked."""
    allow, tenant_id = request.POST.get("answer") == "allow", current_snapshot().tenant_id
    with _public():
        answer_access(
            access_id,
            tenant_id=tenant_id,
            allow=allow,
            by=request.user.name,  # type: ignore[union-attr]
        )
    said = _("Allowed") if allow else _("Refused")
    note_event(EventKind.SUPPORT, by=request.user, text=said)
    return go(request, reverse("support_settings"), said)


@require_POST
@for_administrators
def end(request: HttpRequest, access_id: UUID) -> HttpResponse:
    """Out at once."""
    tenant_id = current_snapshot().tenant_id
    with _public():
        end_access(access_id, tenant_id=tenant_id, by=request.user.name)  # type: ignore[union-attr]
    return go(request, reverse("support_settings"), _("Ended"))


@require_POST
@login_required
def put_away(request: HttpRequest, announcement_id: UUID) -> HttpResponse:
    """This person has read the announcement."""
    announcing.put_away(request.user, announcement_id)  # type: ignore[arg-type]
    back = request.headers.get("Referer", "")
    own = address_of(current_snapshot().domain, "/")
    return redirect(back if back.startswith(own) else "/")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest, code: str) -> HttpResponse:
    """The operator's way in. GET only shows a form that sends itself: looking uses nothing up."""
    workspace = current_snapshot()
    if request.method != "POST":
        context = {"workspace": workspace.name, "no_side": True}
        return render(request, "tenants/console/workspace/enter.html", context)
    try:
        with _public():
            access = enter_access(code, tenant_id=workspace.tenant_id)
    except SupportOver as error:
        context = {"error": error, "status": error.status, "no_side": True}
        return render(request, "web/error.html", context, status=error.status)
    make_support_person(access)
    note_event(EventKind.SUPPORT, text=_("%(name)s came in") % {"name": access.operator_name})
    request.session.flush()
    request.session[SESSION_KEY] = str(access.pk)
    assert access.ends_at is not None
    request.session.set_expiry(max(1, int((access.ends_at - now()).total_seconds())))
    return redirect("/")


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """The operator's End, in the banner."""
    access = getattr(request, "support", None)
    if access is not None:
        with _public():
            end_access(access.pk, by=access.operator_name, operator_id=access.operator_id)
        note_event(EventKind.SUPPORT, text=_("%(name)s left") % {"name": access.operator_name})
        request.session.flush()
    return redirect("support_over")


@require_safe
def over(request: HttpRequest) -> HttpResponse:
    """What an operator sees afterwards."""
    return render(request, "tenants/console/workspace/over.html", {"no_side": True})


def _public() -> Any:
    return public_scope(reason="support access", switch=True)
