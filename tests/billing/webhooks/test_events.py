"""Events doubled, dropped, reordered, late and forged: what is true is fetched, so none of it matters."""

import datetime as dt
import json
import random

import pytest
import stripe as sdk
from django.conf import settings
from django.test import Client

from billing.gateway.client import api
from billing.gateway.refusals import BadSignature
from billing.subscriptions.models import Invoice, SentNotice, Subscription, SubscriptionEvent
from billing.subscriptions.services.standing import subscription_of
from billing.subscriptions.services.syncing import sync_subscription
from billing.webhooks.models import StripeEvent
from billing.webhooks.services.receiving import follow_waiting, reconcile_undelivered, replay, take_in
from core.tenancy.scope import public_scope
from tests.billing.begin import subscribe

pytestmark = pytest.mark.django_db


def state_of(subscription: Subscription) -> dict[str, object]:
    """All that events may have an effect on."""
    with public_scope(switch=True, reason="test"):
        fresh = subscription_of(subscription.pk)
        left_out = {"synced_at", "_state", "_prefetched_objects_cache", "clock_at"}
        return {
            "subscription": {k: v for k, v in fresh.__dict__.items() if k not in left_out},
            "invoices": list(
                Invoice.objects.filter(tenant_id=fresh.pk).order_by("pk").values("pk", "state", "paid_minor")
            ),
            "told": sorted(
                SubscriptionEvent.objects.filter(tenant_id=fresh.pk).values_list("kind", flat=True)
            ),
            "mails": sorted(SentNotice.objects.filter(tenant_id=fresh.pk).values_list("key", flat=True)),
        }


def a_bad_month(stripe, subscription: Subscription) -> list[dict[str, str]]:
    """A renewal whose card fails and is mended: all its events, not delivered yet."""
    stripe.parcels()
    card = api().v1.payment_methods.attach(
        "pm_card_chargeCustomerFail", {"customer": subscription.customer_id}
    )
    api().v1.subscriptions.update(subscription.subscription_id, {"default_payment_method": card.id})
    stripe.advance(subscription.clock_id, subscription.period_end + dt.timedelta(hours=2))
    return stripe.parcels()


@pytest.mark.parametrize("seed", range(12))
def test_random_deliveries_end_in_the_same_state_with_no_double_effect(stripe, workspace, seed):
    subscription = subscribe(workspace)
    parcels = a_bad_month(stripe, subscription)
    dice = random.Random(seed)
    sequence = [each for each in parcels for _copy in range(dice.choice([0, 1, 1, 2, 3]))]
    dice.shuffle(sequence)
    with public_scope(switch=True, reason="test"):
        for parcel in sequence:
            take_in(parcel["payload"].encode(), parcel["signature"])
            if dice.random() < 0.5:
                follow_waiting()
        follow_waiting()
        reconcile_undelivered()
        sync_subscription(subscription.pk)
    reached = state_of(subscription)
    assert reached["subscription"]["state"] == "past_due"
    assert reached["told"].count("invoice_failed") == 1
    assert reached["told"].count("state") == 2  # active, then past due
    # One more of everything changes nothing.
    with public_scope(switch=True, reason="test"):
        for parcel in parcels:
            take_in(parcel["payload"].encode(), parcel["signature"])
        follow_waiting()
        sync_subscription(subscription.pk)
    assert state_of(subscription) == reached


def test_without_a_single_event_one_reconcile_leaves_no_drift(stripe, workspace):
    endpoint = api().v1.webhook_endpoints.create(
        {"url": "http://127.0.0.1:9/nobody", "enabled_events": ["*"]}
    )
    assert endpoint.secret
    stripe.command("delivery", mode="drop")
    subscription = subscribe(workspace)
    a_bad_month(stripe, subscription)
    with public_scope(switch=True, reason="test"):
        assert reconcile_undelivered() > 0
        assert subscription_of(subscription.pk).state == "past_due"
        assert reconcile_undelivered() == 0


def test_an_event_is_stored_once_and_can_be_played_again(stripe, workspace):
    subscription = subscribe(workspace)
    parcels = a_bad_month(stripe, subscription)
    with public_scope(switch=True, reason="test"):
        for _again in range(3):
            take_in(parcels[-1]["payload"].encode(), parcels[-1]["signature"])
        event = StripeEvent.objects.get(pk=parcels[-1]["id"])
        assert (event.times_received, event.state) == (3, "waiting")
        follow_waiting()
        before = state_of(subscription)
        assert replay(event.pk) == 1
        assert state_of(subscription) == before


def test_a_clock_that_turned_is_followed(stripe, workspace):
    subscription = subscribe(workspace)
    to = subscription.clock_at + dt.timedelta(days=3)
    stripe.advance(subscription.clock_id, to)
    stripe.deliver()
    with public_scope(switch=True, reason="test"):
        assert subscription_of(subscription.pk).clock_at == to


class TestWebhook:
    """The address that Stripe delivers to."""

    def post(self, payload: str, signature: str) -> object:
        host = f"{settings.GUANXI['BASE_HOST']}{settings.GUANXI['PUBLIC_PORT']}"
        return Client(HTTP_HOST=host).post(
            "/stripe/webhook/", payload, content_type="application/json", HTTP_STRIPE_SIGNATURE=signature
        )

    def payload(self) -> str:
        return json.dumps(
            {
                "id": "evt_1",
                "object": "event",
                "type": "customer.updated",
                "created": 1_790_000_000,
                "data": {"object": {"id": "cus_1", "object": "customer"}},
            }
        )

    def sign(self, payload: str, *, secret: str = "", age: int = 0) -> str:
        at = int(dt.datetime.now(dt.UTC).timestamp()) - age
        secret = secret or settings.BILLING["STRIPE_WEBHOOK_SECRET"]
        return sdk.WebhookSignature.generate_signature_header(payload, secret, timestamp=at)

    def test_what_stripe_signed_is_stored(self, db):
        answer = self.post(self.payload(), self.sign(self.payload()))
        assert answer.status_code == 200
        with public_scope(switch=True, reason="test"):
            assert StripeEvent.objects.filter(pk="evt_1", customer_id="cus_1").exists()

    @pytest.mark.parametrize(
        ("changes", "kind"),
        [({"secret": "whsec_of_a_stranger"}, "stranger"), ({"age": 400}, "stale"), ({"age": -400}, "future")],
    )
    def test_what_it_did_not_sign_is_refused(self, db, changes, kind):
        answer = self.post(self.payload(), self.sign(self.payload(), **changes))
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_signature")
        with public_scope(switch=True, reason="test"):
            assert not StripeEvent.objects.exists()

    @pytest.mark.parametrize("payload", ["", "{", "[]", '{"id": 1}', "\x00", "x" * 1000])
    def test_nonsense_with_a_good_signature_is_refused(self, db, payload):
        answer = self.post(payload, self.sign(payload))
        assert answer.status_code == 400

    def test_a_changed_body_is_refused(self, db):
        signature = self.sign(self.payload())
        assert self.post(self.payload().replace("cus_1", "cus_2"), signature).status_code == 400

    def test_it_is_no_page(self, db):
        host = f"{settings.GUANXI['BASE_HOST']}{settings.GUANXI['PUBLIC_PORT']}"
        assert Client(HTTP_HOST=host).get("/stripe/webhook/").status_code == 405


def test_a_signature_of_the_wrong_shape_is_refused():
    for signature in ("", "t=,v1=", "v1=abc", "t=abc,v1=abc", "t=1"):
        with pytest.raises(BadSignature):
            take_in(b"{}", signature)
