"""Stripe's stand-in for a test: an account of its own, with helpers to turn its clock and fill its pages."""

import datetime as dt
import json
import os
import secrets
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import caches

from billing.gateway.client import api
from billing.gateway.plain import stamp
from billing.subscriptions.models import Subscription
from billing.webhooks.services.receiving import follow_waiting, take_in
from core.tenancy.scope import public_scope


class LocalStripe:
    """The stand-in under a key that nobody else has."""

    def __init__(self, key: str, base: str) -> None:
        self.key, self.base = key, base
        self.seen = ""

    def command(self, what: str, **given: Any) -> dict[str, Any]:
        """One of the stand-in's own commands. Raises HTTPError for a refusal."""
        request = urllib.request.Request(
            f"{self.base}/devstripe/{what}",
            json.dumps(given).encode(),
            {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"},
            method="POST",
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def advance(self, clock_id: str, to: dt.datetime) -> None:
        api().v1.test_helpers.test_clocks.advance(clock_id, {"frozen_time": stamp(to)})

    def parcels(self) -> list[dict[str, str]]:
        """Signed events since the last call, the oldest first."""
        secret = settings.BILLING["STRIPE_WEBHOOK_SECRET"]
        found = self.command("signed", secret=secret, after=self.seen)["parcels"]
        if found:
            self.seen = found[-1]["id"]
        return found

    def deliver(self) -> int:
        """Everything new, in order, and what follows from it."""
        parcels = self.parcels()
        with public_scope(switch=True, reason="test"):
            for parcel in parcels:
                take_in(parcel["payload"].encode(), parcel["signature"])
            follow_waiting()
        return len(parcels)

    def pass_to(self, subscription: Subscription, to: dt.datetime) -> Subscription:
        """Turn the customer's clock, in steps that Stripe allows, and deliver what happens."""
        at = subscription.clock_at
        assert at is not None
        while at < to:
            at = min(to, at + dt.timedelta(days=27))
            self.advance(subscription.clock_id, at)
            self.deliver()
        with public_scope(switch=True, reason="test"):
            return Subscription.objects.get(pk=subscription.pk)


@pytest.fixture
def stripe(monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalStripe]:
    """Settings lead to it for the time of the test."""
    key = f"sk_test_devstripe_{secrets.token_hex(12)}"
    monkeypatch.setitem(settings.BILLING, "STRIPE_SECRET_KEY", key)
    monkeypatch.setitem(settings.BILLING, "TEST_CLOCKS", True)
    caches["registry"].clear()
    yield LocalStripe(key, os.environ["STRIPE_API_BASE"])


def refusal(error: urllib.error.HTTPError) -> dict[str, Any]:
    return json.load(error)["error"]
