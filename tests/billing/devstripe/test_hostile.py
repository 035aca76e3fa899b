"""Whatever is sent, the answer is Stripe's kind of error: never a crash, never a page of a framework."""

import json
import socket
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlsplit

import pytest
import stripe as sdk

from tests.billing.devstripe.asking import at, customer, price, subscribe

MEGABYTE = 1024 * 1024


def send(
    stripe: Any, method: str, path: str, body: bytes = b"", kind: str = "application/x-www-form-urlencoded"
) -> tuple[int, Any]:
    request = urllib.request.Request(
        f"{stripe.base}{path}",
        body if method == "POST" else None,
        {"Authorization": f"Bearer {stripe.key}", "Content-Type": kind},
        method=method,
    )
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        return refused.code, json.load(refused)


@pytest.fixture
def known(v1):
    """Ids that the paths below name."""
    who, clock = customer(v1, at(2026, 11, 1))
    cheap = price(v1)
    made = subscribe(v1, who, cheap)
    schedule = v1.subscription_schedules.create({"from_subscription": made.id})
    return {
        "customer": who, "clock": clock, "price": cheap, "subscription": made.id, "schedule": schedule.id,
        "item": made["items"].data[0].id, "invoice": made.latest_invoice,
    }  # fmt: skip


POSTS = (
    "products", "prices", "prices/{price}", "coupons", "tax_rates", "customers", "customers/{customer}",
    "customers/{customer}/tax_ids", "payment_methods/pm_card_visa/attach", "refunds", "subscriptions",
    "subscriptions/{subscription}", "subscription_items", "subscription_items/{item}", "subscription_schedules",
    "subscription_schedules/{schedule}", "checkout/sessions", "billing_portal/sessions", "invoices/create_preview",
    "invoices/{invoice}", "invoices/{invoice}/pay", "webhook_endpoints", "test_helpers/test_clocks",
    "test_helpers/test_clocks/{clock}/advance", "subscriptions/{subscription}/resume",
)  # fmt: skip
# Every name that some endpoint takes, each with values that it does not expect.
NAMES = (
    "name", "product", "currency", "unit_amount", "unit_amount_decimal", "recurring", "recurring[interval]",
    "recurring[interval_count]", "lookup_key", "percent_off", "amount_off", "duration", "duration_in_months",
    "max_redemptions", "redeem_by", "display_name", "percentage", "inclusive", "email", "address", "address[city]",
    "metadata", "metadata[a]", "balance", "invoice_settings", "invoice_settings[default_payment_method]",
    "test_clock",
    "type", "value", "customer", "payment_intent", "charge", "amount", "items", "items[0]", "items[0][id]",
    "items[0][price]", "items[0][quantity]", "items[0][deleted]", "discounts", "discounts[0]",
    "discounts[0][coupon]",
    "default_tax_rates", "default_tax_rates[0]", "trial_end", "trial_settings", "cancel_at",
    "cancel_at_period_end",
    "proration_date", "proration_behavior", "billing_cycle_anchor", "billing_cycle_anchor[type]", "phases",
    "phases[0]", "phases[0][items]", "phases[0][start_date]", "phases[0][end_date]", "phases[0][duration]",
    "from_subscription", "mode", "success_url", "cancel_url", "line_items", "line_items[0][price]", "locale",
    "subscription_data", "subscription_data[trial_end]", "subscription", "subscription_details",
    "subscription_details[items]", "subscription_details[proration_date]", "subscription_details[trial_end]",
    "url",
    "enabled_events", "enabled_events[0]", "frozen_time", "payment_method", "quantity", "price", "expand",
    "expand[0]",
    "", "[", "]", "a]b[", "__proto__", "_debits",
)  # fmt: skip
VALUES = (
    "",
    "-1",
    "99999999999999999999",
    "1e400",
    "NaN",
    "true",
    "%00",
    "%F0%9F%92%A5",
    "%E2%80%AE",
    "<script>",
)


@pytest.mark.parametrize("path", POSTS)
def test_unexpected_values_are_refused_or_taken_but_never_break_anything(stripe, known, path):
    answers = set()
    turn = POSTS.index(path)
    for number, name in enumerate(NAMES):
        # Each name with one of the values, another one on each path.
        value = VALUES[(number + turn) % len(VALUES)]
        answers.add(checked(stripe, path.format(**known), name, value))
    assert 400 in answers


def checked(stripe, path: str, name: str, value: str) -> int:
    status, answer = send(stripe, "POST", f"/v1/{path}", f"{name}={value}".encode())
    assert status < 500, (name, value, answer)
    assert status == 200 or answer["error"]["type"] in ("invalid_request_error", "card_error")
    return status


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"name=" + b"x" * (3 * MEGABYTE), 413),
        (b"name=" + b"x" * MEGABYTE, 400),
        (b"metadata" + b"[a]" * 50_000 + b"=1", 400),
        (b"&".join(b"metadata[%d]=1" % number for number in range(5000)), 400),
        (b"name=\xff\xfe\xfd", 400),
        (b"name=%ff%fe", 400),
        (b"\x00\x01\x02", 400),
        (b'{"name": "A"}', 400),
        (b"name[0]=A", 400),
        (b"metadata[a]=1&metadata=2", 400),
    ],
)
def test_bodies_that_are_too_large_or_no_form(stripe, body, status):
    assert send(stripe, "POST", "/v1/customers", body)[0] == status


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/nothing", 404),
        ("GET", "/v1/customers/..%2f..%2fetc", 404),
        ("DELETE", "/v1/customers", 404),
        ("PUT", "/v1/customers", 404),
        ("GET", "/v1/customers?limit=0", 400),
        ("GET", "/v1/customers?limit=101", 400),
        ("GET", "/v1/customers?limit=ten", 400),
        ("GET", "/v1/customers?starting_after=cus_none", 400),
        ("GET", "/v1/customers?created[gte]=yesterday", 400),
        ("GET", "/v1/customers?created[since]=1", 400),
        ("GET", "/v1/customers?expand[]=data.secrets", 400),
        ("GET", "/v1/subscriptions?status=happy", 400),
        ("GET", "/v1/customers?email=%27%3B%20DROP%20TABLE%20devstripe_thing%3B--", 200),
    ],
)
def test_addresses_that_lead_nowhere(stripe, v1, method, path, status):
    v1.customers.create({"name": "A"})
    assert send(stripe, method, path)[0] == status
    assert len(v1.customers.list().data) == 1


def test_a_request_that_is_cut_off_disturbs_nobody(stripe, v1):
    place = urlsplit(stripe.base)
    for _time in range(20):
        with socket.create_connection((place.hostname, place.port), timeout=5) as raw:
            raw.sendall(
                f"POST /v1/customers HTTP/1.1\r\nHost: {place.netloc}\r\nContent-Length: 5000\r\n\r\nname".encode()
            )
    assert v1.customers.create({"name": "A"}).name == "A"


def test_another_host_is_not_answered(stripe):
    """A page of a stranger whose name leads to 127.0.0.1 must not reach it."""
    request = urllib.request.Request(f"{stripe.base}/", headers={"Host": "evil.example"})
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=10)
    assert refused.value.code == 400


def test_quantities_are_bounded(v1):
    who, _clock = customer(v1, at(2026, 11, 1))
    for quantity in (-1, 1_000_001):
        with pytest.raises(sdk.InvalidRequestError):
            subscribe(v1, who, price(v1), quantity)


@pytest.mark.parametrize("wrong", ["nothing", "delivery", "settings", "fail_next", "complete", "deliver"])
def test_commands_refuse_nonsense(stripe, wrong):
    for body in (
        b"{",
        b"[]",
        b'{"mode": 3, "status": "x", "seed": [], "event": {}}',
        b"\xff",
        b"x" * (3 * MEGABYTE),
    ):
        status, answer = send(stripe, "POST", f"/devstripe/{wrong}", body, "application/json")
        assert 400 <= status < 500 and answer["error"]["type"] == "invalid_request_error"
    assert send(stripe, "GET", "/devstripe/reset")[0] == 404
