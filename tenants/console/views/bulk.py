"""One action for the tenants that were ticked in the list: first who is hit, then the action."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext
from django.views.decorators.http import require_http_methods

from core.clock import now
from core.errors import DomainError
from tenants.console.bulk import (
    Outcome,
    announce_to,
    chosen_tenants,
    extend_all,
    grant_all,
    has_trial,
    note_all,
)
from tenants.console.forms import AnnouncementForm, GrantForm, NoteForm, TrialForm
from tenants.console.rows import row_of
from tenants.people.forms import with_problems
from tenants.registry.models import Tenant
from web.answers import go
from web.shell import Place

_NAMED = 3


class AudienceForm(AnnouncementForm):
    """Without its audience: that is the tenants that were ticked."""

    plans = None  # type: ignore[assignment]
    tenants = None  # type: ignore[assignment]


@dataclass(frozen=True, slots=True)
class Verb:
    """hits: whether it can be done for a tenant, as far as its row says."""

    label: Any
    icon: str
    form: Any
    act: Callable[..., Outcome]
    hits: Callable[[Tenant], bool] = lambda tenant: True


_VERBS = {
    "note": Verb(gettext_lazy("Note it"), "message-square", NoteForm, note_all),
    "grant": Verb(gettext_lazy("Grant more"), "plus", GrantForm, grant_all),
    "trial": Verb(gettext_lazy("Extend the trial"), "calendar", TrialForm, extend_all, has_trial),
    "announce": Verb(gettext_lazy("Announce"), "bell", AudienceForm, announce_to),
}


def verbs() -> list[tuple[str, Any, str]]:
    """(address, words, icon) for the list's bar."""
    return [(reverse("bulk", args=[name]), verb.label, verb.icon) for name, verb in _VERBS.items()]


@require_http_methods(["GET", "HEAD", "POST"])
def act(request: HttpRequest, verb: str) -> HttpResponse:
    """Who is hit and who is left out, with the form; a POST does it for those who are still named."""
    wanted = _VERBS.get(verb)
    if wanted is None:
        raise Http404
    given = request.POST if request.method == "POST" else request.GET
    tenants = chosen_tenants(given.getlist("pick"))
    if not tenants:
        return go(request, reverse("console"), _("Tick at least one tenant first."))
    hit = [each for each in tenants if wanted.hits(each)]
    form = wanted.form(request.POST or None)
    if request.method == "POST" and form.is_valid() and hit:
        try:
            outcome = wanted.act(hit, by=request.user, **form.cleaned_data)
        except DomainError as error:
            with_problems(form, error.fields, error)
        else:
            return go(request, reverse("console"), _told(outcome))
    at = now()
    context = {
        "title": str(wanted.label),
        "crumb": Place(pgettext("menu", "Tenants"), reverse("console"), "building-2"),
        "form": form,
        "wide": list(form.fields),
        "hit": [row_of(each, at) for each in hit],
        "left_out": [row_of(each, at) for each in tenants if each not in hit],
        "action": request.path,
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "tenants/console/bulk.html", context, status=status)


def _told(outcome: Outcome) -> str:
    """'Done for 4 tenants. Not for Acme: …'"""
    count = len(outcome.done)
    words = ngettext("Done for %(count)d tenant.", "Done for %(count)d tenants.", count) % {"count": count}
    for tenant, why in outcome.refused[:_NAMED]:
        words += " " + _("Not for %(name)s: %(why)s") % {"name": tenant.name, "why": why}
    if len(outcome.refused) > _NAMED:
        words += " " + _("And not for %(count)d more.") % {"count": len(outcome.refused) - _NAMED}
    return words
