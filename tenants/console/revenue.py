"""Revenue in pictures, from the spans that billing keeps. Public scope; one currency at a time."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass

from billing.plans.selectors import DEFAULT_CURRENCY, sale_currencies
from billing.subscriptions.models import RevenueSpan, Subscription
from billing.subscriptions.rules.standing import State

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
    """In which something was ever paid, in alphabetical order."""
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


@dataclass(frozen=True, slots=True)
class Tried:
    """A tenant that was opened, in the currency in which it pays or would pay. is_over: its trial is."""

    tenant_id: object
    opened_at: dt.datetime | None
    is_over: bool


def tried_in(currency: str, at: dt.datetime) -> list[Tried]:
    """Every tenant of a currency: never two currencies in one figure."""
    # Who never paid would pay in the currency of the trial where the plan is sold in it.
    sold = sale_currencies()
    paid_in = dict(RevenueSpan.objects.order_by("start").values_list("tenant_id", "currency"))
    rows = Subscription.objects.select_related("tenant").only(
        "currency", "state", "trial_until", "tenant__opened_at"
    )
    return [
        Tried(
            each.pk,
            each.tenant.opened_at,
            each.state != State.TRIAL and (each.trial_until is None or each.trial_until <= at),
        )
        for each in rows
        if currency == paid_in.get(each.pk, each.currency if each.currency in sold else DEFAULT_CURRENCY)
    ]


def conversion(tried: list[Tried], spans: list[Span]) -> tuple[int, int]:
    """(tenants whose trial is over, of these how many ever paid)."""
    payers = {each.tenant_id for each in spans if each.monthly_minor > 0}
    over = [each.tenant_id for each in tried if each.is_over]
    return len(over), sum(each in payers for each in over)


def cohorts(tried: list[Tried], spans: list[Span], at: dt.datetime) -> list[Cohort]:
    """Of the last six months, by when tenants were opened."""
    starts = month_starts(at, _COHORTS)
    members: dict[dt.datetime, set[object]] = defaultdict(set)
    for each in tried:
        if each.opened_at is not None:
            opened = each.opened_at.astimezone(dt.UTC)
            members[dt.datetime(opened.year, opened.month, 1, tzinfo=dt.UTC)].add(each.tenant_id)
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
