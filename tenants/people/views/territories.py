"""Settings → Territories."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.errors import DomainError
from tenants.people.forms import with_problems
from tenants.people.models import SalesTerritory
from tenants.people.rights import require_administrator
from tenants.people.selectors import assignable_people
from tenants.people.territories import delete_territory, save_territory, territory_fields
from web.answers import go, show_form
from web.pickers import SearchedMultiple, SearchedSelect


@require_safe
@login_required
def territories_settings(request: HttpRequest) -> HttpResponse:
    """Every territory: what it is cut by, and who is in it."""
    require_administrator(request.user)  # type: ignore[arg-type]
    labels = {
        name: {option.value: option.label for option in field.options()}
        for name, field in territory_fields().items()
    }
    found = SalesTerritory.objects.select_related("parent").prefetch_related("memberships__person")
    rows = [
        {
            "territory": each,
            "cut": [
                str(labels.get(name, {}).get(value, "–"))
                for name, values in each.values.items()
                for value in values
            ],
            "people": [member.person for member in each.memberships.all()],
        }
        for each in found
    ]
    return render(request, "tenants/people/territories.html", {"title": _("Territories"), "rows": rows})


class TerritoryForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    parent = forms.ChoiceField(label=gettext_lazy("Part of"), required=False, widget=SearchedSelect)

    def __init__(self, *args: Any, but: SalesTerritory | None, **named: Any) -> None:
        super().__init__(*args, **named)
        others = SalesTerritory.objects.exclude(pk=but.pk if but else None)
        parent: Any = self.fields["parent"]
        parent.choices = [("", "—"), *((str(each.pk), each.name) for each in others)]
        parent.widget.attrs["data-label"] = parent.label
        for name, field in territory_fields().items():
            options = [(each.value, each.label) for each in field.options()]
            self.fields[name] = _several(field.label, options)
        people = [(str(each.pk), each.name) for each in assignable_people()]
        self.fields["people"] = _several(_("Who sees it"), people)


def _several(label: Any, choices: list[tuple[str, Any]]) -> forms.MultipleChoiceField:
    field = forms.MultipleChoiceField(label=label, required=False, choices=choices, widget=SearchedMultiple)
    field.widget.attrs["data-label"] = label
    return field


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def territory_new(request: HttpRequest) -> HttpResponse:
    require_administrator(request.user)  # type: ignore[arg-type]
    return _form(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def territory_edit(request: HttpRequest, territory_id: UUID) -> HttpResponse:
    require_administrator(request.user)  # type: ignore[arg-type]
    return _form(request, get_object_or_404(SalesTerritory, pk=territory_id))


@require_POST
@login_required
def territory_delete(request: HttpRequest, territory_id: UUID) -> HttpResponse:
    territory = get_object_or_404(SalesTerritory, pk=territory_id)
    batch = delete_territory(territory, by=request.user)  # type: ignore[arg-type]
    text = _("Deleted “%(title)s”") % {"title": territory.name}
    return go(request, reverse("territories_settings"), text, batch=batch)


def _form(request: HttpRequest, territory: SalesTerritory | None) -> HttpResponse:
    form = TerritoryForm(request.POST or None, but=territory, initial=_as_it_is(territory))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            batch = save_territory(
                territory,
                name=given["name"],
                parent=SalesTerritory.objects.filter(pk=given["parent"] or None).first(),
                values={name: given[name] for name in territory_fields()},
                people=assignable_people().filter(pk__in=given["people"]),
                by=request.user,  # type: ignore[arg-type]
            )
        except DomainError as error:
            with_problems(form, error.fields, error)
        else:
            text = _("Saved “%(title)s”") % {"title": given["name"]}
            return go(request, reverse("territories_settings"), text, batch=batch)
    context = {
        "form": form,
        "action": request.path,
        "cancel_url": reverse("territories_settings"),
        "title": _("Change “%(title)s”") % {"title": territory.name} if territory else _("New territory"),
        "submit": _("Save"),
        "wide": " ".join(form.fields),
    }
    return show_form(request, context, refused=form.errors)


def _as_it_is(territory: SalesTerritory | None) -> dict[str, Any]:
    if territory is None:
        return {}
    people = [str(pk) for pk in territory.memberships.values_list("person_id", flat=True)]
    return {
        "name": territory.name,
        "parent": str(territory.parent_id or ""),
        "people": people,
        **territory.values,
    }
