"""Settings → People → deactivate, or hand over: what somebody owns, who takes it, how much each gets."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from core.errors import DomainError
from core.records.types import record_type
from tenants.people.forms import with_problems
from tenants.people.leaving.forms import LeavingForm
from tenants.people.leaving.owned import duties_of, owned_by
from tenants.people.leaving.planning import plan_hand_over
from tenants.people.leaving.services import check_wish, hand_over, let_go
from tenants.people.models import HandOver, HandOverState, User
from tenants.people.rights import require_administrator, require_power_over
from tenants.people.selectors import visible_people
from web.answers import go


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def deactivate(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """The person is out at the next request; what they own goes to others."""
    user: Any = request.user
    require_administrator(user)
    person = _person(request, person_id)
    require_power_over(person, by=user)
    return _page(request, person, leaving=True)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def hand_records_over(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """What somebody owns goes to others; the person, or the placeholder, stays."""
    require_administrator(request.user)  # type: ignore[arg-type]
    return _page(request, _person(request, person_id), leaving=False)


@require_safe
@login_required
def preview(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """How much each would get, by the answers of the form so far."""
    require_administrator(request.user)  # type: ignore[arg-type]
    person = _person(request, person_id)
    form = LeavingForm(request.GET, person=person, owned=owned_by(person))
    context: dict[str, Any] = {"problem": _("Say who takes over, and what each gets is shown here.")}
    if form.is_valid():
        try:
            check_wish(person, form.wish())
            context = _shares(person, form)
        except DomainError as error:
            context = {"problem": str(error)}
    return render(request, "tenants/people/_shares.html", context)


@require_safe
@login_required
def hand_over_page(request: HttpRequest, hand_over_id: UUID) -> HttpResponse:
    """A hand-over on its way, and what became of it."""
    require_administrator(request.user)  # type: ignore[arg-type]
    found = get_object_or_404(HandOver.objects.select_related("person"), pk=hand_over_id)
    job = _job(found)
    if request.headers.get("HX-Request"):
        return render(request, "tenants/people/_hand_over_job.html", {"job": job})
    names = dict(User.objects.filter(pk__in=found.given).values_list("pk", "name"))
    given = sorted((names.get(UUID(key), "–"), count) for key, count in found.given.items())
    context = {"title": _("Hand-over of %(name)s") % {"name": found.person.name}, "job": job, "given": given}
    return render(request, "tenants/people/hand_over.html", context)


def _page(request: HttpRequest, person: User, *, leaving: bool) -> HttpResponse:
    owned = owned_by(person)
    form = LeavingForm(request.POST if request.method == "POST" else None, person=person, owned=owned)
    if request.method == "POST" and (not owned or form.is_valid()):
        try:
            return _done(request, person, form if owned else None, leaving=leaving)
        except DomainError as error:
            if not owned:
                raise
            with_problems(form, error.fields, error)
    context = {
        "title": (_("Deactivate %(name)s") if leaving else _("Hand over what %(name)s owns"))
        % {"name": person.name},
        "person": person,
        "leaving": leaving,
        "owned": owned,
        "duties": duties_of(person) if leaving else [],
        "total": sum(each.count for each in owned),
        "form": form,
    }
    return render(
        request, "tenants/people/leaving.html", context, status=422 if form.errors and owned else 200
    )


def _done(request: HttpRequest, person: User, form: LeavingForm | None, *, leaving: bool) -> HttpResponse:
    user: Any = request.user
    wish = form.wish() if form else None
    if leaving:
        started = let_go(person, wish=wish, by=user)
    else:
        started = hand_over(person, wish=wish, by=user) if wish else None
    out = _("%(name)s can no longer sign in") % {"name": person.name} if leaving else ""
    if started is None:
        return go(request, reverse("people_settings"), out or _("There is nothing to hand over."))
    if started.state == HandOverState.RUNNING:
        return go(request, reverse("hand_over", args=[started.pk]), out)
    told = ngettext("%(count)d record handed over", "%(count)d records handed over", started.done)
    said = " · ".join(each for each in (out, told % {"count": started.done}) if each)
    # Taken back, it would all be a leaver's again: only who stays is offered that.
    return go(request, reverse("people_settings"), said, batch=None if leaving else started.batch)


def _shares(person: User, form: LeavingForm) -> dict[str, Any]:
    plan = plan_hand_over(person, form.wish())
    counts = plan.counts()
    people = User.objects.filter(pk__in=counts).order_by("name_key", "id")
    return {
        "rows": [
            (
                each,
                [(record_type(key).label_plural, count) for key, count in counts[each.pk].items()],
                counts[each.pk].total(),
            )
            for each in people
        ],
        "total": len(plan.lines),
        "staying": sum(each.count for each in owned_by(person)) - len(plan.lines),
        "name": person.name,
    }


def _job(found: HandOver) -> dict[str, Any]:
    done = found.state == HandOverState.DONE
    return {
        "url": reverse("hand_over", args=[found.pk]),
        "title": _("What %(name)s owned") % {"name": found.person.name},
        "icon": "arrow-right",
        "done": found.done,
        "total": found.total,
        "percent": f"{100 * found.done // found.total}%" if found.total else "",
        "figures": [(_("Handed over"), f"{found.done:,}"), (_("Records"), f"{found.total:,}")],
        "state": "done" if done else "running",
        "sentence": "" if done else _("Each record changes hands once, whatever happens meanwhile."),
    }


def _person(request: HttpRequest, person_id: UUID) -> User:
    return get_object_or_404(visible_people(to=request.user), pk=person_id)  # type: ignore[arg-type]
