"""The stand-in for Stripe as a child of `up`: only without a key of one's own, its secrets kept over starts."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest
import stripe as sdk

from config.up.options import UpOptions
from config.up.payments import LocalStripe
from config.up.start import start_payments
from config.up.state import choose_port, load_keys
from config.up.supervisor import Supervisor
from tests.billing.devstripe.receiving import receiving
from tests.waiting import wait_until

ROOT = Path(__file__).resolve().parents[3]
OPTIONS = UpOptions(port=8000, host="127.0.0.1", state=None, demo=False)


def stand_in(folder: Path, options: UpOptions = OPTIONS) -> LocalStripe:
    return LocalStripe(ROOT, folder, choose_port(folder, "payments"), load_keys(folder), options)


def test_with_a_key_of_ones_own_nothing_of_it_runs(
    supervisor: Supervisor, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("STRIPE_SECRET_KEY", "sk_test_of_a_real_account")
    assert start_payments(supervisor, ROOT, folder, load_keys(folder), OPTIONS) == {}
    assert supervisor.running == []
    monkeypatch.delenv("STRIPE_SECRET_KEY")
    found = start_payments(supervisor, ROOT, folder, load_keys(folder), OPTIONS)
    assert [running.child.name for running in supervisor.running] == ["payments"]
    assert found["STRIPE_SECRET_KEY"].startswith("sk_test_devstripe_")


def test_its_secrets_and_port_are_those_of_the_last_start_and_on_no_command_line(folder: Path):
    first, second = stand_in(folder), stand_in(folder)
    assert first.environment() == second.environment()
    child = first.child("localhost:8000")
    secrets = [first.environment()[name] for name in ("STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET")]
    assert len(set(secrets)) == 2
    assert not any(secret in word for secret in secrets for word in child.command)
    # Nothing of the databases or of the product's own key.
    assert not {"DATABASE_URL", "MIGRATOR_DATABASE_URL", "REDIS_URL", "SECRET_KEY"} & set(child.environment)


def test_events_reach_the_web_server_under_the_name_that_it_answers_to(supervisor: Supervisor, folder: Path):
    with receiving() as receiver:
        port = urlsplit(receiver.url).port
        assert port is not None
        local = stand_in(folder, UpOptions(port=port, host="0.0.0.0", state=None, demo=False))
        supervisor.start(local.child("crm.example:8000"))
        wait_until(local.is_ready, "it answers")
        told = local.environment()
        client = sdk.StripeClient(told["STRIPE_SECRET_KEY"], base_addresses={"api": told["STRIPE_API_BASE"]})
        client.v1.customers.create({"name": "A"})
        payload, signature = receiver.wait_for(1)[0]
        assert receiver.addressed == [("crm.example:8000", "/stripe/webhook/")]
        event = sdk.Webhook.construct_event(payload, signature, told["STRIPE_WEBHOOK_SECRET"])
        assert event.type == "customer.created"
