"""Settings → Record types: those of the product, and the workspace's own made, changed and retired."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.errors import DomainError
from core.records.lists import capped_text
from crm.fields.models import CustomRecord, CustomType
from crm.fields.selectors import own_fields, own_types, shapeable_types
from crm.fields.services.making_types import (
    ICONS,
    TypeForm,
    change_type,
    make_type,
    restore_type,
    retire_type,
)
from tenants.people.forms import with_problems
from tenants.people.rights import require_administrator
from web.answers import go, show_form

_HOME = "/settings/types/"


@require_safe
@login_required
def types_settings(request: HttpRequest) -> HttpResponse:
    """Every record type with its fields and how many records there are."""
    user: Any = request.user
    require_administrator(user)
    own = {each.key: each for each in own_types()}
    rows = [
        {
            "kind": kind,
            "own": own.get(kind.key),
            "label": str(kind.label_plural).capitalize(),
            "fields": len(own_fields(kind.key)),
            "count": capped_text(kind.living()),
        }
        for kind in shapeable_types()
    ]
    retired = [
        (each, capped_text(CustomRecord.objects.filter(record_type=each.key)))
        for each in own_types(retired=True)
    ]
    return render(
        request, "crm/fields/types.html", {"title": _("Record types"), "rows": rows, "retired": retired}
    )


class _TypeForm(forms.Form):
    label = forms.CharField(label=gettext_lazy("One is called"), max_length=60)
    label_plural = forms.CharField(label=gettext_lazy("Several are called"), max_length=60)
    title_label = forms.CharField(
        label=gettext_lazy("What stands for a record"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("The first field, e.g. “Number plate”. Empty: “Name”."),
    )
    icon = forms.ChoiceField(label=gettext_lazy("Icon"), choices=[(each, each) for each in ICONS])
    has_stages = forms.BooleanField(label=gettext_lazy("Goes through stages"), required=False)
    stages = forms.CharField(
        label=gettext_lazy("Stages"),
        required=False,
        help_text=gettext_lazy("One a line."),
        widget=forms.Textarea({"rows": 4}),
    )
    in_menu = forms.BooleanField(label=gettext_lazy("In the menu"), required=False, initial=True)

    def given(self) -> TypeForm:
        said = self.cleaned_data
        stages = tuple(
            dict.fromkeys(" ".join(line.split())[:80] for line in said.get("stages", "").splitlines())
        )
        named = ("label", "label_plural", "icon", "title_label", "has_stages", "in_menu")
        return TypeForm(**{name: said[name] for name in named}, stages=tuple(filter(None, stages)))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def type_new(request: HttpRequest) -> HttpResponse:
    """A record type of the workspace's own; afterwards its fields."""
    user: Any = request.user
    require_administrator(user)
    form = _TypeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made, batch = make_type(given=form.given(), by=user)
        except DomainError as error:
            with_problems(form, error.fields, error.message)
        else:
            text = _("Made the record type “%(name)s”") % {"name": made.label}
            return go(request, f"/settings/fields/{made.key}/", text, batch=batch)
    return _form(request, form, _("New record type"), _("Create"))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def type_edit(request: HttpRequest, type_id: UUID) -> HttpResponse:
    stored = _found(request, type_id)
    named = ("label", "label_plural", "icon", "title_label", "has_stages", "in_menu")
    form = _TypeForm(request.POST or None, initial={name: getattr(stored, name) for name in named})
    del form.fields["stages"]  # they are a list of choices by now
    if request.method == "POST" and form.is_valid():
        try:
            batch = change_type(stored.pk, given=form.given(), by=request.user)
        except DomainError as error:
            with_problems(form, error.fields, error.message)
        else:
            return go(request, _HOME, _("Saved"), batch=batch)
    return _form(request, form, _("Change “%(title)s”") % {"title": stored.label}, _("Save"))


def _form(request: HttpRequest, form: forms.Form, title: str, submit: str) -> HttpResponse:
    context = {
        "title": title,
        "form": form,
        "submit": submit,
        "action": request.get_full_path(),
        "wide": ("title_label", "stages"),
        "cancel_url": _HOME,
    }
    return show_form(request, context, refused=form.errors)


@require_POST
@login_required
def type_retire(request: HttpRequest, type_id: UUID) -> HttpResponse:
    stored = _found(request, type_id)
    batch = retire_type(stored.pk, by=request.user)
    return go(request, _HOME, _("Retired. Its records are kept."), batch=batch)


@require_POST
@login_required
def type_restore(request: HttpRequest, type_id: UUID) -> HttpResponse:
    stored = _found(request, type_id)
    batch = restore_type(stored.pk, by=request.user)
    return go(request, _HOME, _("The record type is back, with its records."), batch=batch)


def _found(request: HttpRequest, type_id: UUID) -> CustomType:
    user: Any = request.user
    require_administrator(user)
    stored = CustomType.objects.filter(pk=type_id).first()
    if stored is None:
        raise Http404
    return stored
