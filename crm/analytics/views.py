"""First pictures: pipeline by stage, won by month, won by person."""

import datetime as dt
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from core.clock import today
from core.entitlements import Feature, require
from core.ids import read_uuid
from core.money import format_money, short_money
from core.records.periods import month_of, period
from core.records.rights import require_shown
from core.records.types import record_type
from crm.analytics.selectors import Group, closed_span, open_by_stage, won_by_month, won_by_person
from crm.opportunities.selectors.opportunities import pipelines
from tenants.people.selectors import assignable_people
from web import charts
from web.records.access import showing

_SPANS = {
    "12_months": gettext_lazy("Last 12 months"),
    "this_year": gettext_lazy("This year"),
    "last_year": gettext_lazy("Last year"),
    "this_quarter": gettext_lazy("This quarter"),
    "all": gettext_lazy("All time"),
}
_MOST_MONTHS = 60


@require_safe
@login_required
def pictures(request: HttpRequest) -> HttpResponse:
    """`?span=12_months&owner=<id>&pipeline=<id>`. Raises NotInPlan; the records are in their lists all the same."""
    require(Feature.REPORTS)
    require_shown(request.user, record_type("opportunity"), "amount")
    owner = read_uuid(request.GET.get("owner", ""))
    span = request.GET.get("span", "")
    span = span if span in _SPANS else _first_span(request)
    first, last = _days(span, request)
    ways = list(pipelines())
    chosen = request.GET.get("pipeline", "")
    pipeline = next((way for way in ways if str(way.pk) == chosen), ways[0] if ways else None)
    stages = open_by_stage(pipeline, to=request.user, owner=owner) if pipeline else []
    months = won_by_month(first, last, to=request.user, owner=owner)
    people = won_by_person(first, last, to=request.user, owner=owner)
    context = {
        "spans": [(key, label, key == span) for key, label in _SPANS.items()],
        "people": [(str(each.pk), each.name, each.pk == owner) for each in assignable_people()],
        "pipelines": [(str(way.pk), way.name, way == pipeline) for way in ways] if len(ways) > 1 else [],
        "stage_figures": (stage_figures := [_stage(group, owner) for group in stages]),
        "stage_bars": charts.bars(stage_figures),
        "stage_sum": _sum(stages),
        "month_plot": charts.columns([_month(group, owner) for group in months], _axis),
        "month_sum": _sum(months),
        "person_figures": (person_figures := [_person(group, first, last) for group in people]),
        "person_bars": charts.bars(person_figures),
        "person_sum": _sum(people),
        "span_text": _("%(first)s to %(last)s")
        % {"first": date_format(first, "SHORT_DATE_FORMAT"), "last": date_format(last, "SHORT_DATE_FORMAT")},
    }
    return render(request, "crm/analytics/pictures.html", context)


def _first_span(request: HttpRequest) -> str:
    """The last twelve months; all time where the records end before them."""
    span = closed_span(to=request.user)
    return "all" if span and span[1] < month_of(today(), -11)[0] else "12_months"


def _days(span: str, request: HttpRequest) -> tuple[dt.date, dt.date]:
    if span == "12_months":
        return month_of(today(), -11)[0], month_of(today())[1]
    if span == "all":
        first, last = closed_span(to=request.user) or month_of(today())
        return max(first, month_of(last, 1 - _MOST_MONTHS)[0]), last
    return period(span, today())


def _axis(amount: Any) -> str:
    return short_money(amount, showing().currency)


def _figure(group: Group, label: str, query: str) -> charts.Figure:
    count = ngettext("%(count)s opportunity", "%(count)s opportunities", group.count)
    return charts.Figure(
        label=label,
        value=group.total,
        shown=format_money(group.total, showing().currency, trim=True),
        href=f"/opportunities/?{query}",
        note=count % {"count": f"{group.count:,}"},
    )


def _stage(group: Group, owner: UUID | None) -> charts.Figure:
    return _figure(group, group.label, f"f=stage.any.{group.key}{_owner_query(owner)}")


def _month(group: Group, owner: UUID | None) -> charts.Figure:
    first, last = month_of(group.key)
    days = f"f=closed_on.gte.{first}&f=closed_on.lte.{last}"
    label = date_format(group.key, "M Y")
    return _figure(group, label, f"f=outcome.any.won&{days}{_owner_query(owner)}")


def _person(group: Group, first: dt.date, last: dt.date) -> charts.Figure:
    who = f"f=owner.any.{group.key}" if group.key else "f=owner.empty."
    days = f"f=closed_on.gte.{first}&f=closed_on.lte.{last}"
    return _figure(group, group.label or _("Nobody"), f"{who}&f=outcome.any.won&{days}")


def _owner_query(owner: UUID | None) -> str:
    return f"&f=owner.any.{owner}" if owner else ""


def _sum(groups: list[Group]) -> str:
    total = sum((group.total for group in groups), start=Decimal(0))
    count = sum(group.count for group in groups)
    words = ngettext("%(total)s, %(count)s opportunity", "%(total)s, %(count)s opportunities", count)
    return words % {"total": format_money(total, showing().currency, trim=True), "count": f"{count:,}"}
