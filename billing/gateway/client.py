"""The SDK's client for the key of this installation, and which Stripe that is."""

import functools

import stripe
from django.conf import settings

# One slow answer must not hold a page or a row's lock for long; the SDK tries twice more.
_TIMEOUT_SECONDS = 12


def mode() -> str:
    """'local' (the stand-in that comes along), 'test' or 'live'. Ids of one mean nothing in another."""
    key = settings.BILLING["STRIPE_SECRET_KEY"]
    if settings.BILLING["STRIPE_API_BASE"]:
        return "local"
    return "live" if key.startswith(("sk_live_", "rk_live_")) else "test"


def api() -> stripe.StripeClient:
    """Shared by all threads of the process: the SDK keeps a session for each."""
    return _client(settings.BILLING["STRIPE_SECRET_KEY"], settings.BILLING["STRIPE_API_BASE"])


@functools.lru_cache(maxsize=8)
def _client(key: str, base: str) -> stripe.StripeClient:
    if base and not key.startswith("sk_test_"):
        raise ValueError("STRIPE_API_BASE is for the local stand-in: it must never be given a live key")
    return stripe.StripeClient(
        key or "sk_test_missing",
        base_addresses={"api": base} if base else None,
        max_network_retries=2,
        http_client=stripe.RequestsClient(timeout=_TIMEOUT_SECONDS),
    )
