"""Copies of Stripe's invoices, and what is told of them. Public scope, under the subscription's lock."""

from typing import Any

from billing.gateway.client import mode
from billing.gateway.plain import ChargeAsIs, InvoiceAsIs
from billing.subscriptions.models import Invoice, Subscription
from billing.subscriptions.services.standing import billing_time
from billing.subscriptions.services.story import STRIPE, tell


def copy_invoice(
    subscription: Subscription,
    found: InvoiceAsIs,
    before: Invoice | None,
    charge: ChargeAsIs | None,
    *,
    needs_action: bool,
) -> Invoice:
    """before: our copy so far. charge: what paid it, where that is new. Tells of payment, failure and refund once."""
    values: dict[str, Any] = {
        "mode": mode(),
        "number": found.number,
        "state": found.status,
        "currency": found.currency,
        "total_minor": found.total_minor,
        "tax_minor": found.tax_minor,
        "due_minor": found.due_minor,
        "paid_minor": found.paid_minor,
        "issued_at": found.issued_at,
        "paid_at": found.paid_at,
        "attempts": found.attempts,
        "next_attempt_at": found.next_attempt_at,
        "needs_action": needs_action,
        "failed_at": _failed_at(subscription, found, before),
        "lines": [line.as_json() for line in found.lines],
        "page_url": found.page_url,
        "pdf_url": found.pdf_url,
    }
    if charge is not None:
        values |= {"receipt_url": charge.receipt_url, "payment_intent_id": charge.payment_intent_id}
    invoice, _made = Invoice.objects.update_or_create(
        pk=found.id, defaults=values, create_defaults={**values, "tenant_id": subscription.pk}
    )
    _tell_of(subscription, found, before, needs_action=needs_action)
    return invoice


def note_refund(subscription: Subscription, invoice: Invoice, refunded_minor: int, *, actor: str) -> None:
    """refunded_minor: in all so far."""
    more = refunded_minor - invoice.refunded_minor
    if more <= 0:
        return
    invoice.refunded_minor = refunded_minor
    invoice.save(update_fields=["refunded_minor"])
    tell(
        subscription.pk,
        "refunded",
        actor=actor,
        at=billing_time(subscription),
        minor=more,
        currency=invoice.currency,
    )


def _failed_at(subscription: Subscription, found: InvoiceAsIs, before: Invoice | None) -> Any:
    if not found.failed:
        return None
    known = before.failed_at if before else None
    fresh = before is None or found.attempts > before.attempts
    return billing_time(subscription) if fresh or known is None else known


def _tell_of(
    subscription: Subscription, found: InvoiceAsIs, before: Invoice | None, *, needs_action: bool
) -> None:
    facts = {"number": found.number, "minor": found.total_minor, "currency": found.currency}
    if found.status == "paid" and found.total_minor > 0 and (before is None or before.state != "paid"):
        at = found.paid_at or found.issued_at
        tell(subscription.pk, "invoice_paid", actor=STRIPE, at=at, **facts)
    elif found.failed and (before is None or found.attempts > before.attempts):
        kind = "invoice_asks" if needs_action else "invoice_failed"
        tell(subscription.pk, kind, actor=STRIPE, at=billing_time(subscription), **facts)
