"""Settings → General, and closing the workspace."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.errors import DomainError
from core.places import countries, time_zones
from core.tenancy.addresses import public_address
from core.tenancy.scope import current_snapshot
from tenants.people.forms import language_names, with_problems
from tenants.people.models import Role
from tenants.people.rights import require_administrator, require_owner
from tenants.people.security.confirming import kept_values, needs_confirmation
from tenants.registry.models import KEPT_DAYS
from tenants.signup.forms import CloseForm, WorkspaceForm
from tenants.signup.workspace import close_workspace, describe_workspace
from web.answers import go

_FIELDS = ("name", "language", "time_zone", "country")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def workspace_settings(request: HttpRequest) -> HttpResponse:
    """Name, language, country and time zone of the workspace."""
    user: Any = request.user
    require_administrator(user)
    snapshot = current_snapshot()
    initial = {name: getattr(snapshot, name) for name in _FIELDS}
    form = WorkspaceForm(request.POST or None, initial=initial, choices=_choices())
    if request.method == "POST" and form.is_valid():
        try:
            describe_workspace(by=user, **form.cleaned_data)
        except DomainError as error:
            with_problems(form, error.fields, error)
        else:
            with translation.override(user.language or form.cleaned_data["language"]):
                return go(request, reverse("workspace_settings"), _("Saved"))
    context = {
        "title": _("General"),
        "form": form,
        "snapshot": snapshot,
        "may_close": user.role == Role.OWNER,
    }
    template = "tenants/signup/workspace_settings.html"
    return render(request, template, context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@needs_confirmation()
def close_page(request: HttpRequest) -> HttpResponse:
    """The one thing here that asks for the name to be typed: it cannot be taken back by a click."""
    user: Any = request.user
    require_owner(user)
    form = CloseForm(request.POST or None, initial=kept_values(request))
    if request.method == "POST" and form.is_valid():
        try:
            close_workspace(typed=form.cleaned_data["typed"], by=user)
        except DomainError as error:
            with_problems(form, error.fields, error)
        else:
            return go(request, public_address("/closed/"))
    context = {
        "title": _("Close the workspace"),
        "form": form,
        "snapshot": current_snapshot(),
        "kept_days": KEPT_DAYS,
    }
    status = 422 if form.errors else 200
    return render(request, "tenants/signup/close.html", context, status=status)


def closed(request: HttpRequest) -> HttpResponse:
    """On the public host: what happens now."""
    return render(request, "tenants/signup/closed.html", {"kept_days": KEPT_DAYS, "no_side": True})


def _choices() -> dict[str, list[tuple[str, str]]]:
    language = translation.get_language() or "en"
    return {
        "language": language_names(),
        "country": [("", "—"), *((code, name) for code, name, _currency in countries(language))],
        "time_zone": [(name, label) for name, label, _country in time_zones()],
    }
