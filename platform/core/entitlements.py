"""What a workspace may do and how much of it: one typed question, answered from its host snapshot.

Nothing here reads the database. `billing.entitlements` works the answer out whenever something that it rests on
changes and stores it with the tenant; a workspace that it has not looked at yet has no limits.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.clock import now
from core.errors import DomainError
from core.tenancy.scope import current_snapshot, peek
from core.tenancy.snapshot import Snapshot


class Limit(StrEnum):
    """What a plan bounds, with its unit.

    SEATS: active people. RECORDS: records of the main types outside the bin. STORAGE_BYTES: bytes of attached
    files. MAILS: recipients in a calendar month of the workspace's zone. API_CALLS: requests in a calendar day.
    AUTOMATION_RUNS: runs in a calendar month.
    """

    SEATS = "seats"
    RECORDS = "records"
    STORAGE_BYTES = "storage_bytes"
    MAILS = "mails"
    API_CALLS = "api_calls"
    AUTOMATION_RUNS = "automation_runs"


class Feature(StrEnum):
    """What a plan brings or does not; what was made with it stays readable and is exported without it.

    API: the REST API. PIPELINES: more than one pipeline. IMPORT: records from files. MAIL: sending mails from
    records. REPORTS: the pictures.
    """

    API = "api"
    PIPELINES = "pipelines"
    IMPORT = "import"
    MAIL = "mail"
    REPORTS = "reports"


# All that could be left out of a plan at first: what is stored from that time does not say of which it was asked.
_FIRST_FEATURES = (Feature.API, Feature.PIPELINES)


class Access(StrEnum):
    """How far the workspace can be used. See docs/billing.md for what leads where.

    LIMITED: what grows is locked. READ_ONLY: nothing can be changed. SUSPENDED: only paying and taking the
    data out.
    """

    FULL = "full"
    LIMITED = "limited"
    READ_ONLY = "read_only"
    SUSPENDED = "suspended"


LIMIT_WORDS = {
    Limit.SEATS: gettext_lazy("Seats"),
    Limit.RECORDS: gettext_lazy("Records"),
    Limit.STORAGE_BYTES: gettext_lazy("Files"),
    Limit.MAILS: gettext_lazy("Mails this month"),
    Limit.API_CALLS: gettext_lazy("API calls today"),
    Limit.AUTOMATION_RUNS: gettext_lazy("Automation runs this month"),
}
FEATURE_WORDS = {
    Feature.API: gettext_lazy("API access"),
    Feature.PIPELINES: gettext_lazy("Several pipelines"),
    Feature.IMPORT: gettext_lazy("Import of files"),
    Feature.MAIL: gettext_lazy("Mails from records"),
    Feature.REPORTS: gettext_lazy("Reports"),
}


# Filled by config: plans belong to a floor above. Asked only when something is refused.
_find_plans: list[Callable[[Feature], list[str]]] = []


def use_plan_finder(find: Callable[[Feature], list[str]]) -> None:
    """find(feature): the names of the plans on offer that bring it, the smallest first."""
    _find_plans[:] = [find]


class OverLimit(DomainError):
    """The plan has no room for more of this. What exists stays usable."""

    code = "over_limit"
    status = 402


class NotInPlan(DomainError):
    """The plan does not bring this feature."""

    code = "not_in_plan"
    status = 402


class AccessLimited(DomainError):
    """Something is unpaid, and until then this is locked."""

    code = "access_limited"
    status = 402


@dataclass(frozen=True, slots=True)
class Grant:
    """More for a time. limit with amount (in its unit), or feature. until: UTC; None for good."""

    limit: Limit | None
    feature: Feature | None
    amount: int
    until: dt.datetime | None

    def counts(self, at: dt.datetime) -> bool:
        return self.until is None or at < self.until


@dataclass(frozen=True, slots=True)
class Entitlements:
    """As stored with the tenant. limits: None where there is no limit; a missing key is one without limit.

    state, reason, until: the subscription's standing for notices, see billing.subscriptions.rules; until: UTC.
    """

    access: Access = Access.FULL
    limits: Mapping[Limit, int | None] | None = None
    features: frozenset[Feature] = frozenset(Feature)
    grants: tuple[Grant, ...] = ()
    state: str = ""
    reason: str = ""
    until: dt.datetime | None = None

    @classmethod
    def of(cls, tenant: Snapshot) -> Self:
        """Unknown keys are those of a newer release: they are left out.

        "asked" says of which features the stored ones were chosen. One that is newer than what is stored is not
        missing: it is there until billing has looked anew.
        """
        stored = tenant.entitlements
        if not stored:
            return cls()
        return cls(
            access=Access(stored.get("access", Access.FULL)),
            limits={Limit(key): most for key, most in stored.get("limits", {}).items() if key in set(Limit)},
            features=frozenset(
                each
                for each in Feature
                if each in stored.get("features", ()) or each not in stored.get("asked", _FIRST_FEATURES)
            ),
            grants=tuple(_grant(each) for each in stored.get("grants", ())),
            state=stored.get("state", ""),
            reason=stored.get("reason", ""),
            until=_moment(stored.get("until")),
        )

    def allows(self, feature: Feature, at: dt.datetime) -> bool:
        return feature in self.features or any(
            grant.feature == feature and grant.counts(at) for grant in self.grants
        )

    def most(self, limit: Limit, at: dt.datetime) -> int | None:
        """With what is granted for now; None for no limit."""
        base = (self.limits or {}).get(limit)
        if base is None:
            return None
        return base + sum(grant.amount for grant in self.grants if grant.limit == limit and grant.counts(at))


def allows(tenant: Snapshot, feature: Feature) -> bool:
    """Does the workspace's plan, or a grant that counts now, bring the feature?"""
    return Entitlements.of(tenant).allows(feature, now())


def limit_of(tenant: Snapshot, limit: Limit) -> int | None:
    """The most the workspace may have, in the limit's unit; None for no limit."""
    return Entitlements.of(tenant).most(limit, now())


def access_of(tenant: Snapshot) -> Access:
    """How far the workspace can be used now."""
    return Entitlements.of(tenant).access


def plans_with(feature: Feature) -> list[str]:
    """Names of the plans on offer that bring it, the smallest first. Reads the catalogue."""
    return [name for find in _find_plans for name in find(feature)]


def require(feature: Feature) -> None:
    """Of the workspace at hand, before any transaction begins. Raises NotInPlan with the plans that have it."""
    if why := against(feature):
        raise NotInPlan(why)


def against(feature: Feature) -> str:
    """Why the workspace at hand is not offered the feature, with the plans that bring it; '' when it is."""
    if allows(current_snapshot(), feature):
        return ""
    plans = plans_with(feature)
    words = {"feature": FEATURE_WORDS[feature], "plans": _(" or ").join(plans)}
    if plans:
        return _("Your plan does not include this: %(feature)s. %(plans)s does (Settings → Billing).") % words
    return _("Your plan does not include this: %(feature)s. No plan on offer does now.") % words


def require_growth() -> None:
    """For what grows by itself or in bulk (invitations, imports): refused while something is long unpaid.

    Outside a workspace, where a snapshot is missing, nothing is refused. Raises AccessLimited.
    """
    if why := against_growth():
        raise AccessLimited(why)


def against_growth() -> str:
    """Why nothing may grow in the workspace at hand; '' when it may."""
    if _access_here() == Access.FULL:
        return ""
    return _("This is locked until what is unpaid has been paid (Settings → Billing). Nothing is lost.")


def may_write() -> bool:
    """Whether anything can be changed in the workspace at hand: buttons that would be refused are not offered."""
    return _access_here() not in (Access.READ_ONLY, Access.SUSPENDED)


def is_import_offered() -> bool:
    """Whether a file can be imported into the workspace at hand: by its plan, and by what is paid."""
    return not (against(Feature.IMPORT) or against_growth())


def _access_here() -> Access:
    scope = peek()
    snapshot = scope.snapshot if scope else None
    return Access.FULL if snapshot is None else access_of(snapshot)


def _grant(stored: Mapping[str, Any]) -> Grant:
    limit, feature = stored.get("limit"), stored.get("feature")
    return Grant(
        limit=Limit(limit) if limit in set(Limit) else None,
        feature=Feature(feature) if feature in set(Feature) else None,
        amount=int(stored.get("amount", 0)),
        until=_moment(stored.get("until")),
    )


def _moment(text: str | None) -> dt.datetime | None:
    return dt.datetime.fromisoformat(text) if text else None
