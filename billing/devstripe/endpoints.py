"""Where events are sent. Source: docs.stripe.com/api/webhook_endpoints."""

import secrets
import time
from typing import Any
from urllib.parse import urlsplit

from billing.devstripe.catalog import merged_metadata
from billing.devstripe.errors import invalid
from billing.devstripe.events import API_VERSION
from billing.devstripe.models import Account
from billing.devstripe.params import Metadata, need
from billing.devstripe.store import all_of, get, put, remove, shape

_COMMON = {"url": str, "enabled_events": [str], "description": str, "metadata": Metadata}
ENDPOINT = {**_COMMON, "api_version": (API_VERSION,)}
UPDATE = {**_COMMON, "disabled": bool}


def create_endpoint(account: Account, given: dict[str, Any]) -> dict[str, Any]:
    """The one answer that holds the secret."""
    need(given, "url", "enabled_events")
    _check(given)
    made = shape(
        "webhook_endpoint",
        api_version=given.get("api_version"),
        created=int(time.time()),
        description=given.get("description"),
        enabled_events=given["enabled_events"],
        metadata=given.get("metadata", {}),
        status="enabled",
        url=given["url"],
        _secret=f"whsec_{secrets.token_hex(16)}",
    )
    del made["secret"]
    put(account, made)
    return {**made, "secret": made["_secret"]}


def keep_own_endpoint(key: str, url: str, secret: str) -> None:
    """The installation's own, with the secret that both sides were told at the start."""
    account, _made = Account.objects.get_or_create(key=key)
    known = all_of(account, "webhook_endpoint")
    endpoint = known[0] if known else shape("webhook_endpoint", created=int(time.time()), metadata={})
    endpoint.pop("secret", None)
    endpoint.update(url=url, enabled_events=["*"], status="enabled", _secret=secret)
    put(account, endpoint)


def update_endpoint(account: Account, object_id: str, given: dict[str, Any]) -> dict[str, Any]:
    found = get(account, "webhook_endpoint", object_id)
    _check(given)
    found |= {name: given[name] for name in ("url", "enabled_events") if given.get(name)}
    found["metadata"] = merged_metadata(found["metadata"], given.get("metadata"))
    if "description" in given:
        found["description"] = given["description"] or None
    if "disabled" in given:
        found["status"] = "disabled" if given["disabled"] else "enabled"
    return put(account, found)


def delete_endpoint(account: Account, object_id: str) -> dict[str, Any]:
    get(account, "webhook_endpoint", object_id)
    remove(account, "webhook_endpoint", object_id)
    return {"id": object_id, "object": "webhook_endpoint", "deleted": True}


def _check(given: dict[str, Any]) -> None:
    url = given.get("url")
    if url and not is_web_address(url):
        raise invalid(
            "Invalid URL: an explicit scheme (such as https) must be provided.",
            param="url",
            code="url_invalid",
        )


def is_web_address(url: str) -> bool:
    """Absolute, and one that a browser or a delivery may be sent to."""
    try:
        parts = urlsplit(url)
        return (
            parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0 and len(url) <= 300
        )
    except ValueError:
        return False
