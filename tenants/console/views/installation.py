"""What concerns all tenants: announcements, feature switches, settings of the installation."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.clock import now
from core.errors import DomainError
from core.features import SWITCH_WORDS, Switch
from tenants.console.announcing import announce, set_switch, withdraw_announcement
from tenants.console.forms import AnnouncementForm, DefaultsForm, SwitchForm, hosts_of
from tenants.console.gate import needs_confirmation, needs_confirmation_on
from tenants.console.models import Announcement, FeatureSwitch
from tenants.console.operators import (
    checks,
    operators,
    set_default_policy,
    switch_operator,
)
from tenants.console.support.services import default_policy
from tenants.console.views.tenant import form_page
from tenants.people.forms import with_problems
from web.answers import go
from web.shell import Place

_SHOWN = 100


@require_safe
def announcements(request: HttpRequest) -> HttpResponse:
    """What is told now, will be, and was."""
    at = now()
    rows = [
        (each, _standing(each, at), hosts_of(each.tenants)) for each in Announcement.objects.all()[:_SHOWN]
    ]
    context = {"title": _("Announcements"), "rows": rows}
    return render(request, "tenants/console/announcements.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def announcement_new(request: HttpRequest) -> HttpResponse:
    """In both languages, for whom, from when to when."""
    form = AnnouncementForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            announce(by=request.user, **form.cleaned_data)
        except DomainError as error:
            with_problems(form, error.fields, error)
        else:
            return go(request, reverse("announcements"), _("Announced"))
    crumb = Place(_("Announcements"), reverse("announcements"), "bell")
    return form_page(request, form, title=_("New announcement"), crumb=crumb, submit=_("Announce"))


@require_POST
def announcement_withdraw(request: HttpRequest, announcement_id: UUID) -> HttpResponse:
    """Off every page."""
    withdraw_announcement(announcement_id, by=request.user)
    return go(request, reverse("announcements"), _("Withdrawn"))


@require_safe
def switches(request: HttpRequest) -> HttpResponse:
    """Every switch that code asks for, and for whom it is on."""
    known = {each.key: each for each in FeatureSwitch.objects.all()}
    rows = [
        (key, SWITCH_WORDS[key], known.get(key), hosts_of(known[key].tenants_on) if key in known else [])
        for key in Switch
    ]
    return render(request, "tenants/console/switches.html", {"title": _("Feature switches"), "rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@needs_confirmation
def switch_edit(request: HttpRequest, key: str) -> HttpResponse:
    """For whom one switch is on."""
    if key not in set(Switch):
        raise Http404
    kept = FeatureSwitch.objects.filter(pk=key).first() or FeatureSwitch(key=key)
    initial = {name: getattr(kept, name) for name in SwitchForm.base_fields}
    form = SwitchForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        set_switch(key, by=request.user, **form.cleaned_data)
        return go(request, reverse("switches"), _("Saved"))
    crumb = Place(_("Feature switches"), reverse("switches"), "flag")
    intro = str(SWITCH_WORDS[Switch(key)])
    return form_page(request, form, title=key, intro=intro, crumb=crumb, submit=_("Save"))


@require_http_methods(["GET", "HEAD", "POST"])
def settings_page(request: HttpRequest) -> HttpResponse:
    """What the installation runs with, its operators, and what counts where a workspace says nothing."""
    form = DefaultsForm(request.POST or None, initial={"policy": default_policy()})
    if request.method == "POST" and form.is_valid():
        set_default_policy(form.cleaned_data["policy"], by=request.user)
        return go(request, reverse("console_settings"), _("Saved"))
    context = {
        "title": _("Settings"),
        "form": form,
        "groups": checks(),
        "operators": operators(),
    }
    return render(request, "tenants/console/settings.html", context, status=422 if form.errors else 200)


@require_POST
@needs_confirmation_on("console_settings")
def operator_switch(request: HttpRequest, operator_id: UUID) -> HttpResponse:
    """Take another operator's access away, or give it back."""
    switched = switch_operator(operator_id, by=request.user)
    told = _("%(name)s may work here again.") if switched.is_active else _("%(name)s is out.")
    return go(request, reverse("console_settings"), told % {"name": switched.name})


def _standing(announcement: Announcement, at: Any) -> str:
    if announcement.withdrawn_at:
        return _("Withdrawn")
    if announcement.ends_at and announcement.ends_at <= at:
        return _("Over")
    return _("To come") if announcement.starts_at > at else _("Shown now")
