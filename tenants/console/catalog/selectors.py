"""Reading the catalogue for operators. Public scope."""

from dataclasses import dataclass

from django.db.models import Count, Q, Sum

from billing.plans.models import AddOn, Plan, PlanVersion
from billing.plans.selectors import draft_of
from billing.subscriptions.models import BookedAddOn, Subscription
from billing.subscriptions.rules.standing import State


@dataclass(frozen=True, slots=True)
class VersionRow:
    """on_it: subscriptions that are not closed; paying: those of them that Stripe charges."""

    version: PlanVersion
    on_it: int
    paying: int


@dataclass(frozen=True, slots=True)
class PlanRow:
    """versions: the newest first. current: what new customers get; None before the first publication."""

    plan: Plan
    current: PlanVersion | None
    draft: PlanVersion | None
    versions: list[VersionRow]

    @property
    def on_it(self) -> int:
        return sum(each.on_it for each in self.versions)

    @property
    def on_older(self) -> int:
        return sum(each.on_it for each in self.versions if each.version != self.current)


def plan_rows() -> list[PlanRow]:
    """Every plan, on sale or not, in order."""
    counts = _counts()
    return [_row(plan, counts) for plan in Plan.objects.prefetch_related("versions__prices")]


def plan_row(key: str) -> PlanRow | None:
    """One of them."""
    plan = Plan.objects.filter(pk=key).first()
    return _row(plan, _counts()) if plan else None


def booked_add_ons() -> dict[str, tuple[int, int]]:
    """key → (subscriptions that have it, how many of it in all)."""
    alive = BookedAddOn.objects.exclude(subscription__state=State.CLOSED)
    rows = alive.values("add_on").annotate(who=Count("subscription", distinct=True), total=Sum("quantity"))
    return {each["add_on"]: (each["who"], each["total"]) for each in rows.order_by()}


def all_add_ons() -> list[AddOn]:
    """On sale or not, in order."""
    return list(AddOn.objects.prefetch_related("prices"))


def _counts() -> dict[object, tuple[int, int]]:
    over = Q(stripe_status__in=("", "canceled", "incomplete_expired"))
    rows = (
        Subscription.objects.exclude(state=State.CLOSED)
        .values("plan_version")
        .annotate(on_it=Count("pk"), paying=Count("pk", filter=~over & ~Q(subscription_id="")))
        .order_by()
    )
    return {each["plan_version"]: (each["on_it"], each["paying"]) for each in rows}


def _row(plan: Plan, counts: dict[object, tuple[int, int]]) -> PlanRow:
    published = sorted(
        (each for each in plan.versions.all() if each.published_at), key=lambda each: -each.number
    )
    versions = [VersionRow(each, *counts.get(each.pk, (0, 0))) for each in published]
    return PlanRow(plan, published[0] if published else None, draft_of(plan), versions)
