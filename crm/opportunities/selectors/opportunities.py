"""Reading opportunities and their pipelines."""

from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet

from core.records.rights import within
from core.records.types import record_type
from crm.opportunities.models import Opportunity, Outcome, Pipeline, Stage


def visible_opportunities(*, to: Any) -> QuerySet[Opportunity]:
    """The opportunities that a person may see."""
    return within(Opportunity.objects.all(), record_type("opportunity"), to=to)


def open_opportunities(*, to: Any) -> QuerySet[Opportunity]:
    """Those of them that are neither won nor lost."""
    return visible_opportunities(to=to).filter(outcome=Outcome.OPEN)


def pipelines() -> QuerySet[Pipeline]:
    """The pipelines in use, in order; their stages come with them."""
    return Pipeline.objects.filter(archived=False).prefetch_related("stages")


def archived_pipelines() -> QuerySet[Pipeline]:
    """Those that are no longer offered."""
    return Pipeline.objects.filter(archived=True)


def standing_in() -> dict[UUID, int]:
    """How many opportunities stand in each stage, whoever sees them, the bin left out."""
    rows = Opportunity.objects.order_by().values_list("stage").annotate(Count("pk"))
    return dict(rows)


def first_pipeline() -> Pipeline | None:
    return pipelines().first()


def stages() -> QuerySet[Stage]:
    """All stages of all pipelines, in order."""
    return Stage.objects.select_related("pipeline").order_by("pipeline__position", "position")
