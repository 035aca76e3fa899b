"""Reading subscriptions. Public scope."""

from django.db.models import QuerySet

from billing.gateway.client import mode
from billing.subscriptions.models import CreditNote, Invoice, Subscription, SubscriptionEvent


def invoices_of(subscription: Subscription) -> QuerySet[Invoice]:
    """The newest first; drafts are nobody's business yet, and one over nothing tells nothing."""
    ours = Invoice.objects.filter(tenant_id=subscription.pk, mode=subscription.mode)
    seen = ours.exclude(state=Invoice.State.DRAFT).exclude(total_minor=0)
    return seen.prefetch_related("credit_notes", "disputes")


def credit_note_of(subscription: Subscription, invoice_id: str, note_id: str) -> CreditNote | None:
    """Of an invoice of this subscription's own."""
    found = CreditNote.objects.filter(pk=note_id, invoice_id=invoice_id, invoice__mode=subscription.mode)
    return found.filter(invoice__tenant_id=subscription.pk).first()


def story_of(subscription: Subscription) -> QuerySet[SubscriptionEvent]:
    """The newest first."""
    return SubscriptionEvent.objects.filter(tenant_id=subscription.pk)


def invoice_to_confirm(subscription: Subscription) -> Invoice | None:
    """The oldest of what is owed that the bank wants the customer to confirm."""
    return unpaid_invoices(subscription).filter(needs_action=True).first()


def unpaid_invoices(subscription: Subscription) -> QuerySet[Invoice]:
    """What could not be charged and is still owed, the oldest first."""
    failed = Invoice.objects.filter(state=Invoice.State.OPEN, failed_at__isnull=False)
    return failed.filter(tenant_id=subscription.pk, mode=mode()).order_by("issued_at", "id")
