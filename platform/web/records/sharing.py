"""The dialog that shows one record to a person or a team."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from core.errors import DomainError
from core.ids import read_uuid
from core.records.rights import Verb, require_within
from core.records.sharing import share_record, shares_of, unshare_record
from core.records.types import RecordType
from web.answers import go
from web.records.access import visible_record
from web.records.inputs import Picker
from web.shell import Place


class ShareForm(forms.Form):
    """One of the two: whom it is shown to."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        for name, label, source in (
            ("person", _("Person"), "/people/pick/"),
            ("team", _("Team"), "/teams/pick/"),
        ):
            picker = Picker(source=source, label=label, shown="")
            self.fields[name] = forms.CharField(label=label, required=False, widget=picker)
        self.fields["may_edit"] = forms.BooleanField(label=_("May also change it"), required=False)

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        chosen = [name for name in ("person", "team") if found.get(name)]
        if len(chosen) != 1:
            self.add_error(None, _("Choose a person or a team."))
            return found
        name = chosen[0]
        known = _subjects(name).filter(pk=read_uuid(found[name])).first()
        if known is None:
            self.add_error(name, _("There is no such record here."))
        found["subject"] = known
        return found


def _subjects(name: str) -> Any:
    people: Any = get_user_model()
    if name == "person":
        return people.assignable.all()
    return people._meta.get_field("team").related_model._default_manager.all()


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def share(request: HttpRequest, kind: RecordType, record_id: UUID) -> HttpResponse:
    """With whom it is shared already, and with whom more."""
    if not (kind.owner and kind.guarded):
        raise Http404
    record = visible_record(request, kind, record_id)
    require_within(request.user, kind, Verb.EDIT, [record.pk])
    form = ShareForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        subject = form.cleaned_data["subject"]
        may_edit = form.cleaned_data["may_edit"]
        try:
            share_record(kind, record, subject_id=subject.pk, may_edit=may_edit, by=request.user)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            return go(request, kind.url_of(record.pk), _("Shared with %(name)s") % {"name": subject})
    context = {
        "title": _("Share “%(title)s”") % {"title": kind.title_of(record)},
        "crumb": Place(kind.title_of(record), kind.url_of(record.pk), kind.icon),
        "form": form,
        "submit": _("Share"),
        "action": request.path,
        "cancel_url": kind.url_of(record.pk),
        "shares": _named(shares_of(record.pk)),
        "end_url": f"{kind.url_of(record.pk)}unshare/",
        "wide": "person team may_edit",
    }
    return render(request, "web/share.html", context, status=422 if form.errors else 200)


@require_POST
@login_required
def unshare(request: HttpRequest, kind: RecordType, record_id: UUID) -> HttpResponse:
    """No longer shown to one of them."""
    record = visible_record(request, kind, record_id)
    subject_id = read_uuid(request.POST.get("subject", ""))
    if subject_id is None:
        raise Http404
    unshare_record(kind, record, subject_id=subject_id, by=request.user)
    return go(request, kind.url_of(record.pk), _("No longer shared"))


def _named(shares: list[Any]) -> list[tuple[UUID, str, bool]]:
    """(id, name, may edit) of whom there still is."""
    ids = [each.subject_id for each in shares]
    names: dict[UUID, str] = {}
    for rows in (get_user_model()._default_manager.all(), _subjects("team")):
        names.update(rows.filter(pk__in=ids).values_list("pk", "name"))
    return [
        (each.subject_id, names[each.subject_id], each.may_edit)
        for each in shares
        if each.subject_id in names
    ]
