"""One tenant: its page, and what an operator does there."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from billing.entitlements.models import TemporaryGrant
from core.clock import now
from core.errors import DomainError
from tenants.console import services
from tenants.console.forms import DeleteForm, GrantForm, NoteForm, ReasonForm, TrialForm
from tenants.console.gate import needs_confirmation, needs_confirmation_on
from tenants.console.looking import note_look
from tenants.console.rows import card_of, given_words, owed_by, row_of
from tenants.console.selectors import opened_tenants
from tenants.console.story import story_of
from tenants.people.forms import with_problems
from tenants.registry.models import KEPT_DAYS, Tenant, TenantState
from web.answers import go
from web.shell import Place


@dataclass(frozen=True, slots=True)
class Ask:
    """What would follow from a form, and the button that does it: sent with the form under `name`."""

    heading: str
    sentences: Sequence[str]
    name: str
    value: str
    button: str


def tenant_or_404(tenant_id: UUID) -> Tenant:
    """An opened tenant with all that its page shows. Raises Http404."""
    found = opened_tenants().filter(pk=tenant_id).first()
    if found is None:
        raise Http404
    return found


@require_safe
def tenant_page(request: HttpRequest, tenant_id: UUID) -> HttpResponse:
    """Facts, grants, support accesses and story of one tenant. That it was opened is told in the access log."""
    tenant = tenant_or_404(tenant_id)
    # A GET that writes: the line says that this very GET happened, so no other request could write it. Nothing that
    # anybody works with changes, a repetition within the hour writes nothing more, and a forged one only tells of the
    # operator whose browser was led here.
    note_look(tenant, by=request.user)
    return render(request, "tenants/console/tenant.html", tenant_context(tenant))


def tenant_context(tenant: Tenant, **more: Any) -> dict[str, Any]:
    """What the page of a tenant shows."""
    at = now()
    grants = TemporaryGrant.objects.filter(tenant=tenant, withdrawn_at__isnull=True)
    return {
        "title": tenant.name,
        "tenant": tenant,
        "row": row_of(tenant, at),
        "facts": getattr(tenant, "facts", None),
        "subscription": getattr(tenant, "subscription", None),
        "is_ready": tenant.state == TenantState.READY,
        "is_suspended": tenant.state == TenantState.SUSPENDED,
        "is_closed": tenant.state == TenantState.CLOSED,
        "kept_days": KEPT_DAYS,
        "owed": owed_by(tenant),
        "card": card_of(getattr(tenant, "subscription", None)),
        "grants": [_grant_row(each) for each in grants if each.until is None or each.until > at],
        "accesses": tenant.support_accesses.all()[:5],  # type: ignore[attr-defined]
        "story": story_of(tenant),
        "note_form": NoteForm(),
        **more,
    }


def _grant_row(grant: TemporaryGrant) -> dict[str, Any]:
    return {"grant": grant, "what": given_words(grant.limit, grant.feature, grant.amount)}


@require_POST
def note(request: HttpRequest, tenant_id: UUID) -> HttpResponse:
    """A remark for other operators, into the story."""
    tenant = tenant_or_404(tenant_id)
    form = NoteForm(request.POST)
    if not form.is_valid():
        context = tenant_context(tenant, note_form=form)
        return render(request, "tenants/console/tenant.html", context, status=422)
    services.add_note(tenant, text=form.cleaned_data["text"], by=request.user)
    return go(request, _href(tenant), _("Noted"))


@require_http_methods(["GET", "HEAD", "POST"])
@needs_confirmation
def suspend(request: HttpRequest, tenant_id: UUID) -> HttpResponse:
    """With a reason that the workspace reads."""
    intro = _("Nobody there can work until it is restored. Its data is kept.")
    return _act(
        request, tenant_id, ReasonForm, services.suspend_tenant,
        title=_("Suspend the workspace"), intro=intro, done=_("Suspended"),
    )  # fmt: skip


@require_POST
@needs_confirmation_on("tenant", "tenant_id")
def restore(request: HttpRequest, tenant_id: UUID) -> HttpResponse:
    """Out of suspension."""
    tenant = tenant_or_404(tenant_id)
    services.restore_tenant(tenant, by=request.user)
    return go(request, _href(tenant), _("Restored"))


@require_http_methods(["GET", "HEAD", "POST"])
@needs_confirmation
def delete(request: HttpRequest, tenant_id: UUID) -> HttpResponse:
    """With its name typed; it waits for KEPT_DAYS."""
    intro = _(
        "It is closed at once, and everything in it is removed after %(days)d days. Until then the "
        "deletion can be withdrawn. To go on, type: %(name)s"
    ) % {"days": KEPT_DAYS, "name": tenant_or_404(tenant_id).name}
    return _act(
        request, tenant_id, DeleteForm, services.delete_tenant,
        title=_("Delete the workspace"), intro=intro, done=_("Closed. The removal waits."),
    )  # fmt: skip


@require_POST
@needs_confirmation_on("tenant", "tenant_id")
def reopen(request: HttpRequest, tenant_id: UUID) -> HttpResponse:
    """The deletion withdrawn."""
    tenant = tenant_or_404(tenant_id)
    services.withdraw_deletion(tenant, by=request.user)
    return go(request, _href(tenant), _("Opened again"))


@require_http_methods(["GET", "HEAD", "POST"])
@needs_confirmation
def trial(request: HttpRequest, tenant_id: UUID) -> HttpResponse:
    """A longer trial."""
    return _act(
        request, tenant_id, TrialForm, services.extend_trial,
        title=_("Extend the trial"), intro="", done=_("The trial is longer now"),
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@needs_confirmation
def grant(request: HttpRequest, tenant_id: UUID) -> HttpResponse:
    """More than the plan brings, for a time."""
    return _act(
        request, tenant_id, GrantForm, services.grant_more,
        title=_("Grant more"), intro=_("Beside the plan, without a charge."), done=_("Granted"),
    )  # fmt: skip


@require_POST
@needs_confirmation_on("tenant", "tenant_id")
def grant_withdraw(request: HttpRequest, tenant_id: UUID, grant_id: UUID) -> HttpResponse:
    """A grant taken back."""
    tenant = tenant_or_404(tenant_id)
    found = TemporaryGrant.objects.select_related("tenant").filter(tenant=tenant, pk=grant_id).first()
    if found is None:
        raise Http404
    services.take_grant_back(found, by=request.user)
    return go(request, _href(tenant), _("Taken back"))


def _act(
    request: HttpRequest, tenant_id: UUID, form_class: Any, service: Callable[..., Any], **words: str
) -> HttpResponse:
    """A form on a page of its own whose fields are the service's arguments. words: title, intro, done."""
    tenant = tenant_or_404(tenant_id)
    form = form_class(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            service(tenant, by=request.user, **form.cleaned_data)
        except DomainError as error:
            with_problems(form, error.fields, error)
        else:
            return go(request, _href(tenant), words["done"])
    return form_page(request, form, tenant=tenant, title=words["title"], intro=words["intro"])


def form_page(
    request: HttpRequest, form: Any, *, title: str, intro: str = "", tenant: Tenant | None = None, **more: Any
) -> HttpResponse:
    """A form of the console in its frame."""
    back = Place(tenant.name, _href(tenant), "building-2") if tenant else more.pop("crumb")
    context = {
        "title": title,
        "intro": intro,
        "form": form,
        "crumb": back,
        "submit": more.pop("submit", title),
        "cancel_url": back.href,
        "action": request.path,
        "wide": list(form.fields),
        **more,
    }
    return render(request, "tenants/console/form.html", context, status=422 if form.errors else 200)


def _href(tenant: Tenant) -> str:
    return reverse("tenant", args=[tenant.pk])
