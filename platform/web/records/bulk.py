"""One change to the rows that were ticked in a list."""

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from core.errors import Conflict, DomainError, NotAllowed
from core.records.types import RecordType
from core.records.writing import Written, bin_records, read_values, update_records
from web.answers import go
from web.records.access import chosen_ids
from web.records.inputs import form_field, text_in


@require_POST
@login_required
def bulk_delete(request: HttpRequest, kind: RecordType) -> HttpResponse:
    """The ticked records to the bin."""
    ids = chosen_ids(request)
    written = bin_records(kind, ids, by=request.user)
    count = len(written.records)
    text = ngettext("Moved %(count)d record to the bin", "Moved %(count)d records to the bin", count)
    return _back(request, kind, text % {"count": count}, written)


@require_POST
@login_required
def bulk_assign(request: HttpRequest, kind: RecordType) -> HttpResponse:
    """Without an owner in the body: the dialog that asks for one."""
    if kind.owner not in kind.by_name:
        raise Http404
    return _change_field(request, kind, kind.owner, title=_("Assign"))


@require_POST
@login_required
def bulk_change(request: HttpRequest, kind: RecordType) -> HttpResponse:
    """First which field, then its value, then done."""
    name = request.POST.get("field", "")
    if name in kind.by_name and not kind.field(name).read_only:
        return _change_field(request, kind, name, title=_("Change a field"))
    form = forms.Form()
    form.fields["field"] = forms.ChoiceField(
        label=_("Field"), choices=[(each.name, each.label) for each in kind.editable]
    )
    return _ask(request, kind, form, title=_("Change a field"), submit=_("Next"), action="change")


def _change_field(request: HttpRequest, kind: RecordType, name: str, *, title: str) -> HttpResponse:
    field = kind.field(name)
    form = forms.Form()
    form.fields["value"] = form_field(field)
    form.fields["field"] = forms.CharField(widget=forms.HiddenInput, initial=name)
    action = "assign" if name == kind.owner else "change"
    if "value" not in request.POST:
        return _ask(request, kind, form, title=title, submit=_("Change"), action=action)
    try:
        values = read_values(kind, {name: text_in(request.POST, "value")}, only=[name])
        written = update_records(kind, chosen_ids(request), values, by=request.user)
    except (Conflict, NotAllowed):
        raise
    except DomainError as error:
        form.data, form.is_bound, form.cleaned_data = request.POST, True, {}
        form._errors = forms.utils.ErrorDict()  # type: ignore[attr-defined]
        form.add_error("value", str(error.fields.get(name, error.message)))
        return _ask(request, kind, form, title=title, submit=_("Change"), action=action, status=422)
    return _done(request, kind, written)


def _ask(
    request: HttpRequest,
    kind: RecordType,
    form: forms.Form,
    *,
    title: str,
    submit: str,
    action: str,
    status: int = 200,
) -> HttpResponse:
    ids = chosen_ids(request)
    for number, record_id in enumerate(ids):
        form.fields[f"pick-{number}"] = forms.CharField(widget=_Picked(str(record_id)))
    intro = ngettext("%(count)d record will be changed.", "%(count)d records will be changed.", len(ids)) % {
        "count": len(ids)
    }
    context = {
        "title": title,
        "intro": intro,
        "form": form,
        "submit": submit,
        "action": f"/{kind.slug}/bulk/{action}/",
    }
    return render(request, "web/_form_dialog.html", context, status=status)


class _Picked(forms.HiddenInput):
    """One ticked id, carried through the dialog under the list's own name."""

    def __init__(self, record_id: str) -> None:
        super().__init__()
        self.record_id = record_id

    def get_context(self, name: str, value: object, attrs: dict | None) -> dict:
        context = super().get_context("pick", self.record_id, {})
        context["widget"]["attrs"].pop("id", None)
        return context


def _done(request: HttpRequest, kind: RecordType, written: Written) -> HttpResponse:
    count = len(written.records)
    text = ngettext("Changed %(count)d record", "Changed %(count)d records", count) % {"count": count}
    return _back(request, kind, text, written)


def _back(request: HttpRequest, kind: RecordType, text: str, written: Written) -> HttpResponse:
    """To the list as it was filtered and sorted."""
    back = request.headers.get("HX-Current-URL", "")
    path = back[back.find("/", back.find("//") + 2) :] if "//" in back else kind.list_url
    return go(request, path if path.startswith(kind.list_url) else kind.list_url, text, batch=written.batch)
