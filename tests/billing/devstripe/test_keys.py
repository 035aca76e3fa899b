"""Idempotency keys and secret keys. Source: docs.stripe.com/api/idempotent_requests, /api/authentication."""

import json
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import stripe as sdk


def post(stripe: Any, path: str, body: str = "", key: str = "", **headers: str) -> tuple[int, Any, Any]:
    """(status, headers, answer) without the SDK's own retries."""
    given = {"Authorization": f"Bearer {stripe.key}", **headers}
    if key:
        given["Idempotency-Key"] = key
    request = urllib.request.Request(f"{stripe.base}{path}", body.encode(), given, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.headers, json.load(answer)
    except urllib.error.HTTPError as refused:
        return refused.code, refused.headers, json.load(refused)


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("sk_live_abc", "never be given a live key"),
        ("rk_live_abc", "never be given a live key"),
        ("pk_live_abc", "never be given a live key"),
        ("sk_test_abc", "Invalid API Key"),
        ("sk_test_devstripe_" + "x" * 300, "Invalid API Key"),
        ("", "Invalid API Key"),
    ],
)
def test_other_keys_are_refused(stripe, key, words):
    status, _headers, answer = post(stripe, "/v1/customers", Authorization=f"Bearer {key}")
    assert (status, answer["error"]["type"]) == (401, "invalid_request_error")
    assert words in answer["error"]["message"]


def test_another_version_of_the_api_is_refused(stripe):
    status, headers, answer = post(stripe, "/v1/customers", **{"Stripe-Version": "2024-06-20"})
    assert (status, headers["Stripe-Version"]) == (400, "2026-10-28.endive")
    assert "Invalid Stripe API version" in answer["error"]["message"]
    assert headers["Request-Id"].startswith("req_")


def test_the_first_answer_is_given_again_and_says_so(stripe):
    first = post(stripe, "/v1/customers", "name=A", key="k")
    again = post(stripe, "/v1/customers", "name=A", key="k")
    assert first[2] == again[2]
    assert ("Idempotent-Replayed" in first[1], again[1]["Idempotent-Replayed"]) == (False, "true")


def test_other_parameters_under_the_same_key_are_an_error(stripe):
    post(stripe, "/v1/customers", "name=A", key="k")
    status, _headers, answer = post(stripe, "/v1/customers", "name=B", key="k")
    assert (status, answer["error"]["type"]) == (400, "idempotency_error")
    status, _headers, answer = post(stripe, "/v1/products", "name=A", key="k")
    assert (status, answer["error"]["type"]) == (400, "idempotency_error")


def test_keys_have_at_most_255_characters(stripe):
    assert post(stripe, "/v1/customers", "name=A", key="k" * 255)[0] == 200
    assert post(stripe, "/v1/customers", "name=A", key="k" * 256)[0] == 400


def test_wrong_parameters_are_not_remembered_but_refusals_are(stripe, v1):
    """ "Results are only saved if an endpoint started executing." """
    assert post(stripe, "/v1/customers", "nickname=A", key="k")[0] == 400
    assert post(stripe, "/v1/customers", "name=A", key="k")[0] == 200
    assert post(stripe, "/v1/products", "id=p&name=A", key="first")[0] == 200
    refused = post(stripe, "/v1/products", "id=p&name=A", key="second")
    assert (refused[0], refused[2]["error"]["code"]) == (400, "resource_already_exists")
    again = post(stripe, "/v1/products", "id=p&name=A", key="second")
    assert (again[0], again[1]["Idempotent-Replayed"]) == (400, "true")


def test_a_refused_card_is_remembered_and_charged_once(stripe, v1):
    made = v1.customers.create(
        {"payment_method": "pm_card_chargeCustomerFail",
         "invoice_settings": {"default_payment_method": "pm_card_chargeCustomerFail"}}
    )  # fmt: skip
    product = v1.products.create({"name": "A"}).id
    price = v1.prices.create(
        {"product": product, "currency": "usd", "unit_amount": 500, "recurring": {"interval": "month"}}
    ).id
    subscription = v1.subscriptions.create({"customer": made.id, "items": [{"price": price}]})
    assert subscription.status == "incomplete"
    invoice = subscription.latest_invoice
    for _time in range(3):
        with pytest.raises(sdk.CardError) as refused:
            v1.invoices.pay(invoice, options={"idempotency_key": "pay"})
        assert refused.value.error.decline_code == "generic_decline"
    # One for the subscription, one for the three calls.
    assert len(v1.charges.list({"customer": made.id}).data) == 2


def test_a_fault_within_is_remembered_and_an_outage_before_is_not(stripe, client_for):
    """ "including 500 errors": only those of an endpoint that was at work."""
    stripe.command("fail_next", status=500, saved=True)
    client = client_for(retries=0)
    for _time in range(2):
        with pytest.raises(sdk.APIError):
            client.customers.create({"name": "A"}, options={"idempotency_key": "within"})
    assert client.customers.list().data == []
    stripe.command("fail_next", status=503)
    with pytest.raises(sdk.APIError):
        client.customers.create({"name": "A"}, options={"idempotency_key": "before"})
    assert client.customers.create({"name": "A"}, options={"idempotency_key": "before"}).name == "A"


def test_the_sdk_gets_over_two_outages_by_itself(stripe, v1):
    stripe.command("fail_next", status=500, times=2)
    made = v1.customers.create({"name": "A"})
    assert [each.id for each in v1.customers.list().data] == [made.id]


def test_two_at_once_under_one_key_are_a_conflict(stripe):
    stripe.command("fail_next", hang_seconds=1.5)
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda _n: post(stripe, "/v1/customers", "name=A", key="k"), range(2)))
    made, conflict = sorted(answers, key=lambda answer: answer[0])
    assert (made[0], conflict[0], conflict[2]["error"]["code"]) == (200, 409, "idempotency_key_in_use")
    assert post(stripe, "/v1/customers", "name=A", key="k")[2]["id"] == made[2]["id"]


def test_nothing_of_a_refused_request_stays(stripe, v1, client_for):
    who = v1.customers.create({"name": "A"})
    before = len(v1.events.list({"limit": 100}).data)
    with pytest.raises(sdk.InvalidRequestError):
        v1.subscriptions.create({"customer": who.id, "items": [{"price": "price_none"}]})
    assert len(v1.events.list({"limit": 100}).data) == before
