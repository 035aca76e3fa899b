"""Reading subscriptions. Public scope."""

from django.db.models import QuerySet

from billing.gateway.client import mode
from billing.subscriptions.models import Invoice, Subscription, SubscriptionEvent


def invoices_of(subscription: Subscription) -> QuerySet[Invoice]:
    """The newest first; drafts are nobody's business yet, and one over nothing tells nothing."""
    ours = Invoice.objects.filter(tenant_id=subscription.pk, mode=subscription.mode)
    return ours.exclude(state=Invoice.State.DRAFT).exclude(total_minor=0)


def story_of(subscription: Subscription) -> QuerySet[SubscriptionEvent]:
    """The newest first."""
    return SubscriptionEvent.objects.filter(tenant_id=subscription.pk)


def unpaid_invoices(subscription: Subscription) -> QuerySet[Invoice]:
    """What could not be charged and is still owed, the oldest first."""
    failed = Invoice.objects.filter(state=Invoice.State.OPEN, failed_at__isnull=False)
    return failed.filter(tenant_id=subscription.pk, mode=mode()).order_by("issued_at", "id")
