"""Settings → Working hours: the week, special days, and teams that keep their own."""

import datetime as dt
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.clock import today
from core.errors import DomainError
from core.ids import read_int, read_uuid
from core.places import time_zones
from core.records.parsing import Unreadable, read_date
from core.tenancy.scope import current_snapshot
from core.working_time import Span
from crm.workspace.models import SpecialDay
from crm.workspace.rules.hours import hours_text, read_spans, spans_text
from crm.workspace.selectors.hours import Week, days_ahead, listed_days, teams_with_hours, week_of
from crm.workspace.services.hours import (
    add_fixed_holidays_of_china,
    add_special_day,
    follow_workspace,
    remove_special_day,
    set_week,
)
from tenants.people.models import Team
from tenants.people.rights import require_administrator
from web.answers import go

_HOME = "/settings/hours/"
_AHEAD = 14


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def hours_settings(request: HttpRequest, team_id: UUID | None = None) -> HttpResponse:
    """The week of the workspace, or of a team; POST sets it."""
    user: Any = request.user
    require_administrator(user)
    team = _team(team_id)
    if request.method == "POST":
        try:
            batch = set_week(
                zone=request.POST.get("zone", ""), days=_texts(request.POST), team_id=team_id, by=user
            )
        except DomainError as error:
            return _page(request, team, typed=request.POST, problem=error)
        return go(request, _url(team_id), _("Saved"), batch=batch)
    return _page(request, team)


@require_safe
@login_required
def week_picture(request: HttpRequest) -> HttpResponse:
    """The picture of a week that is being typed; what cannot be read yet is left out."""
    require_administrator(request.user)  # type: ignore[arg-type]
    days = tuple(_read_or_nothing(text) for text in _texts(request.GET))
    return render(request, "crm/workspace/_week.html", {"picture": _picture(days)})


@require_POST
@login_required
def hours_follow(request: HttpRequest, team_id: UUID) -> HttpResponse:
    """The team follows the workspace's hours again."""
    user: Any = request.user
    require_administrator(user)
    _team(team_id)
    batch = follow_workspace(team_id, by=user)
    return go(request, _HOME, _("The team follows the hours of all"), batch=batch)


@require_POST
@login_required
def special_day_add(request: HttpRequest) -> HttpResponse:
    """A day off, or a weekend that is worked instead; `team` names one team."""
    user: Any = request.user
    require_administrator(user)
    team_id = read_uuid(request.POST.get("team", ""))
    team = _team(team_id)
    weekday = request.POST.get("weekday", "")
    try:
        batch = add_special_day(
            name=request.POST.get("name", ""),
            first=_day(request.POST.get("first", ""), "first"),
            last=_day(request.POST.get("last", ""), "last"),
            yearly=request.POST.get("yearly") == "yes",
            weekday=read_int(weekday),
            team_id=team_id,
            by=user,
        )
    except DomainError as error:
        return _page(request, team, given=request.POST, problem=error)
    return go(request, _url(team_id), _("Added"), batch=batch)


@require_POST
@login_required
def special_day_remove(request: HttpRequest, day_id: UUID) -> HttpResponse:
    """Back to what the weekday says."""
    try:
        batch = remove_special_day(day_id, by=request.user)
    except SpecialDay.DoesNotExist as error:
        raise Http404 from error
    return go(request, _url(read_uuid(request.POST.get("team", ""))), _("Removed"), batch=batch)


@require_POST
@login_required
def china_holidays(request: HttpRequest) -> HttpResponse:
    """The fixed days off of mainland China, every year."""
    batch, count = add_fixed_holidays_of_china(year=today().year, by=request.user)
    text = _("%(count)d holidays added") % {"count": count} if count else _("They are all here already.")
    return go(request, _HOME, text, batch=batch if count else None)


def _page(
    request: HttpRequest,
    team: Team | None,
    *,
    typed: QueryDict | None = None,
    given: QueryDict | None = None,
    problem: DomainError | None = None,
) -> HttpResponse:
    team_id = team.pk if team else None
    week = week_of(team_id)
    texts = _texts(typed) if typed is not None else [spans_text(spans) for spans in week.days]
    coming, over = listed_days(team_id)
    problems = {name: [str(text)] for name, text in problem.fields.items()} if problem else {}
    context = {
        "title": team.name if team else _("Working hours"),
        "team": team,
        "own": any(own for each, own in teams_with_hours() if each == team),
        "action": _url(team_id),
        "zone": typed.get("zone", "") if typed is not None else week.zone,
        "zones": [(name, label) for name, label, _country in time_zones()],
        "days": [
            (f"day-{number}", WEEKDAYS[number], text, problems.get(f"day-{number}", []))
            for number, text in enumerate(texts)
        ],
        "picture": _picture(tuple(_read_or_nothing(text) for text in texts)),
        "total": hours_text(week.minutes),
        "ahead": [(day, spans_text(spans)) for day, spans in days_ahead(team_id, _AHEAD)],
        "coming": [_told(day) for day in coming],
        "over": [_told(day) for day in over],
        "weekdays": [
            ("", _("Days off")),
            *((str(n), _("Worked as %(day)s") % {"day": WEEKDAYS[n]}) for n in range(7)),
        ],
        "given": given or {},
        "problems": problems,
        "teams": [] if team else teams_with_hours(),
        "china": team is None and current_snapshot().country in ("CN", ""),
    }
    return render(request, "crm/workspace/hours.html", context, status=problem.status if problem else 200)


def _told(day: Any) -> dict[str, Any]:
    return {
        "day": day,
        "worked": _("worked as %(day)s") % {"day": WEEKDAYS[day.weekday]} if day.weekday is not None else "",
    }


def _texts(data: QueryDict) -> list[str]:
    return [data.get(f"day-{number}", "")[:200] for number in range(7)]


def _read_or_nothing(text: str) -> tuple[Span, ...]:
    try:
        return read_spans(text)
    except Unreadable:
        return ()


def _picture(days: tuple[tuple[Span, ...], ...]) -> dict[str, Any]:
    """Bars on a scale of a unit a minute, 24 hours from left to right."""
    rows = [
        {
            "name": str(WEEKDAYS[number])[:20],
            "y": number * 26 + 4,
            "bars": [(span.start, span.end - span.start) for span in spans],
            "text": spans_text(spans) or _("off"),
        }
        for number, spans in enumerate(days)
    ]
    minutes = Week("UTC", days).minutes
    return {
        "rows": rows,
        "hours": [(hour, hour * 60) for hour in range(0, 25, 6)],
        "total": hours_text(minutes),
    }


def _team(team_id: UUID | None) -> Team | None:
    if team_id is None:
        return None
    team = Team.objects.filter(pk=team_id).first()
    if team is None:
        raise Http404
    return team


def _day(text: str, name: str) -> dt.date | None:
    if not text.strip():
        return None
    try:
        return read_date(text)
    except Unreadable as error:
        raise DomainError(str(error), fields={name: str(error)})


def _url(team_id: UUID | None) -> str:
    return f"{_HOME}{team_id}/" if team_id else _HOME
