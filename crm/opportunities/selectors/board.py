"""Reading the board: a pipeline's stages as columns of cards."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count, Min, Q, QuerySet, Subquery, Sum

from core.clock import today
from crm.activities.models import Task
from crm.opportunities.models import Opportunity, Outcome, Pipeline, Stage
from crm.opportunities.rules import position_between, weighted
from crm.opportunities.selectors.opportunities import visible_opportunities

CARDS_A_COLUMN = 30
CLOSED_DAYS = 30


@dataclass(frozen=True)
class StageSum:
    """All that stands in a column. weighted: None for a closed stage, which the board's head does not count."""

    count: int = 0
    total: Decimal = Decimal(0)
    weighted: Decimal | None = None


@dataclass(frozen=True)
class Column:
    """A stage with its newest cards, and the figures of all that stand in it, not only of those shown."""

    stage: Stage
    figures: StageSum
    cards: list[Opportunity]

    @property
    def has_more(self) -> bool:
        return self.figures.count > len(self.cards)


def board_columns(pipeline: Pipeline, condition: Q, *, to: Any) -> list[Column]:
    """Open stages whole; won and lost only what was closed in the last CLOSED_DAYS days."""
    found = on_board(condition, to=to).filter(pipeline=pipeline)
    sums = stage_sums(pipeline.pk, condition, to=to)
    cards = _first_cards(found, list(sums))
    return [
        Column(stage, sums.get(stage.pk, StageSum()), cards.get(stage.pk, []))
        for stage in pipeline.stages.all()
    ]


def _first_cards(found: QuerySet[Opportunity], stage_ids: list[UUID]) -> dict[UUID, list[Opportunity]]:
    """The first page of every column in two queries, however many columns there are."""
    if not stage_ids:
        return {}
    first, *rest = (
        found.filter(stage_id=stage_id).values_list("pk", flat=True)[:CARDS_A_COLUMN]
        for stage_id in stage_ids
    )
    ids = list(first.union(*rest, all=True)) if rest else list(first)
    cards: dict[UUID, list[Opportunity]] = {}
    shown = Opportunity.objects.filter(pk__in=ids).select_related("account", "owner")
    for card in shown.order_by("board_position", "pk"):
        cards.setdefault(card.stage_id, []).append(card)
    return cards


def on_board(condition: Q, *, to: Any) -> QuerySet[Opportunity]:
    """What a board shows, in the order of its columns."""
    recently = today() - dt.timedelta(days=CLOSED_DAYS)
    return (
        visible_opportunities(to=to)
        .filter(condition)
        .filter(Q(outcome=Outcome.OPEN) | Q(closed_on__gte=recently))
        .order_by("board_position", "pk")
    )


def cards_of(found: QuerySet[Opportunity], stage_id: UUID, start: int = 0) -> list[Opportunity]:
    """One page of a column's cards."""
    cards = found.filter(stage_id=stage_id).select_related("account", "owner")
    return list(cards[start : start + CARDS_A_COLUMN])


def stage_sums(pipeline_id: UUID, condition: Q, *, to: Any) -> dict[UUID, StageSum]:
    """What stands in the columns of a board, in one query; a column without cards is absent."""
    rows = (
        on_board(condition, to=to)
        .filter(pipeline_id=pipeline_id)
        .order_by()
        .values("stage_id", "stage__outcome", "stage__probability_percent")
        .annotate(count=Count("pk"), total=Sum("amount"))
    )
    sums = {}
    for row in rows:
        total = row["total"] or Decimal(0)
        is_open = row["stage__outcome"] == Outcome.OPEN
        likely = weighted(total, row["stage__probability_percent"]) if is_open else None
        sums[row["stage_id"]] = StageSum(row["count"], total, likely)
    return sums


def next_step_days(opportunities: Iterable[Opportunity]) -> dict[UUID, dt.date | None]:
    """For each that has an open task: the day of its earliest one (None: without a day)."""
    rows = (
        Task.objects.filter(target_id__in=[each.pk for each in opportunities], done_at__isnull=True)
        .values("target_id")
        .annotate(day=Min("due_on"))
    )
    return {row["target_id"]: row["day"] for row in rows}


@dataclass(frozen=True)
class Destination:
    """Where a card is to go. title: of the card, None when the person may not see it.

    position: a place in front of a card or at the column's end; None when the column must be renumbered.
    """

    stage: Stage
    title: str | None
    position: float | None


def destination_of(
    opportunity_id: UUID, *, to_stage: UUID, before: UUID | None, to: Any
) -> Destination | None:
    """All that a move must know beforehand, in one query; None when there is no such stage."""
    column = Opportunity.objects.filter(stage_id=to_stage).exclude(pk=opportunity_id).order_by()
    anchor = Subquery(column.filter(pk=before).values("board_position"))
    earlier = column
    if before is not None:
        # The redundant first bound lets PostgreSQL start in the middle of the index.
        earlier = column.filter(board_position__lte=anchor).filter(
            Q(board_position__lt=anchor) | Q(pk__lt=before)
        )
    previous = earlier.order_by("-board_position", "-pk").values("board_position")[:1]
    found = Stage.objects.filter(pk=to_stage).annotate(
        anchor=anchor,
        previous=Subquery(previous),
        title=Subquery(visible_opportunities(to=to).filter(pk=opportunity_id).values("name")),
    )
    stage = found.first()
    if stage is None:
        return None
    position = position_between(stage.previous, stage.anchor, at_end=before is None)
    return Destination(stage, stage.title, position)
