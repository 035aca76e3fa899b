"""Figures of each day, and their run over the last thirty. Public scope."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from core.clock import now
from tenants.console.models import DailyFigures
from tenants.console.selectors import monthly_revenue, paying_tenants, tab_counts
from web.charts import Spark, spark

DAYS = 30


@dataclass(frozen=True, slots=True)
class Run:
    """A small line, and what it shows in words; spark is None until there are two days to draw."""

    spark: Spark | None
    words: str


def write_figures() -> None:
    """Of today; a second writing replaces the first."""
    counts = tab_counts()
    DailyFigures.objects.update_or_create(
        day=now().date(),
        defaults={
            "paying": paying_tenants(),
            "trials_ending": counts["trials"],
            "past_due": counts["unpaid"],
            "monthly_minor": dict(monthly_revenue()),
        },
    )


def last_days() -> list[DailyFigures]:
    """Those that were written within the last thirty days, the oldest first."""
    return list(DailyFigures.objects.filter(day__gt=now().date() - dt.timedelta(days=DAYS)))


def run_of(
    days: list[DailyFigures], value: Callable[[DailyFigures], int], shown: Callable[[int], str]
) -> Run:
    """value: the figure of a day; shown: it in words."""
    values = [value(each) for each in days]
    if len(values) < 2:
        return Run(None, "")
    words = _("From %(first)s to %(last)s within %(days)d days") % {
        "first": shown(values[0]),
        "last": shown(values[-1]),
        "days": (days[-1].day - days[0].day).days,
    }
    return Run(spark(values), words)
