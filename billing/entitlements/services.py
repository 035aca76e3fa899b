"""Working out what a workspace may do, and telling its host snapshot. Public scope."""

import datetime as dt
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from billing.entitlements.models import TemporaryGrant
from billing.plans.models import AddOn, PlanVersion
from core.clock import now
from core.entitlements import Access, Feature, Limit
from core.errors import DomainError
from tenants.registry.hosts import forget_tenant
from tenants.registry.models import Tenant


def settle_entitlements(
    tenant_id: UUID,
    *,
    plan: PlanVersion,
    seats: int | None,
    add_ons: Iterable[tuple[AddOn, int]],
    access: Access,
    state: str,
    reason: str,
    until: dt.datetime | None,
) -> None:
    """Write what follows from the plan, the add-ons and the standing; seen from the next request on.

    seats: None for no bound. until: when the standing ends by itself (UTC).
    """
    limits: dict[str, int | None] = dict(plan.limits)
    features = set(plan.features)
    for add_on, quantity in add_ons:
        most = limits.get(add_on.limit)
        if add_on.limit and most is not None:
            limits[add_on.limit] = most + add_on.amount * quantity
        if add_on.feature and quantity:
            features.add(add_on.feature)
    limits[Limit.SEATS] = seats
    stored = {
        "access": str(access),
        "limits": limits,
        "features": sorted(features),
        "asked": sorted(Feature),
        "state": str(state),
        "reason": str(reason),
        "until": until.isoformat() if until else None,
    }
    _write(tenant_id, stored, plan=plan.plan_id)


def give_grant(
    *,
    tenant: Tenant,
    limit: str = "",
    amount: int = 0,
    feature: str = "",
    until: dt.datetime | None,
    reason: str,
    by: str,
) -> TemporaryGrant:
    """More of a limit, or a feature, until then. by: who gave it. Raises DomainError with messages by field."""
    problems = {}
    if bool(limit) == bool(feature):
        problems["limit"] = _("Choose a limit or a feature.")
    if limit and (limit not in set(Limit) or amount < 1):
        problems["amount"] = _("Say how much more, at least 1.")
    if feature and feature not in set(Feature):
        problems["feature"] = _("Choose one of the list.")
    if until is not None and until <= now():
        problems["until"] = _("Choose a day in the future.")
    if not reason.strip():
        problems["reason"] = _("This is needed.")
    if problems:
        raise DomainError(_("Please look at the marked fields."), fields=problems)
    with transaction.atomic():
        grant = TemporaryGrant.objects.create(
            tenant=tenant,
            limit=limit,
            amount=amount,
            feature=feature,
            until=until,
            reason=reason.strip()[:200],
            granted_by=by,
        )
        _write(tenant.pk, {})
    return grant


def withdraw_grant(*, grant: TemporaryGrant) -> None:
    """At once. Twice is once."""
    with transaction.atomic():
        TemporaryGrant.objects.filter(pk=grant.pk, withdrawn_at__isnull=True).update(withdrawn_at=now())
        _write(grant.tenant_id, {})


def _write(tenant_id: UUID, stored: dict[str, Any], *, plan: str = "") -> None:
    """Over what is stored; the grants are always read anew. What is over carries no weight: the reader looks."""
    with transaction.atomic():
        tenant = Tenant.objects.select_for_update().get(pk=tenant_id)
        grants = TemporaryGrant.objects.filter(tenant=tenant, withdrawn_at__isnull=True)
        written = {
            **tenant.entitlements,
            **stored,
            "grants": [_as_json(each) for each in grants if each.until is None or each.until > now()],
        }
        if written == tenant.entitlements and (not plan or plan == tenant.plan):
            return
        tenant.entitlements, tenant.plan = written, plan or tenant.plan
        tenant.save(update_fields=["entitlements", "plan"])
        forget_tenant(tenant)


def _as_json(grant: TemporaryGrant) -> dict[str, Any]:
    return {
        "limit": grant.limit,
        "amount": grant.amount,
        "feature": grant.feature,
        "until": grant.until.isoformat() if grant.until else None,
    }
