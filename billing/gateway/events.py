"""What Stripe tells by itself: signed webhooks, and the list of what it could not deliver."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import stripe
from django.conf import settings
from django.utils.translation import gettext as _

from billing.gateway.client import api
from billing.gateway.plain import EventAsIs, moment, stamp
from billing.gateway.refusals import BadSignature, refusals

# docs.stripe.com/webhooks, "Preventing replay attacks": the SDK's own default.
TOLERANCE_SECONDS = 300


def read_webhook(payload: bytes, signature: str) -> EventAsIs:
    """The event of a delivery that Stripe signed. Raises BadSignature.

    A timestamp in the future passes the SDK's check; here it does not, beyond the same tolerance.
    """
    try:
        event = stripe.Webhook.construct_event(
            payload, signature, settings.BILLING["STRIPE_WEBHOOK_SECRET"], tolerance=TOLERANCE_SECONDS
        )
        found = as_is(event)
    except (stripe.SignatureVerificationError, ValueError) as error:
        raise BadSignature(_("This was not signed by the payment service.")) from error
    except (AttributeError, KeyError, TypeError) as error:  # signed, but no event
        raise BadSignature(_("This was not signed by the payment service."), code="no_event") from error
    if _signed_at(signature) > dt.datetime.now(dt.UTC).timestamp() + TOLERANCE_SECONDS:
        raise BadSignature(_("This was not signed by the payment service."))
    return found


def undelivered_events(since: dt.datetime) -> Iterator[EventAsIs]:
    """Those of the time since that did not reach us, the newest first. Stripe keeps events for 30 days."""
    with refusals():
        found = api().v1.events.list(
            {"delivery_success": False, "created": {"gte": stamp(since)}, "limit": 100}
        )
        for event in found.auto_paging_iter():
            yield as_is(event)


def as_is(event: Any) -> EventAsIs:
    """From the SDK's object. customer_id: the object itself where it is a customer."""
    thing = event.data.object
    kind = thing.object if "object" in thing else ""
    customer = thing.id if kind == "customer" else _field(thing, "customer")
    created = moment(event.created)
    assert created is not None
    return EventAsIs(
        id=event.id,
        kind=event.type,
        created_at=created,
        object_id=_field(thing, "id"),
        customer_id=customer,
        test_clock_id=_field(thing, "id")
        if kind == "test_helpers.test_clock"
        else _field(thing, "test_clock"),
    )


def _field(thing: Any, name: str) -> str:
    # A StripeObject has no get().
    value = getattr(thing, name, None)
    if value is None:
        return ""
    return value if isinstance(value, str) else str(value["id"])


def _signed_at(signature: str) -> float:
    parts = dict(part.split("=", 1) for part in signature.split(",") if "=" in part)
    try:
        return float(parts.get("t", "0"))
    except ValueError:
        return 0.0
