"""Revenue in pictures, from the spans that billing keeps. Public scope; one currency at a time."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass

from billing.subscriptions.models import RevenueSpan, Subscription
from billing.subscriptions.rules.standing import State
from tenants.registry.models import Tenant

MONTHS = 12
_COHORTS = 6


@dataclass(frozen=True, slots=True)
class Span:
    """A tenant paid monthly_minor from start until (UTC; None: still)."""

    tenant_id: object
    monthly_minor: int
    start: dt.datetime
    until: dt.datetime | None

    def pays_at(self, at: dt.datetime) -> bool:
        return self.monthly_minor > 0 and self.start <= at and (self.until is None or self.until > at)


@dataclass(frozen=True, slots=True)
class Month:
    """At its end (or now). end: UTC. mrr_minor: minor units a month. churned: tenants that paid at its beginning and

    no longer do; began: how many paid at its beginning.
    """

    start: dt.datetime
    mrr_minor: int
    paying: int
    began: int
    churned: int

    @property
    def churn_percent(self) -> float:
        return round(100 * self.churned / self.began, 1) if self.began else 0.0


@dataclass(frozen=True, slots=True)
class Cohort:
    """Tenants opened in one month: how many, how many ever paid, the share in percent that pays after 0, 1, … months.

    None: not yet.
    """

    start: dt.datetime
    opened: int
    paid: int
    kept_percent: list[int | None]


def spans_in(currency: str) -> list[Span]:
    """Every span of a currency."""
    rows = RevenueSpan.objects.filter(currency=currency).values_list(
        "tenant_id", "monthly_minor", "start", "until"
    )
    return [Span(*row) for row in rows]


def currencies() -> list[str]:
    """In which something was ever paid, the most used first."""
    return sorted(set(RevenueSpan.objects.filter(monthly_minor__gt=0).values_list("currency", flat=True)))


def month_starts(at: dt.datetime, count: int) -> list[dt.datetime]:
    """The first moments (UTC) of the last `count` months, this one the last."""
    year, month = at.year, at.month
    starts = []
    for _turn in range(count):
        starts.append(dt.datetime(year, month, 1, tzinfo=dt.UTC))
        year, month = (year - 1, 12) if month == 1 else (year, month - 1)
    return starts[::-1]


def months_of(spans: list[Span], at: dt.datetime, count: int = MONTHS) -> list[Month]:
    """MRR, payers and churn of the last months; the running one as it stands at `at` (UTC)."""
    starts = month_starts(at, count)
    ends = [*starts[1:], at]
    result = []
    for start, end in zip(starts, ends, strict=True):
        before = {each.tenant_id for each in spans if each.pays_at(start)}
        after = [each for each in spans if each.pays_at(end)]
        still = {each.tenant_id for each in after}
        result.append(
            Month(
                start, sum(each.monthly_minor for each in after), len(still), len(before), len(before - still)
            )
        )
    return result


def conversion(at: dt.datetime) -> tuple[int, int]:
    """(tenants whose trial has ended or that pay, of these how many ever paid)."""
    over = Subscription.objects.exclude(state=State.TRIAL)
    paid = RevenueSpan.objects.filter(monthly_minor__gt=0).values("tenant_id")
    return over.count(), over.filter(pk__in=paid).count()


def cohorts(spans: list[Span], at: dt.datetime) -> list[Cohort]:
    """Of the last six months, by when tenants were opened."""
    starts = month_starts(at, _COHORTS)
    opened = Tenant.objects.filter(opened_at__gte=starts[0]).values_list("pk", "opened_at")
    members: dict[dt.datetime, set[object]] = defaultdict(set)
    for tenant_id, moment in opened:
        members[dt.datetime(moment.year, moment.month, 1, tzinfo=dt.UTC)].add(tenant_id)
    payers = {each.tenant_id for each in spans if each.monthly_minor > 0}
    return [
        Cohort(
            start,
            len(members[start]),
            len(members[start] & payers),
            _kept(members[start], spans, starts[index:], at),
        )
        for index, start in enumerate(starts)
    ]


def _kept(
    members: set[object], spans: list[Span], starts: list[dt.datetime], at: dt.datetime
) -> list[int | None]:
    shares: list[int | None] = []
    for end in [*starts[1:], at]:
        paying = {each.tenant_id for each in spans if each.tenant_id in members and each.pays_at(end)}
        shares.append(round(100 * len(paying) / len(members)) if members else 0)
    return [*shares, *[None] * (_COHORTS - len(shares))]
