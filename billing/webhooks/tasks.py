"""Background work on what Stripe told."""

from billing.webhooks.services.receiving import (
    follow_customer,
    follow_waiting,
    forget_old,
    reconcile_undelivered,
)
from core.tenancy.tasks import public_task


@public_task(name="billing.follow_events")
def follow_events(customer_id: str = "") -> int:
    """Settle what waits: of one customer, or all. A second run finds nothing."""
    return follow_customer(customer_id) if customer_id else follow_waiting()


@public_task(name="billing.reconcile_events")
def reconcile_events() -> int:
    """Hourly: fetch what could not be delivered. A second run finds it there."""
    forget_old()
    return reconcile_undelivered()
