"""Aggregates over the opportunities that a person may see: one grouped statement a picture."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count, Sum
from django.db.models.functions import TruncMonth

from crm.opportunities.models import Outcome, Pipeline
from crm.opportunities.selectors.opportunities import visible_opportunities

MOST_PEOPLE = 50


@dataclass(frozen=True)
class Group:
    """One bar: what it is, how many opportunities, and their sum in the workspace's currency."""

    key: Any
    label: str
    count: int
    total: Decimal


def open_by_stage(pipeline: Pipeline, *, to: Any, owner: UUID | None = None) -> list[Group]:
    """Every open stage of the pipeline in order, also those that hold nothing."""
    found = visible_opportunities(to=to).filter(pipeline=pipeline, outcome=Outcome.OPEN)
    if owner:
        found = found.filter(owner_id=owner)
    sums = {
        row["stage_id"]: row
        for row in found.order_by().values("stage_id").annotate(count=Count("pk"), total=Sum("amount"))
    }
    empty = {"count": 0, "total": None}
    return [
        Group(stage.pk, stage.name, (row := sums.get(stage.pk, empty))["count"], row["total"] or Decimal(0))
        for stage in pipeline.stages.all()
        if stage.outcome == Outcome.OPEN
    ]


def won_by_month(first: dt.date, last: dt.date, *, to: Any, owner: UUID | None = None) -> list[Group]:
    """Every month from first to last, also those in which nothing was won; key: its first day."""
    rows = (
        _won(first, last, to=to, owner=owner)
        .annotate(month=TruncMonth("closed_on"))
        .values("month")
        .annotate(count=Count("pk"), total=Sum("amount"))
        .order_by("month")
    )
    sums = {row["month"]: row for row in rows}
    empty = {"count": 0, "total": None}
    groups = []
    for month in months_between(first, last):
        row = sums.get(month, empty)
        groups.append(Group(month, "", row["count"], row["total"] or Decimal(0)))
    return groups


def won_by_person(first: dt.date, last: dt.date, *, to: Any, owner: UUID | None = None) -> list[Group]:
    """Who won most, highest first; key: the person's id, None for what belongs to nobody."""
    rows = (
        _won(first, last, to=to, owner=owner)
        .order_by()
        .values("owner_id", "owner__name")
        .annotate(count=Count("pk"), total=Sum("amount"))
        .order_by("-total", "owner_id")[:MOST_PEOPLE]
    )
    return [
        Group(row["owner_id"], row["owner__name"] or "", row["count"], row["total"] or Decimal(0))
        for row in rows
    ]


def closed_span(*, to: Any) -> tuple[dt.date, dt.date] | None:
    """First and last day on which something was won; None when nothing was."""
    won = visible_opportunities(to=to).filter(outcome=Outcome.WON, closed_on__isnull=False)
    first = won.order_by("closed_on").values_list("closed_on", flat=True).first()
    last = won.order_by("-closed_on").values_list("closed_on", flat=True).first()
    return (first, last) if first and last else None


def months_between(first: dt.date, last: dt.date) -> list[dt.date]:
    """First days of the months from the one of `first` to the one of `last`."""
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    start = first.year * 12 + first.month - 1
    return [dt.date((start + n) // 12, (start + n) % 12 + 1, 1) for n in range(max(0, count))]


def _won(first: dt.date, last: dt.date, *, to: Any, owner: UUID | None) -> Any:
    won = visible_opportunities(to=to).filter(outcome=Outcome.WON, closed_on__gte=first, closed_on__lte=last)
    return won.filter(owner_id=owner) if owner else won
