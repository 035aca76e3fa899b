"""Reading tenants for operators. Public scope; no tenant's schema is visited."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from billing.subscriptions.models import RevenueSpan
from billing.subscriptions.rules.standing import State
from core.clock import now
from tenants.console.rules import ENDING, NEAR_PERCENT, NEW, SILENT
from tenants.registry.mail_hash import mail_hash
from tenants.registry.models import Domain, MailDirectoryEntry, Tenant, TenantState

OPENED = (TenantState.READY, TenantState.SUSPENDED, TenantState.CLOSED)
_UNPAID = (State.PAST_DUE, State.LIMITED, State.READ_ONLY, State.SUSPENDED)
_LONG_AGO = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)

# name of a tab → its words.
TABS = {
    "all": _("All tenants"),
    "trials": _("Trials ending"),
    "unpaid": _("Past due"),
    "near": _("Near a limit"),
    "silent": _("Silent"),
    "new": _("New this week"),
    "suspended": pgettext_lazy("tenants", "Suspended"),
    "closed": pgettext_lazy("tenants", "Closed"),
}


@dataclass(frozen=True, slots=True)
class Sort:
    """label: its words. expression: of the value; descending: the greatest first."""

    label: Any
    expression: Any
    descending: bool = True


SORTS = {
    "opened": Sort(_("Newest"), Coalesce(F("opened_at"), _LONG_AGO)),
    "active": Sort(_("Last active"), Coalesce(F("facts__last_active_at"), _LONG_AGO)),
    "name": Sort(pgettext_lazy("sort", "Name"), F("name"), descending=False),
    "people": Sort(pgettext_lazy("sort", "People"), Coalesce(F("facts__people"), 0)),
    "records": Sort(pgettext_lazy("sort", "Records"), Coalesce(F("facts__records"), 0)),
    "storage": Sort(pgettext_lazy("sort", "Files"), Coalesce(F("facts__storage_bytes"), 0)),
}


def opened_tenants() -> QuerySet[Tenant]:
    """Every tenant that was ever opened, with facts, subscription, plan, and `host`."""
    primary = Domain.objects.filter(tenant=OuterRef("pk"), is_primary=True).values("domain")[:1]
    paid = RevenueSpan.objects.filter(tenant_id=OuterRef("pk"), until__isnull=True)
    return (
        Tenant.objects.filter(state__in=OPENED)
        .select_related("facts", "subscription__plan_version__plan")
        .annotate(
            host=Subquery(primary),
            monthly_minor=Subquery(paid.values("monthly_minor")[:1]),
            monthly_currency=Subquery(paid.values("currency")[:1]),
        )
    )


def tab_condition(tab: str, at: dt.datetime) -> Q:
    """Which tenants stand under a tab at a moment (UTC); an unknown tab is all."""
    ending = Q(subscription__deadline_at__range=(at, at + ENDING), subscription__state=State.TRIAL)
    unbilled = Q(subscription__isnull=True, trial_ends_at__range=(at, at + ENDING))
    quiet = Q(facts__last_active_at__lt=at - SILENT) | Q(facts__last_active_at__isnull=True)
    served = Q(state=TenantState.READY)
    return {
        "trials": served & (ending | unbilled),
        "unpaid": served & Q(subscription__state__in=_UNPAID),
        "near": served & Q(facts__fullest_percent__gte=NEAR_PERCENT),
        "silent": served & Q(opened_at__lt=at - SILENT) & quiet,
        "new": Q(opened_at__gte=at - NEW),
        "suspended": Q(state=TenantState.SUSPENDED),
        "closed": Q(state=TenantState.CLOSED),
    }.get(tab, Q(state__in=(TenantState.READY, TenantState.SUSPENDED)))


def found_tenants(*, tab: str, search: str) -> QuerySet[Tenant]:
    """Under a tab, by part of the name or host, or by the whole mail address of somebody who can sign in there."""
    found = opened_tenants().filter(tab_condition(tab, now()))
    text = search.strip().replace("\0", "")
    if not text:
        return found
    wanted = Q(name__icontains=text) | Exists(
        Domain.objects.filter(tenant=OuterRef("pk"), domain__icontains=text)
    )
    if "@" in text:
        wanted |= Exists(MailDirectoryEntry.objects.filter(tenant=OuterRef("pk"), mail_hash=mail_hash(text)))
    return found.filter(wanted)


def tab_counts() -> dict[str, int]:
    """How many tenants stand under each tab. One query."""
    at = now()
    counts = {tab: Count("pk", filter=tab_condition(tab, at)) for tab in TABS}
    return Tenant.objects.filter(state__in=OPENED).aggregate(**counts)


def monthly_revenue() -> list[tuple[str, int]]:
    """(currency, minor units a month) of what is paid now, the largest first."""
    running = RevenueSpan.objects.filter(until__isnull=True, monthly_minor__gt=0)
    sums = running.values("currency").annotate(total=Sum("monthly_minor")).order_by("-total")
    return [(each["currency"], each["total"]) for each in sums]


def paying_tenants() -> int:
    """Tenants that pay something now."""
    return RevenueSpan.objects.filter(until__isnull=True, monthly_minor__gt=0).count()
