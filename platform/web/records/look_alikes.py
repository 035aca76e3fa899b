"""A calm word while a record is made: it may be there already."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core.records.look_alikes import compared_fields, look_alikes
from core.records.types import RecordType

_LONGEST = 300


@require_safe
@login_required
def show_look_alikes(request: HttpRequest, kind: RecordType) -> HttpResponse:
    """Asked by the form of a new record with what is typed so far; nothing when nothing is alike."""
    if not kind.creatable:
        raise Http404
    texts = {each.name: request.GET.get(each.name, "")[:_LONGEST] for each in compared_fields(kind)}
    context = {"kind": kind, "alike": look_alikes(kind, texts, to=request.user)}
    return render(request, "web/_look_alikes.html", context)
