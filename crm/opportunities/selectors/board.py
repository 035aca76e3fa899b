"""Reading the board: a pipeline's stages as columns of cards."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count, Min, Q, QuerySet, Sum

from core.clock import today
from crm.activities.models import Task
from crm.opportunities.models import Opportunity, Outcome, Pipeline, Stage
from crm.opportunities.rules import weighted
from crm.opportunities.selectors.opportunities import visible_opportunities

CARDS_A_COLUMN = 30
CLOSED_DAYS = 30


@dataclass(frozen=True)
class Column:
    """A stage with its newest cards. count and total: of all that stand in it, not only those shown."""

    stage: Stage
    count: int
    total: Decimal
    cards: list[Opportunity]

    @property
    def has_more(self) -> bool:
        return self.count > len(self.cards)

    @property
    def weighted(self) -> Decimal:
        return weighted(self.total, self.stage.probability_percent)


def board_columns(pipeline: Pipeline, condition: Q, *, to: Any) -> list[Column]:
    """Open stages whole; won and lost only what was closed in the last CLOSED_DAYS days."""
    found = on_board(condition, to=to).filter(pipeline=pipeline)
    sums = {
        row["stage_id"]: row
        for row in found.order_by().values("stage_id").annotate(count=Count("pk"), total=Sum("amount"))
    }
    cards = _first_cards(found, list(sums))
    columns = []
    for stage in pipeline.stages.all():
        row = sums.get(stage.pk, {"count": 0, "total": None})
        columns.append(Column(stage, row["count"], row["total"] or Decimal(0), cards.get(stage.pk, [])))
    return columns


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


def stage_sums(stage_ids: Iterable[UUID], *, to: Any) -> dict[UUID, tuple[int, Decimal]]:
    """(count, total) of columns after a move."""
    rows = (
        on_board(Q(stage_id__in=list(stage_ids)), to=to)
        .order_by()
        .values("stage_id")
        .annotate(count=Count("pk"), total=Sum("amount"))
    )
    return {row["stage_id"]: (row["count"], row["total"] or Decimal(0)) for row in rows}


def next_step_days(opportunities: Iterable[Opportunity]) -> dict[UUID, dt.date | None]:
    """For each that has an open task: the day of its earliest one (None: without a day)."""
    rows = (
        Task.objects.filter(target_id__in=[each.pk for each in opportunities], done_at__isnull=True)
        .values("target_id")
        .annotate(day=Min("due_on"))
    )
    return {row["target_id"]: row["day"] for row in rows}


def position_before(stage_id: UUID, before: UUID | None, moving: UUID) -> float | None:
    """A place in a column in front of a card, or at its end; None when the column must be renumbered."""
    column = Opportunity.objects.filter(stage_id=stage_id).exclude(pk=moving)
    if before is None:
        last = column.order_by("-board_position").values_list("board_position", flat=True).first()
        return 0.0 if last is None else last + 1
    anchor = column.filter(pk=before).first()
    if anchor is None:
        return None
    earlier = column.filter(
        Q(board_position__lt=anchor.board_position) | Q(board_position=anchor.board_position, pk__lt=before)
    )
    previous = earlier.order_by("-board_position", "-pk").values_list("board_position", flat=True).first()
    if previous is None:
        return anchor.board_position - 1
    middle = (previous + anchor.board_position) / 2
    return middle if previous < middle < anchor.board_position else None
