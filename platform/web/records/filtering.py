"""The dialogs of a list: add a filter, save a view."""

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from core.ids import read_uuid
from core.records.fields import Choice, Field, Group, Link, Person, YesNo
from core.records.filters import OPERATORS, WITHOUT_VALUE, BadFilter, read_filter
from core.records.lists import read_request
from core.records.models import SavedView
from core.records.periods import PERIODS
from core.records.types import RecordType
from web.answers import go, show_form
from web.records.inputs import Picker, choices_of, form_field, picker_url
from web.records.narrowing import address, page_asked_from


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def add_filter(request: HttpRequest, kind: RecordType, name: str) -> HttpResponse:
    """A small form for one field's filter; a readable one opens the list with it."""
    field = kind.by_name.get(name)
    if field is None or not field.filterable:
        raise Http404
    wanted = read_request(kind, request.GET, to=request.user)
    form = _filter_form(field, request.POST or None)
    if request.method == "POST":
        try:
            added = read_filter(kind, _as_query(field, request.POST))
        except BadFilter as error:
            form._errors = forms.utils.ErrorDict()  # type: ignore[attr-defined]
            form.cleaned_data = {}
            form.add_error(None, str(error))
        else:
            kept = tuple(each for each in wanted.filters if each.as_query != added.as_query)
            narrowed = wanted.query_with(filters=(*kept, added))
            return go(request, address(page_asked_from(kind, request), narrowed))
    context = {
        "title": _("Filter by %(field)s") % {"field": field.label},
        "form": form,
        "submit": _("Apply"),
        "action": request.get_full_path(),
        "wide": ("value",) if isinstance(field, Choice) else (),
    }
    return show_form(request, context, refused=form.errors)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def new_view(request: HttpRequest, kind: RecordType) -> HttpResponse:
    """Keep the list as it stands under a name, for oneself or for everybody."""
    wanted = read_request(kind, request.GET, to=request.user)
    form = _ViewForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        SavedView.objects.create(
            record_type=kind.key,
            name=form.cleaned_data["name"],
            query=wanted.query,
            owner=request.user,
            shared=form.cleaned_data["shared"],
        )
        return go(request, address(page_asked_from(kind, request), wanted.query), _("View saved"))
    context = {
        "title": _("Save as view"),
        "form": form,
        "submit": _("Save"),
        "action": request.get_full_path(),
    }
    return show_form(request, context, refused=form.errors)


@require_POST
@login_required
def delete_view(request: HttpRequest, kind: RecordType) -> HttpResponse:
    """Remove a view of one's own (administrators: any)."""
    view_id = read_uuid(request.POST.get("view", ""))
    if view_id is None:
        raise Http404
    views = SavedView.objects.filter(record_type=kind.key, pk=view_id)
    if not request.user.may_administer:
        views = views.filter(owner=request.user)
    views.delete()
    return go(request, kind.list_url, _("View removed"))


class _ViewForm(forms.Form):
    name = forms.CharField(max_length=80)
    shared = forms.BooleanField(required=False)

    def __init__(self, data: object = None) -> None:
        super().__init__(data)
        self.fields["name"].label = _("Name")
        self.fields["shared"].label = _("For everybody")


def _filter_form(field: Field, data: object) -> forms.Form:
    form = forms.Form(data)
    form.fields["operator"] = forms.ChoiceField(
        label=_("Condition"), choices=[(name, OPERATORS[name]) for name in field.operators]
    )
    if isinstance(field, Choice):
        form.fields["value"] = forms.MultipleChoiceField(
            label=field.label,
            required=False,
            choices=choices_of(field)[1:],
            widget=forms.CheckboxSelectMultiple,
        )
        return form
    if "period" in field.operators:
        form.fields["period"] = forms.ChoiceField(
            label=_("Period"), required=False, choices=[(key, label) for key, (label, _f) in PERIODS.items()]
        )
    if isinstance(field, Link | Person | Group):
        widget = Picker(source=picker_url(field), label=str(field.label), shown="")
        form.fields["value"] = forms.CharField(label=field.label, required=False, widget=widget)
    else:
        form.fields["value"] = form_field(field)
        form.fields["value"].required = isinstance(field, YesNo)
    return form


def _as_query(field: Field, data: object) -> str:
    operator = data.get("operator", "")  # type: ignore[attr-defined]
    if operator == "period":
        value = data.get("period", "")  # type: ignore[attr-defined]
    elif operator in WITHOUT_VALUE:
        value = ""
    else:
        value = ",".join(data.getlist("value"))  # type: ignore[attr-defined]
    return f"{field.name}.{operator}.{value}"
