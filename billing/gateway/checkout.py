"""Stripe's own pages for cards: nobody ever types a card into a page of ours."""

import datetime as dt
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import stripe
from django.utils.translation import gettext as _

from billing.gateway.client import api
from billing.gateway.plain import moment, stamp
from billing.gateway.refusals import Refused, refusals

# Stripe takes a trial's end only so far ahead (docs.stripe.com/api/checkout/sessions/create, trial_end).
LEAST_TRIAL = dt.timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class CheckoutAsIs:
    """status: open, complete or expired."""

    id: str
    url: str
    status: str
    customer_id: str
    subscription_id: str
    setup_intent_id: str
    expires_at: dt.datetime | None


def open_subscription_checkout(
    customer_id: str,
    items: Sequence[tuple[str, int]],
    *,
    tenant_id: str,
    coupon: str,
    tax_rate_ids: Sequence[str],
    trial_end: dt.datetime | None,
    success_url: str,
    cancel_url: str,
    language: str,
    offer_id: str,
) -> CheckoutAsIs:
    """A page where the card is entered and the subscription begins. items: (price id, quantity).

    trial_end: the first charge comes then, at least LEAST_TRIAL ahead; None: now. offer_id: asked twice for the same
    one, the same page comes back; pages of other offers are closed, so that nobody subscribes twice. Raises Refused
    when one of them has just been paid.
    """
    open_already = _close_other_pages(customer_id, offer_id)
    if open_already is not None:
        return open_already
    data: dict[str, Any] = {"metadata": {"tenant": tenant_id}, "billing_mode": {"type": "flexible"}}
    if tax_rate_ids:
        data["default_tax_rates"] = list(tax_rate_ids)
    if trial_end is not None:
        data["trial_end"] = stamp(trial_end)
    details: dict[str, Any] = {
        "mode": "subscription",
        "line_items": [{"price": price_id, "quantity": quantity} for price_id, quantity in items],
        "subscription_data": data,
        "payment_method_collection": "always",
        "metadata": {"offer": offer_id},
    }
    if coupon:
        details["discounts"] = [{"coupon": coupon}]
    # Not by the offer alone: a page of it that was closed for another offer's would be answered again, closed.
    key = f"guanxi-checkout-{offer_id}-{secrets.token_hex(6)}"
    return _open(customer_id, details, tenant_id, success_url, cancel_url, language, key)


def open_card_checkout(
    customer_id: str,
    *,
    tenant_id: str,
    currency: str,
    success_url: str,
    cancel_url: str,
    language: str,
    idempotency_key: str,
) -> CheckoutAsIs:
    """A page where another card is entered; nothing is charged."""
    details = {"mode": "setup", "currency": currency.lower()}
    return _open(customer_id, details, tenant_id, success_url, cancel_url, language, idempotency_key)


def read_checkout(session_id: str) -> CheckoutAsIs:
    """Raises NotThere, StripeAway."""
    with refusals():
        return _as_is(api().v1.checkout.sessions.retrieve(session_id))


def _close_other_pages(customer_id: str, offer_id: str) -> CheckoutAsIs | None:
    """The open page of this very offer, if there is one; all others for subscriptions expire."""
    same = None
    with refusals():
        asked = {"customer": customer_id, "status": "open", "limit": 100}
        for page in api().v1.checkout.sessions.list(asked).auto_paging_iter():  # type: ignore[arg-type]
            if page.mode != "subscription":
                continue
            if page.metadata and getattr(page.metadata, "offer", "") == offer_id:
                same = _as_is(page)
                continue
            try:
                api().v1.checkout.sessions.expire(page.id)
            except stripe.InvalidRequestError as error:
                raise Refused(_("Somebody has subscribed meanwhile. Reload the page to see it.")) from error
    return same


def _open(
    customer_id: str,
    details: dict[str, Any],
    tenant_id: str,
    success_url: str,
    cancel_url: str,
    language: str,
    idempotency_key: str,
) -> CheckoutAsIs:
    common = {
        "customer": customer_id,
        "client_reference_id": tenant_id,
        "success_url": success_url,
        "cancel_url": cancel_url,
        "locale": "zh" if language.startswith("zh") else "en",
    }
    with refusals():
        made = api().v1.checkout.sessions.create(
            {**details, **common},  # type: ignore[arg-type]
            options={"idempotency_key": idempotency_key},
        )
    return _as_is(made)


def _as_is(found: Any) -> CheckoutAsIs:
    def id_of(value: Any) -> str:
        return "" if value is None else value if isinstance(value, str) else value.id

    return CheckoutAsIs(
        id=found.id,
        url=found.url or "",
        status=found.status or "",
        customer_id=id_of(found.customer),
        subscription_id=id_of(found.subscription),
        setup_intent_id=id_of(found.setup_intent),
        expires_at=moment(found.expires_at),
    )
