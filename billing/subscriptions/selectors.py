"""Reading subscriptions. Public scope."""

from django.db.models import QuerySet

from billing.subscriptions.models import Invoice, Subscription, SubscriptionEvent


def invoices_of(subscription: Subscription) -> QuerySet[Invoice]:
    """The newest first; drafts are nobody's business yet."""
    return Invoice.objects.filter(tenant_id=subscription.pk, mode=subscription.mode).exclude(
        state=Invoice.State.DRAFT
    )


def story_of(subscription: Subscription) -> QuerySet[SubscriptionEvent]:
    """The newest first."""
    return SubscriptionEvent.objects.filter(tenant_id=subscription.pk)
