"""What was acknowledged outlives a kill; what is asked again under its key is done once; many at once agree."""

import contextlib
import sqlite3
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import stripe as sdk

from tests.billing.devstripe.asking import advance, at, customer, price, subscribe, totals
from tests.billing.devstripe.receiving import receiving
from tests.billing.devstripe.running import StandIn
from tests.waiting import wait_until


@pytest.fixture
def stand_in(tmp_path: Path) -> Iterator[StandIn]:
    made = StandIn(tmp_path)
    made.start()
    yield made
    made.kill()


def test_killed_at_any_moment_nothing_acknowledged_is_lost_or_done_twice(stand_in: StandIn):
    acknowledged: list[str] = []
    unsure: list[str] = []
    stop = threading.Event()

    def work(number: int) -> None:
        client, count = stand_in.client(), 0
        while not stop.is_set():
            count += 1
            name = f"{number}-{count}"
            try:
                client.customers.create({"name": name}, options={"idempotency_key": name})
                acknowledged.append(name)
            except sdk.StripeError:
                unsure.append(name)
                stop.wait(0.05)

    with ThreadPoolExecutor(4) as pool:
        workers = [pool.submit(work, number) for number in range(4)]
        for life in range(3):
            wanted = len(acknowledged) + 40
            wait_until(lambda wanted=wanted: len(acknowledged) >= wanted, f"work in life {life}")
            stand_in.kill()
            stand_in.start()
        stop.set()
        for each in workers:
            each.result()
    client = stand_in.client(retries=2)
    for name in unsure:
        client.customers.create({"name": name}, options={"idempotency_key": name})
    kept = Counter(each.name for each in client.customers.list({"limit": 100}).auto_paging_iter())
    assert set(kept) >= {*acknowledged, *unsure} and set(kept.values()) == {1}
    assert len(unsure) >= 3  # the kills met work that was under way


def test_deliveries_go_on_after_a_kill(tmp_path: Path):
    with receiving() as receiver:
        stand_in = StandIn(tmp_path, DEVSTRIPE_WEBHOOK_URL=receiver.url, DEVSTRIPE_WEBHOOK_SECRET="whsec_own")
        stand_in.start()
        try:
            receiver.gate.clear()
            stand_in.client().customers.create({"name": "A"})
            receiver.wait_for(1)
            stand_in.kill()
            receiver.gate.set()
            stand_in.start()
            payload, signature = receiver.wait_for(2)[1]
            event = sdk.Webhook.construct_event(payload, signature, "whsec_own")
            assert event.data.object.name == "A"
            # One endpoint, however often it starts.
            assert len(stand_in.client().webhook_endpoints.list().data) == 1
        finally:
            stand_in.kill()


def test_what_became_due_meanwhile_happens_after_the_start(stand_in: StandIn, tmp_path: Path):
    """Real time, for customers without a clock: a session that ran out while nothing ran."""
    client = stand_in.client()
    who = client.customers.create({"name": "A"}).id
    session = client.checkout.sessions.create(
        {"mode": "setup", "currency": "usd", "customer": who, "success_url": "http://x.example/"}
    )
    stand_in.kill()
    with contextlib.closing(sqlite3.connect(tmp_path / "devstripe.sqlite3")) as database:
        database.execute("UPDATE devstripe_thing SET due_at = 1 WHERE public_id = ?", [session.id])
        database.commit()
    stand_in.start()
    wait_until(lambda: client.checkout.sessions.retrieve(session.id).status == "expired", "it expired")
    assert [event.type for event in client.events.list({"type": "checkout.session.expired"}).data] != []


def test_sixteen_at_once_agree_on_everything(v1, stripe, client_for):
    """Sixteen writers of one subscription: each is prorated against the one before, and no number comes twice."""
    who, clock = customer(v1, at(2026, 11, 1))
    made = subscribe(v1, who, price(v1), 1)
    item = made["items"].data[0].id
    advance(v1, clock, at(2026, 11, 16))

    def change(quantity: int) -> int:
        changes = {"items": [{"id": item, "quantity": quantity}], "proration_behavior": "always_invoice"}
        return client_for().subscriptions.update(made.id, changes)["items"].data[0].quantity

    with ThreadPoolExecutor(16) as pool:
        assert sorted(pool.map(change, range(2, 18))) == list(range(2, 18))
    invoices = v1.invoices.list({"customer": who, "limit": 100}).data
    numbers = [each.number for each in invoices]
    assert len(set(numbers)) == len(numbers) == 17
    # However they were ordered: half of the last quantity's price is what all changes together come to.
    last = v1.subscriptions.retrieve(made.id)["items"].data[0].quantity
    assert sum(total for total, _state in totals(v1, who)) == 1200 + 600 * (last - 1)
    assert {state for _total, state in totals(v1, who)} == {"paid"}
