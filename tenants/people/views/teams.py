"""Settings → Teams, and the picker of teams."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.errors import DomainError
from core.records.text import fold, search_text
from tenants.people.forms import TeamForm, with_problems
from tenants.people.models import Team
from tenants.people.rights import require_administrator
from tenants.people.selectors import assignable_people, visible_people, visible_teams
from tenants.people.teams import change_team, delete_team, make_team
from web.answers import go, show_form
from web.records.finding import option_of

_OPTIONS = 20


@require_safe
@login_required
def teams_settings(request: HttpRequest) -> HttpResponse:
    """Every team with its people."""
    user: Any = request.user
    require_administrator(user)
    teams = visible_teams(to=user).select_related("parent", "leader").prefetch_related("members")
    return render(request, "tenants/people/teams.html", {"title": _("Teams"), "teams": teams})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def team_new(request: HttpRequest) -> HttpResponse:
    require_administrator(request.user)  # type: ignore[arg-type]
    return _team_form(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def team_edit(request: HttpRequest, team_id: UUID) -> HttpResponse:
    require_administrator(request.user)  # type: ignore[arg-type]
    return _team_form(request, get_object_or_404(visible_teams(to=request.user), pk=team_id))  # type: ignore[arg-type]


@require_POST
@login_required
def team_delete(request: HttpRequest, team_id: UUID) -> HttpResponse:
    team = get_object_or_404(visible_teams(to=request.user), pk=team_id)  # type: ignore[arg-type]
    batch = delete_team(team, by=request.user)  # type: ignore[arg-type]
    return go(
        request, reverse("teams_settings"), _("Deleted “%(title)s”") % {"title": team.name}, batch=batch
    )


@require_safe
@login_required
def team_pick(request: HttpRequest) -> JsonResponse:
    """Options for a picker: [{value, text, note}]; the note says how many people are in it."""
    teams = visible_teams(to=request.user).annotate(size=Count("members"))  # type: ignore[arg-type]
    query = request.GET.get("q", "").strip()[:200]
    # A workspace has few teams: they are looked through here, where pinyin and initials are known.
    found = [team for team in teams if fold(query) in search_text(team.name)]
    options = [option_of(team.pk, team.name, _size(team.size), found_by=query) for team in found[:_OPTIONS]]
    return JsonResponse(options, safe=False)


def _size(count: int) -> str:
    return ngettext("%(count)d person", "%(count)d people", count) % {"count": count}


def _team_form(request: HttpRequest, team: Team | None) -> HttpResponse:
    user: Any = request.user
    people = {str(each.pk): each.name for each in assignable_people()}
    teams = {str(each.pk): each.name for each in visible_teams(to=user) if each != team}
    initial = _as_it_is(team) if team else {}
    form = TeamForm(request.POST or None, initial=initial, people=people, teams=teams)
    if request.method == "POST" and form.is_valid():
        members = visible_people(to=user).filter(pk__in=form.cleaned_data["members"])
        name = form.cleaned_data["name"]
        wanted: dict[str, Any] = {
            "name": name,
            "members": members,
            "leader": visible_people(to=user).filter(pk=form.cleaned_data["leader"] or None).first(),
            "parent": visible_teams(to=user).filter(pk=form.cleaned_data["parent"] or None).first(),
        }
        try:
            if team is None:
                team, batch = make_team(**wanted, by=user)
            else:
                batch = change_team(team, **wanted, by=user)
        except DomainError as error:
            with_problems(form, error.fields, error)
        else:
            return go(
                request, reverse("teams_settings"), _("Saved “%(title)s”") % {"title": name}, batch=batch
            )
    context = {
        "form": form,
        "action": request.path,
        "cancel_url": reverse("teams_settings"),
        "title": _("Change “%(title)s”") % {"title": team.name} if team else _("New team"),
        "submit": _("Save") if team else _("Make the team"),
        "wide": "name members leader parent",
    }
    return show_form(request, context, refused=form.errors)


def _as_it_is(team: Team) -> dict[str, Any]:
    return {
        "name": team.name,
        "members": [str(pk) for pk in team.members.values_list("pk", flat=True)],
        "leader": str(team.leader_id or ""),
        "parent": str(team.parent_id or ""),
    }
