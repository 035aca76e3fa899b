"""The SDK itself, speaking to the stand-in under a key of the test's own."""

from collections.abc import Callable
from typing import Any

import pytest
import stripe as sdk


@pytest.fixture
def client_for(stripe: Any) -> Callable[..., Any]:
    """client_for(key=…, retries=…) → another client of the same stand-in."""

    def make(key: str = "", retries: int = 0) -> Any:
        return sdk.StripeClient(
            key or stripe.key,
            base_addresses={"api": stripe.base},
            max_network_retries=retries,
            http_client=sdk.RequestsClient(timeout=30),
        ).v1

    return make


@pytest.fixture
def v1(client_for: Callable[..., Any]) -> Any:
    return client_for(retries=2)
