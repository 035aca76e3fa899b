"""What the living page's parts ask for: search, people, a value saved, a card moved, a job."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from web import living_samples as samples
from web.living import SampleForm, developers_only


@require_safe
@developers_only
def find(request: HttpRequest) -> HttpResponse:
    """Answers the palette."""
    asked = request.GET.get("q", "").lower()
    found = [
        {"label": firm, "sub": _("Account"), "icon": "building-2", "href": "/living/record"}
        for firm in samples.told(samples.FIRMS)
        if asked and asked in firm.lower()
    ]
    return render(request, "web/_palette_results.html", {"groups": [(_("Accounts"), found)] if found else []})


@require_safe
@developers_only
def people(request: HttpRequest) -> HttpResponse:
    """Answers the mention picker."""
    asked = request.GET.get("q", "").lower()
    names = [name for name in samples.told(samples.PEOPLE) if asked in name.lower()]
    found = [{"id": place, "name": name} for place, name in enumerate(names)]
    return render(request, "web/_mention_options.html", {"people": found})


@developers_only
def field(request: HttpRequest) -> HttpResponse:
    """One value edited in place: refuses `bad` with its own text kept."""
    value = request.POST.get("phone", "+44 113 496 0140")
    context = {"url": "/living/field", "name": "phone", "label": _("Phone"), "kind": "tel", "value": value}
    if request.method != "POST":
        return render(request, "web/_inline_form.html", context)
    if value == "bad":
        context["error"] = _("This is not a phone number.")
        return render(request, "web/_inline_form.html", context, status=422)
    return render(request, "web/_living_field.html", context)


@require_POST
@developers_only
def move(request: HttpRequest, card: str) -> HttpResponse:
    """A card moved: the last stage refuses."""
    if request.POST.get("stage") == "3":
        return JsonResponse({"message": _("A reason is needed first.")}, status=422)
    return JsonResponse({"undo": "/living/moved-back", "columns": {}})


@require_POST
@developers_only
def touch(request: HttpRequest) -> HttpResponse:
    """Accepts anything and does nothing."""
    return HttpResponse(status=204)


@developers_only
def dialog(request: HttpRequest) -> HttpResponse:
    """A form in the dialog."""
    context = {
        "title": _("Filter"),
        "form": SampleForm(auto_id="dialog_%s"),
        "submit": _("Save"),
        "action": "/living/dialog",
    }
    return render(request, "web/_form_dialog.html", context)


@require_safe
@developers_only
def job(request: HttpRequest, state: str) -> HttpResponse:
    """The job as it asks for itself: a running one is done at the second look."""
    return render(request, "web/_living_job.html", {"job": samples.job("done", 98_200)})
