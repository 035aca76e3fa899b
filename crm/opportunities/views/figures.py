"""The figures over a board: of its columns and of its head.

A board carries them raw as well as to be read. A move sends back those that it touches, and is answered with what
it makes of them: that costs no look at the other cards.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from core.money import format_money
from crm.opportunities.models import Opportunity, Outcome, Stage
from crm.opportunities.rules import weighted
from crm.opportunities.selectors.board import StageSum
from web.records.access import showing

_LARGEST = Decimal(10) ** 18


@dataclass(frozen=True, slots=True)
class Head:
    """Of the open stages: their total, and the part of it that is likely. In the workspace's currency."""

    total: Decimal = Decimal(0)
    likely: Decimal = Decimal(0)


def head_of(sums: Iterable[StageSum]) -> Head:
    """Of the open stages among them."""
    counted = [(each.total, each.weighted) for each in sums if each.weighted is not None]
    total = sum((each for each, _weighted in counted), start=Decimal(0))
    return Head(total, sum((each for _total, each in counted), start=Decimal(0)))


def shown_head(head: Head) -> dict[str, str]:
    """raw: for the next move. text: to be read."""
    currency = showing().currency
    words = {
        "total": format_money(head.total, currency, trim=True),
        "likely": format_money(head.likely, currency, trim=True),
    }
    return {
        "raw": f"{_plain(head.total)} {_plain(head.likely)}",
        "text": _("%(total)s open, %(likely)s weighted") % words,
    }


def shown_sum(figures: StageSum) -> dict[str, Any]:
    """raw: for the next move. count, total: to be read."""
    total = format_money(figures.total, showing().currency, trim=True)
    return {"raw": f"{figures.count} {_plain(figures.total)}", "count": figures.count, "total": total}


def figures_after_move(sent: Mapping[str, str], moved: Opportunity, stage: Stage) -> dict[str, Any]:
    """What the board shows after the move. moved: as it was before, with its stage.

    sent: source, goal and head as the board shows them; without all three, or within one column, nothing changes.
    """
    source, goal, head = (_read(sent.get(name, "")) for name in ("source", "goal", "head"))
    if moved.stage_id == stage.pk or source is None or goal is None or head is None:
        return {}
    amount = moved.amount or Decimal(0)
    left = StageSum(max(int(source[0]) - 1, 0), source[1] - amount)
    reached = StageSum(int(goal[0]) + 1, goal[1] + amount)
    after = _add(_add(Head(*head), moved.stage, -amount), stage, amount)
    columns = {str(moved.stage_id): shown_sum(left), str(stage.pk): shown_sum(reached)}
    return {"columns": columns, "head": shown_head(after)}


def _add(head: Head, stage: Stage, amount: Decimal) -> Head:
    if stage.outcome != Outcome.OPEN:
        return head
    likely = head.likely + weighted(amount, stage.probability_percent)
    return replace(head, total=head.total + amount, likely=likely)


def _plain(amount: Decimal) -> str:
    """The same text for the same amount, however it was worked out."""
    return format(amount.normalize(), "f")


def _read(raw: str) -> tuple[Decimal, Decimal] | None:
    """Two numbers, as this module writes them; None for anything else."""
    try:
        first, second = map(Decimal, raw.split())
    except (InvalidOperation, ValueError):
        return None
    sound = all(each.is_finite() and abs(each) < _LARGEST for each in (first, second))
    return (first, second) if sound else None
