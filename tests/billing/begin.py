"""Subscribing a workspace in a test, the card filled in at the stand-in's page."""

import datetime as dt
import json
import urllib.request
from typing import Any

from django.conf import settings

from billing.plans.rules import Booking
from billing.subscriptions.models import Invoice, Subscription
from billing.subscriptions.services.offers import offer
from billing.subscriptions.services.paying import finish_checkout, start_checkout
from billing.subscriptions.services.standing import subscription_of
from core.entitlements import Limit
from core.tenancy.scope import public_scope

USAGE = {Limit.SEATS: 3}
GROWTH = Booking("growth", 1, "month", "USD", 5)


def offer_token(workspace: Any, booking: Booking = GROWTH, coupon: str = "") -> str:
    """What the page of prices puts into its form."""
    with public_scope(switch=True, reason="test"):
        return offer(subscription_of(workspace.snapshot.tenant_id), booking, usage=USAGE, coupon=coupon).token


def subscribe(
    workspace: Any,
    booking: Booking = GROWTH,
    card: str = "4242424242424242",
    *,
    in_trial: bool = False,
    coupon: str = "",
) -> Subscription:
    """in_trial: the first charge waits for the trial's end; otherwise it comes at once."""
    tenant_id = workspace.snapshot.tenant_id
    with public_scope(switch=True, reason="test"):
        subscription_of(tenant_id)
        if not in_trial:
            soon = dt.datetime.now(dt.UTC) + dt.timedelta(hours=1)
            Subscription.objects.filter(pk=tenant_id).update(deadline_at=soon)
        token = offer_token(workspace, booking, coupon)
        url = start_checkout(
            subscription_of(tenant_id),
            token,
            success_url="http://w.localhost/back?session={CHECKOUT_SESSION_ID}",
            cancel_url="http://w.localhost/",
            language="en",
            mail="owner@example.com",
            usage=USAGE,
        )
        session = url.rpartition("/")[2]
        fill_in(session, card)
        assert finish_checkout(subscription_of(tenant_id), session, by="Olive")
        return subscription_of(tenant_id)


def fill_in(session: str, card: str) -> None:
    """The card's number on Stripe's page."""
    request = urllib.request.Request(
        f"{settings.BILLING['STRIPE_API_BASE']}/devstripe/complete",
        json.dumps({"session": session, "card": card}).encode(),
        {"Authorization": f"Bearer {settings.BILLING['STRIPE_SECRET_KEY']}"},
        method="POST",
    )
    with urllib.request.urlopen(request, timeout=30):
        pass


def newest_invoice(subscription: Subscription) -> Invoice:
    with public_scope(switch=True, reason="test"):
        found = Invoice.objects.filter(tenant_id=subscription.pk).first()
    assert found is not None
    return found
