"""Webhooks on their way: signed, tried again, and disturbed on purpose. Source: docs.stripe.com/webhooks."""

import json

import pytest
import stripe as sdk

from tests.billing.devstripe.receiving import Receiver, receiving
from tests.waiting import wait_until


@pytest.fixture
def receiver():
    with receiving() as made:
        yield made


@pytest.fixture
def endpoint(v1, receiver):
    """Of the receiver, for everything; it has its secret."""
    return v1.webhook_endpoints.create({"url": receiver.url, "enabled_events": ["*"]})


def names(receiver: Receiver) -> list[str]:
    """Of the customers that were told of, in order."""
    return [json.loads(payload)["data"]["object"]["name"] for payload, _signature in receiver.parcels]


def customers(v1, names: str) -> None:
    for name in names:
        v1.customers.create({"name": name})


def test_they_are_signed_with_the_secret_of_their_endpoint(v1, receiver, endpoint):
    customers(v1, "A")
    payload, signature = receiver.wait_for(1)[0]
    event = sdk.Webhook.construct_event(payload, signature, endpoint.secret)
    assert (event.type, event.data.object.name, event.api_version) == (
        "customer.created",
        "A",
        "2026-10-28.endive",
    )
    with pytest.raises(sdk.SignatureVerificationError):
        sdk.Webhook.construct_event(payload, signature, "whsec_other")
    assert "secret" not in v1.webhook_endpoints.retrieve(endpoint.id)


def test_they_come_in_the_order_in_which_they_happened(v1, receiver, endpoint):
    customers(v1, "ABCDEFGH")
    receiver.wait_for(8)
    assert names(receiver) == list("ABCDEFGH")
    wait_until(
        lambda: {event.pending_webhooks for event in v1.events.list().data} == {0}, "all are delivered"
    )
    assert v1.events.list({"delivery_success": False}).data == []


def test_what_fails_is_sent_again_until_it_is_taken(v1, receiver, endpoint, stripe):
    receiver.answers = [500, 404]
    customers(v1, "A")
    event = v1.events.list().data[0]
    assert v1.events.list({"delivery_success": False}).data[0].id == event.id
    receiver.wait_for(3)
    wait_until(lambda: v1.events.retrieve(event.id).pending_webhooks == 0, "it is taken")
    assert [payload for payload, _signature in receiver.parcels] == [receiver.parcels[0][0]] * 3
    told = stripe.command("deliveries")["deliveries"]
    assert [(each["state"], each["attempts"], each["answer"]) for each in told] == [("done", 3, "200")]


def test_a_slow_endpoint_holds_up_no_other(v1, receiver, endpoint):
    receiver.gate.clear()
    with receiving() as quick:
        v1.webhook_endpoints.create({"url": quick.url, "enabled_events": ["customer.*"]})
        customers(v1, "AB")
        quick.wait_for(2)
        assert (names(quick), len(receiver.parcels)) == (["A", "B"], 1)
        receiver.gate.set()


def test_an_endpoint_gets_what_it_asked_for_while_it_is_on(v1, receiver):
    made = v1.webhook_endpoints.create({"url": receiver.url, "enabled_events": ["product.created"]})
    customers(v1, "A")
    v1.products.create({"name": "P"})
    receiver.wait_for(1)
    v1.webhook_endpoints.update(made.id, {"disabled": True})
    v1.products.create({"name": "Q"})
    v1.webhook_endpoints.update(made.id, {"disabled": False, "enabled_events": ["customer.created"]})
    customers(v1, "Z")
    receiver.wait_for(2)
    assert names(receiver) == ["P", "Z"]


class TestDisturbed:
    def test_held_they_wait_and_go_in_the_order_that_is_asked_for(self, v1, receiver, endpoint, stripe):
        stripe.command("delivery", mode="hold")
        customers(v1, "ABC")
        a, b, c = [event.id for event in v1.events.list().data][::-1]
        assert stripe.command("deliver", events=[c, a])["sent"] == [c, a]
        receiver.wait_for(2)
        assert stripe.command("deliver")["sent"] == [b]
        receiver.wait_for(3)
        assert names(receiver) == ["C", "A", "B"]

    def test_shuffled_the_same_seed_gives_the_same_order(self, v1, receiver, endpoint, stripe):
        orders = []
        for _time in range(2):
            stripe.command("delivery", mode="shuffle", seed=7)
            customers(v1, "ABCDEF")
            stripe.command("deliver")
            receiver.wait_for(6)
            orders.append(names(receiver))
            receiver.parcels.clear()
        assert orders[0] == orders[1] != list("ABCDEF")

    def test_doubled_each_comes_twice(self, v1, receiver, endpoint, stripe):
        stripe.command("delivery", mode="double")
        customers(v1, "AB")
        receiver.wait_for(4)
        assert sorted(names(receiver)) == ["A", "A", "B", "B"]
        assert len({json.loads(payload)["id"] for payload, _signature in receiver.parcels}) == 2

    def test_dropped_they_are_listed_as_not_delivered(self, v1, receiver, endpoint, stripe):
        stripe.command("delivery", mode="drop")
        customers(v1, "AB")
        stripe.command("delivery", mode="normal")
        customers(v1, "C")
        receiver.wait_for(1)
        lost = v1.events.list({"delivery_success": False, "types": ["customer.created"]}).data
        wait_until(lambda: len(v1.events.list({"delivery_success": False}).data) == 2, "C is taken")
        assert [event.data.object.name for event in lost][-2:] == ["B", "A"]
        assert names(receiver) == ["C"]

    @pytest.mark.parametrize("wish", [{"wrong_signature": True}, {"age_seconds": 400}])
    def test_sent_by_hand_with_a_bad_signature_it_is_one(self, v1, receiver, endpoint, stripe, wish):
        stripe.command("delivery", mode="hold")
        customers(v1, "A")
        event = v1.events.list().data[0]
        assert stripe.command("deliver", event=event.id, **wish)["answer"] == "200"
        payload, signature = receiver.parcels[0]
        with pytest.raises(sdk.SignatureVerificationError):
            sdk.Webhook.construct_event(payload, signature, endpoint.secret)
        assert stripe.command("deliver", event=event.id)["answer"] == "200"
        assert sdk.Webhook.construct_event(*receiver.parcels[1], endpoint.secret).id == event.id

    def test_after_a_reset_nothing_is_left(self, v1, receiver, endpoint, stripe):
        stripe.command("delivery", mode="hold")
        customers(v1, "AB")
        stripe.command("reset")
        assert (v1.customers.list().data, v1.events.list().data) == ([], [])
        assert stripe.command("deliveries")["deliveries"] == []


class TestEvents:
    def test_an_update_tells_only_what_differs(self, v1):
        made = v1.customers.create({"name": "A", "metadata": {"a": "1", "b": "2"}, "address": {"city": "X"}})
        v1.customers.update(made.id, {"metadata": {"a": "3"}, "address": {"city": "Y"}})
        event = v1.events.list({"type": "customer.updated"}).data[0]
        before = event.data.previous_attributes
        assert before.to_dict() == {"metadata": {"a": "1"}, "address": {"city": "X"}}

    def test_they_are_found_by_kind_time_and_place(self, v1):
        customers(v1, "ABC")
        found = v1.events.list().data
        assert [each.id for each in v1.events.list({"ending_before": found[1].id}).data] == [found[0].id]
        assert v1.events.list({"created": {"gt": found[0].created + 60}}).data == []
        assert len(v1.events.list({"created": {"gte": found[2].created}, "limit": 2}).data) == 2
        assert v1.events.list({"types": ["product.created", "customer.created"]}).data[0].id == found[0].id

    def test_their_object_is_as_it_was_then(self, v1):
        made = v1.customers.create({"name": "A"})
        v1.customers.update(made.id, {"name": "B"})
        told = [event.data.object.name for event in v1.events.list().data]
        assert told == ["B", "A"]
