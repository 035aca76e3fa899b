"""The background thread that delivers events. Source: docs.stripe.com/webhooks, "Retry behavior".

Differences: retries come within a minute instead of three days, and each endpoint gets its events one by one.
"""

import logging
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

from django.conf import settings
from django.db import DatabaseError, connection

from billing.devstripe.events import payload_of, sign, wake
from billing.devstripe.models import Delivery
from billing.devstripe.store import LOCK

_RETRY_SECONDS = (1, 3, 8, 20, 30)
_TIMEOUT_SECONDS = 10
_SENDERS = 8
log = logging.getLogger(__name__)
Endpoint = tuple[str, str]
"""(the account's key, the address)"""


def deliver_forever() -> None:
    """One sender an endpoint at a time, so that a slow one holds up no other."""
    busy: set[Endpoint] = set()
    with ThreadPoolExecutor(_SENDERS, thread_name_prefix="delivery") as senders:
        while True:
            wake.wait(timeout=0.5)
            wake.clear()
            for endpoint in _endpoints_due():
                if endpoint not in busy:
                    busy.add(endpoint)
                    senders.submit(_deliver_all, endpoint, busy)


def _endpoints_due() -> set[Endpoint]:
    try:
        due = Delivery.objects.filter(state="waiting", next_at__lte=time.time())
        return set(due.values_list("account_id", "url"))
    except DatabaseError:
        log.exception("deliveries wait: they cannot be read now")
        connection.close()
        return set()


def _deliver_all(endpoint: Endpoint, busy: set[Endpoint]) -> None:
    try:
        while _deliver_next(endpoint):
            pass
    except (DatabaseError, ValueError):
        log.exception("a delivery waits: its row could not be read or written")
        connection.close()
    finally:
        busy.discard(endpoint)


def _deliver_next(endpoint: Endpoint) -> bool:
    key, url = endpoint
    with LOCK:
        due = Delivery.objects.filter(account_id=key, url=url, state="waiting", next_at__lte=time.time())
        delivery = due.select_related("account").order_by("next_at", "pk").first()
        if delivery is None:
            return False
        payload = payload_of(delivery.account, delivery.event)
        if payload is None:
            delivery.delete()
            return True
    signature = sign(payload, delivery.secret, int(time.time()))
    answer, done = post(url, payload, signature, host=host_for(key))
    with LOCK:
        delivery.attempts += 1
        delivery.answer = answer[:200]
        if done:
            delivery.state = "done"
        elif delivery.attempts > len(_RETRY_SECONDS):
            delivery.state = "failed"
        else:
            delivery.next_at = time.time() + _RETRY_SECONDS[delivery.attempts - 1]
        delivery.save(update_fields=["attempts", "answer", "state", "next_at"])
    return True


def host_for(account_key: str) -> str:
    """The Host header where it must differ from the address: the product's own endpoint."""
    return settings.WEBHOOK_HOST if account_key == settings.SECRET_KEY else ""


def post(url: str, payload: str, signature: str, *, host: str = "") -> tuple[str, bool]:
    """(what was answered, whether it was a 2xx)."""
    headers = {"Content-Type": "application/json", "Stripe-Signature": signature, "User-Agent": "devstripe"}
    if host:
        headers["Host"] = host
    request = urllib.request.Request(url, payload.encode(), headers, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS) as answer:
            return str(answer.status), 200 <= answer.status < 300
    except urllib.error.HTTPError as error:
        return str(error.code), False
    except (OSError, ValueError) as error:
        return type(error).__name__, False
