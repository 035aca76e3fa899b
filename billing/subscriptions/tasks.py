"""Background work of subscriptions."""

import logging
from uuid import UUID

from billing.gateway.client import mode
from billing.subscriptions.models import Subscription
from billing.subscriptions.services.passing import end_at_stripe, pass_time, pass_time_for
from billing.subscriptions.services.standing import leave_test_modes, start_missing_trials, subscription_of
from billing.subscriptions.services.sweeping import for_each
from billing.subscriptions.services.syncing import sync_subscription
from core.errors import Unavailable
from core.tenancy.tasks import public_task, send_named, tenant_task
from core.usage.counting import reconcile
from tenants.registry.models import TenantState
from tenants.registry.selectors import ready_schemas

log = logging.getLogger(__name__)


@public_task(name="billing.pass_time")
def let_time_pass() -> int:
    """Every few minutes: trials that end, steps that are due, mails that are due. A second run finds nothing."""
    start_missing_trials()
    leave_test_modes()
    return pass_time()


@public_task(name="billing.end_subscription", autoretry_for=(Unavailable,), retry_backoff=60)
def end_subscription(tenant_id: str) -> None:
    """A workspace was closed: nothing more is charged. A second run finds it ended."""
    subscription = subscription_of(tenant_id)
    end_at_stripe(subscription)
    sync_subscription(subscription.pk)


@public_task(name="billing.end_closed")
def end_closed() -> int:
    """Nightly: what is closed must not be charged, though the queue was away when it was closed."""
    closed = Subscription.objects.filter(tenant__state=TenantState.CLOSED).exclude(subscription_id="")
    still_charged = [each.pk for each in closed if each.is_paying]
    return for_each(
        still_charged,
        lambda tenant_id: end_at_stripe(subscription_of(tenant_id)),
        doing="ending what is closed",
    )


@public_task(name="billing.sync_all")
def sync_all() -> int:
    """Nightly: look at every customer at Stripe, so that news that never came has no effect for longer than a day.

    A second run changes nothing.
    """
    customers = Subscription.objects.filter(mode=mode()).exclude(customer_id="")
    return for_each(list(customers.values_list("pk", flat=True)), _look_up, doing="looking at Stripe")


def _look_up(tenant_id: UUID) -> None:
    sync_subscription(tenant_id)
    pass_time_for(tenant_id)


@public_task(name="billing.reconcile_usage_all")
def reconcile_usage_all() -> int:
    """Nightly: send every workspace its own recount. A second run sends them again, harmlessly."""
    schemas = list(ready_schemas())
    for schema in schemas:
        send_named("billing.reconcile_usage", schema)
    return len(schemas)


@tenant_task(name="billing.reconcile_usage")
def reconcile_usage(tenant: str) -> None:
    """Make the counters say what the records say. A second run finds them right."""
    for limit, difference in reconcile().items():
        log.warning("the counter of %s was wrong by %d", limit, difference)
