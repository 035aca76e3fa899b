"""The desk's key figures, over the opportunities that the person sees."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, Sum

from core.clock import today
from crm.opportunities.models import Outcome
from crm.opportunities.selectors.opportunities import visible_opportunities

WEEKS = 8
_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class OpenFigures:
    """amount: of open opportunities. weekly: the same at the ends of the last eight weeks, today last.

    closing: expected to close in this month, overdue ones of it counted apart. In the workspace's currency.
    """

    amount: Decimal
    count: int
    weekly: tuple[Decimal, ...]
    closing: Decimal
    closing_count: int
    closing_late: int

    @property
    def change(self) -> Decimal:
        """Since a week ago."""
        return self.amount - self.weekly[-2]


@dataclass(frozen=True, slots=True)
class WonFigures:
    """Amounts won in whole months and quarters so far, and in each of the last eight weeks, this one last."""

    this_month: Decimal
    last_month: Decimal
    same_month_last_year: Decimal
    this_quarter: Decimal
    last_quarter: Decimal
    count_this_month: int
    count_this_quarter: int
    weekly: tuple[Decimal, ...]


def month_start(day: dt.date, months_back: int = 0) -> dt.date:
    """The first day of the month, or of one before it."""
    months = day.year * 12 + day.month - 1 - months_back
    return dt.date(months // 12, months % 12 + 1, 1)


def quarter_start(day: dt.date, quarters_back: int = 0) -> dt.date:
    """The first day of the quarter, or of one before it."""
    return month_start(day, (day.month - 1) % 3 + 3 * quarters_back)


def open_figures(*, to: Any, day: dt.date | None = None) -> OpenFigures:
    """One query. Weeks are counted back from the day."""
    day = day or today()
    ends = [day - dt.timedelta(weeks=back) for back in range(WEEKS - 1, -1, -1)]
    is_open = Q(outcome=Outcome.OPEN)
    month = is_open & Q(expected_on__gte=month_start(day), expected_on__lt=month_start(day, -1))
    relevant = visible_opportunities(to=to).filter(is_open | Q(closed_on__gt=ends[0]))
    totals = relevant.aggregate(
        open_amount=Sum("amount", filter=is_open),
        count=Count("pk", filter=is_open),
        closing=Sum("amount", filter=month),
        closing_count=Count("pk", filter=month),
        closing_late=Count("pk", filter=month & Q(expected_on__lt=day)),
        **{
            f"week_{place}": Sum("amount", filter=Q(opened_on__lte=end) & (is_open | Q(closed_on__gt=end)))
            for place, end in enumerate(ends[:-1])
        },
    )
    amount = totals["open_amount"] or _ZERO
    weekly = tuple(totals[f"week_{place}"] or _ZERO for place in range(WEEKS - 1))
    return OpenFigures(
        amount,
        totals["count"],
        (*weekly, amount),
        totals["closing"] or _ZERO,
        totals["closing_count"],
        totals["closing_late"],
    )


def won_figures(*, to: Any, day: dt.date | None = None) -> WonFigures:
    """One query, a row for each day on which something was won."""
    day = day or today()
    since = month_start(day, 12)
    won = visible_opportunities(to=to).filter(outcome=Outcome.WON, closed_on__gte=since, closed_on__lte=day)
    days = list(won.values_list("closed_on").annotate(won_amount=Sum("amount"), count=Count("pk")).order_by())
    tomorrow = day + dt.timedelta(days=1)
    weeks = [day - dt.timedelta(weeks=back) for back in range(WEEKS, -1, -1)]
    return WonFigures(
        this_month=_between(days, month_start(day), tomorrow),
        last_month=_between(days, month_start(day, 1), month_start(day)),
        same_month_last_year=_between(days, month_start(day, 12), month_start(day, 11)),
        this_quarter=_between(days, quarter_start(day), tomorrow),
        last_quarter=_between(days, quarter_start(day, 1), quarter_start(day)),
        count_this_month=_count(days, month_start(day)),
        count_this_quarter=_count(days, quarter_start(day)),
        weekly=tuple(
            _between(days, start + dt.timedelta(days=1), end + dt.timedelta(days=1))
            for start, end in zip(weeks, weeks[1:], strict=False)
        ),
    )


_Day = tuple[dt.date, Decimal | None, int]


def _between(days: Iterable[_Day], start: dt.date, end: dt.date) -> Decimal:
    """From `start` up to, not including, `end`."""
    return sum((amount or _ZERO for day, amount, _count in days if start <= day < end), _ZERO)


def _count(days: Iterable[_Day], start: dt.date) -> int:
    return sum(count for day, _amount, count in days if day >= start)
