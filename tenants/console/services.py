"""What operators do to tenants. Public scope; each writes its line into the tenant's story."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from billing.entitlements.models import TemporaryGrant
from billing.entitlements.services import give_grant, withdraw_grant
from billing.subscriptions.models import Invoice
from billing.subscriptions.services import standing
from billing.subscriptions.services.codes import redeem_code
from billing.subscriptions.services.paying import refund
from core.clock import now
from core.errors import DomainError
from core.tenancy.tasks import send_named
from tenants.registry.events import record_event
from tenants.registry.models import KEPT_DAYS, Tenant, TenantEvent
from tenants.registry.state import take_step

_NOTE_LENGTH = 2000
_LONGEST_EXTENSION_DAYS = 365


def _mark(by: Any) -> dict[str, Any]:
    """Which operator it was."""
    return {"actor": by.name, "operator_id": by.pk}


def suspend_tenant(tenant: Tenant, *, reason: str, by: Any) -> None:
    """Nobody there can work from the next request on; the reason is shown to them. Raises DomainError, Conflict."""
    take_step(tenant, step="suspend", reason=_needed(reason, "reason"), **_mark(by))


def restore_tenant(tenant: Tenant, *, reason: str = "", by: Any) -> None:
    """Served again from the next request on. Raises Conflict."""
    take_step(tenant, step="restore", reason=reason.strip()[:300], **_mark(by))


def delete_tenant(tenant: Tenant, *, typed: str, reason: str, by: Any) -> dt.datetime:
    """Close it now and remove everything after KEPT_DAYS; until then `withdraw_deletion` brings it back.

    typed: must be the workspace's name. The moment (UTC) of the removal. Raises DomainError, Conflict.
    """
    if typed.strip() != tenant.name:
        message = _("This is not the name of the workspace.")
        raise DomainError(message, fields={"typed": message})
    with transaction.atomic():
        closed = take_step(tenant, step="close", reason=_needed(reason, "reason"), **_mark(by))
        transaction.on_commit(lambda: send_named("billing.end_subscription", str(tenant.pk)))
    return (closed.closed_at or now()) + dt.timedelta(days=KEPT_DAYS)


def withdraw_deletion(tenant: Tenant, *, by: Any) -> None:
    """Open it again as it was. Raises Conflict."""
    with transaction.atomic():
        take_step(tenant, step="reopen", **_mark(by))
        standing.reopen(tenant.pk)


def extend_trial(tenant: Tenant, *, until: dt.date | None, by: Any) -> None:
    """The trial ends at the end of that day (UTC). Raises DomainError with messages by field."""
    if until is None or until <= now().date():
        raise _refused("until", _("Choose a day in the future."))
    if until > now().date() + dt.timedelta(days=_LONGEST_EXTENSION_DAYS):
        raise _refused("until", _("A trial can be extended by a year at most."))
    moment = dt.datetime.combine(until, dt.time(23, 59), tzinfo=dt.UTC)
    with transaction.atomic():
        standing.subscription_of(tenant.pk)
        standing.extend_trial(tenant=tenant, until=moment, by=by.name)
        record_event("trial_extended", tenant=tenant, until=until.isoformat(), **_mark(by))


def grant_more(
    tenant: Tenant, *, limit: str, amount: int, feature: str, until: dt.date | None, reason: str, by: Any
) -> TemporaryGrant:
    """More of a limit, or a feature, until the end of a day (UTC; None: for good). Raises DomainError."""
    moment = dt.datetime.combine(until, dt.time(23, 59), tzinfo=dt.UTC) if until else None
    with transaction.atomic():
        grant = give_grant(
            tenant=tenant,
            limit=limit,
            amount=amount,
            feature=feature,
            until=moment,
            reason=reason,
            by=by.name,
        )
        record_event(
            "granted",
            tenant=tenant,
            limit=limit,
            amount=amount,
            feature=feature,
            until=until.isoformat() if until else "",
            reason=grant.reason,
            **_mark(by),
        )
    return grant


def take_grant_back(grant: TemporaryGrant, *, by: Any) -> None:
    """At once. Twice is once."""
    with transaction.atomic():
        withdraw_grant(grant=grant)
        record_event(
            "grant_withdrawn",
            tenant=grant.tenant,
            limit=grant.limit,
            amount=grant.amount,
            feature=grant.feature,
            **_mark(by),
        )


def add_note(tenant: Tenant, *, text: str, by: Any) -> TenantEvent:
    """A remark for other operators. Raises DomainError."""
    return record_event("note", tenant=tenant, text=_needed(text, "text", length=_NOTE_LENGTH), **_mark(by))


def _needed(text: str, field: str, *, length: int = 300) -> str:
    text = text.strip()[:length]
    if not text:
        raise _refused(field, _("This is needed."))
    return text


def _refused(field: str, message: str) -> DomainError:
    return DomainError(message, fields={field: message})


def give_back(tenant: Tenant, invoice: Invoice, *, amount_minor: int, reason: str, by: Any) -> None:
    """A part of what was paid, to the same card. Raises DomainError with messages by field, StripeAway."""
    why = _needed(reason, "reason")
    with transaction.atomic():
        refund(invoice, amount_minor=amount_minor, by=by.name)
        money = {"minor": amount_minor, "currency": invoice.currency}
        record_event("refunded", tenant=tenant, number=invoice.number, reason=why, **money, **_mark(by))


def give_coupon(tenant: Tenant, *, code: str, shown_minor: int, by: Any) -> None:
    """From the next charge on, with the amount that was shown. Raises OfferChanged, NotForSale, Conflict."""
    changed = redeem_code(standing.subscription_of(tenant.pk), code, shown_minor=shown_minor, by=by.name)
    record_event("coupon_given", tenant=tenant, code=changed.coupon_id or code, **_mark(by))
