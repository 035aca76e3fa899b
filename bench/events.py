"""`billing_events`: Stripe's events doubled, dropped and reordered, until our copy says what Stripe says."""

import datetime as dt
import json
import random
import secrets
import urllib.request
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import transaction

from bench.figures import Figure, Result
from bench.workspace import Workspace, open_workspace
from billing.gateway.client import api
from billing.gateway.plain import stamp
from billing.plans.rules import Booking
from billing.subscriptions.models import Invoice, SentNotice, Subscription, SubscriptionEvent
from billing.subscriptions.services.booking import offer
from billing.subscriptions.services.paying import finish_checkout, start_checkout
from billing.subscriptions.services.standing import subscription_of
from billing.webhooks.services.receiving import follow_waiting, take_in
from core.entitlements import Limit
from core.tenancy.scope import public_scope

_BOOKING = Booking("growth", 1, "month", "USD", 5)
# Signatures are good for five minutes.
_SIGNED_FOR = 200
_KEPT_OUT = {"synced_at", "_state", "_prefetched_objects_cache"}


class _Undone(Exception):
    """Takes one sequence back, so that the next begins where it began."""


def measure(sequences: int = 10_000) -> Result:
    """Random deliveries of a bad month and a good one: how many did not converge, how many had an effect twice."""
    if not settings.BILLING["STRIPE_API_BASE"]:
        raise RuntimeError("this needs the local stand-in for Stripe: run it beside `manage.py up`")
    place = open_workspace()
    try:
        with public_scope():
            parcels, before, wanted = _history(place)
            astray = doubled = delivered = 0
            for seed in range(sequences):
                if seed % _SIGNED_FOR == 0:
                    fresh = {each["id"]: each for each in _signed()}
                    parcels = [fresh[each["id"]] for each in parcels]
                reached, count = _one(place, parcels, seed)
                delivered += count
                doubled += _effects(reached) > _effects(wanted)
                astray += reached != wanted
            assert before != wanted
    finally:
        with public_scope():
            Subscription.objects.filter(pk=place.snapshot.tenant_id).delete()
        place.remove()
    return Result(
        "billing_events",
        [
            Figure(
                "sequences", sequences, None, None, "", f"{delivered} deliveries of {len(parcels)} events"
            ),
            Figure("that did not converge", astray, None, 0, ""),
            Figure("with a double effect", doubled, None, 0, ""),
        ],
    )


def _history(place: Workspace) -> tuple[list[dict[str, str]], dict[str, Any], dict[str, Any]]:
    """(signed events, our copy before them, our copy as it must be after them)."""
    tenant_id = place.snapshot.tenant_id
    Subscription.objects.filter(pk=tenant_id).update(
        deadline_at=dt.datetime.now(dt.UTC) + dt.timedelta(hours=1)
    )
    # An account of its own, so that the product which runs beside it hears nothing of it.
    settings.BILLING["STRIPE_SECRET_KEY"] = f"sk_test_devstripe_{secrets.token_hex(12)}"
    settings.BILLING["TEST_CLOCKS"] = True
    # Every sequence is one transaction that is taken back, and its mails go nowhere.
    settings.TENANCY["SCOPE_SWITCH_IN_TRANSACTION"] = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    made = offer(subscription_of(tenant_id), _BOOKING, usage={Limit.SEATS: 1})
    url = start_checkout(
        subscription_of(tenant_id),
        made.token,
        success_url="http://bench.localhost/?session={CHECKOUT_SESSION_ID}",
        cancel_url="http://bench.localhost/",
        language="en",
        mail="bench@bench.example",
        usage={Limit.SEATS: 1},
    )
    session = url.rpartition("/")[2]
    _command("complete", {"session": session})
    finish_checkout(subscription_of(tenant_id), session, by="Bench")
    subscription = subscription_of(tenant_id)
    known = {each["id"] for each in _signed()}
    card = api().v1.payment_methods.attach(
        "pm_card_chargeCustomerFail", {"customer": subscription.customer_id}
    )
    api().v1.subscriptions.update(subscription.subscription_id, {"default_payment_method": card.id})
    assert subscription.period_end is not None
    to = subscription.period_end + dt.timedelta(hours=2)
    api().v1.test_helpers.test_clocks.advance(subscription.clock_id, {"frozen_time": stamp(to)})
    parcels = [each for each in _signed() if each["id"] not in known and _is_of(each, subscription)]
    before = _state(tenant_id)
    return parcels, before, _followed(tenant_id, parcels, lambda: False)


def _one(place: Workspace, parcels: list[dict[str, str]], seed: int) -> tuple[dict[str, Any], int]:
    """Each event none to three times, in any order, followed now and then; at the end what is missing arrives."""
    dice = random.Random(seed)
    sequence = [each for each in parcels for _copy in range(dice.choice([0, 1, 1, 2, 3]))]
    dice.shuffle(sequence)
    missing = [each for each in parcels if each not in sequence]
    reached = _followed(place.snapshot.tenant_id, [*sequence, *missing], lambda: dice.random() < 0.08)
    return reached, len(sequence) + len(missing)


def _followed(tenant_id: str, parcels: list[dict[str, str]], at_once: Callable[[], bool]) -> dict[str, Any]:
    """What our copy says after these deliveries; then all is as it was. at_once: whether the worker comes between."""
    reached: dict[str, Any] = {}
    try:
        with transaction.atomic():
            for parcel in parcels:
                take_in(parcel["payload"].encode(), parcel["signature"])
                if at_once():
                    follow_waiting()
            follow_waiting()
            reached = _state(tenant_id)
            raise _Undone
    except _Undone:
        return reached


def _state(tenant_id: str) -> dict[str, Any]:
    """All that an event may have an effect on."""
    row = subscription_of(tenant_id)
    return {
        "subscription": {name: value for name, value in row.__dict__.items() if name not in _KEPT_OUT},
        "invoices": list(
            Invoice.objects.filter(tenant_id=row.pk).order_by("pk").values("pk", "state", "paid_minor")
        ),
        "told": sorted(SubscriptionEvent.objects.filter(tenant_id=row.pk).values_list("kind", "at")),
        "mails": sorted(SentNotice.objects.filter(tenant_id=row.pk).values_list("key", flat=True)),
    }


def _effects(state: dict[str, Any]) -> int:
    return len(state["told"]) + len(state["mails"])


def _is_of(parcel: dict[str, str], subscription: Subscription) -> bool:
    return subscription.customer_id in parcel["payload"] or subscription.clock_id in parcel["payload"]


def _signed() -> list[dict[str, str]]:
    secret = settings.BILLING["STRIPE_WEBHOOK_SECRET"]
    found: list[dict[str, str]] = _command("signed", {"secret": secret})["parcels"]
    return found


def _command(what: str, given: dict[str, Any]) -> dict[str, Any]:
    request = urllib.request.Request(
        f"{settings.BILLING['STRIPE_API_BASE']}/devstripe/{what}",
        json.dumps(given).encode(),
        {"Authorization": f"Bearer {settings.BILLING['STRIPE_SECRET_KEY']}"},
        method="POST",
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        found: dict[str, Any] = json.load(answer)
    return found
