"""Revenue in pictures by worked examples; failed payments; coupons; a plan changed in the trial."""

import datetime as dt

import pytest

from billing.subscriptions.models import Invoice
from core.clock import now
from tenants.console.revenue import Span, month_starts, months_of
from tenants.registry.models import TenantEvent
from tests.billing.begin import subscribe

pytestmark = pytest.mark.django_db


def _at(month: int, day: int = 1) -> dt.datetime:
    return dt.datetime(2026, month, day, tzinfo=dt.UTC)


def test_months_end_with_the_running_one_and_cross_the_year():
    starts = month_starts(_at(2, 14), 4)
    assert [(each.year, each.month) for each in starts] == [(2025, 11), (2025, 12), (2026, 1), (2026, 2)]


def test_revenue_and_churn_of_a_worked_example():
    """A pays 10 from January on; B pays 20 from January, 30 from 10 February; C pays 5 in January only."""
    spans = [
        Span("a", 1000, _at(1, 5), None),
        Span("b", 2000, _at(1, 6), _at(2, 10)),
        Span("b", 3000, _at(2, 10), None),
        Span("c", 500, _at(1, 7), _at(2, 20)),
    ]
    january, february, march = months_of(spans, _at(3, 15), count=3)
    assert (january.mrr_minor, january.paying, january.began, january.churned) == (3500, 3, 0, 0)
    assert (february.mrr_minor, february.paying, february.began, february.churned) == (4000, 2, 3, 1)
    assert february.churn_percent == 33.3
    assert (march.mrr_minor, march.churned, march.churn_percent) == (4000, 0, 0.0)


def test_a_failed_payment_stands_in_the_queue_until_it_is_paid(workspace, tenant_of, console, in_public):
    tenant = tenant_of(workspace)
    with in_public():
        from billing.subscriptions.services.standing import subscription_of

        subscription_of(tenant.pk)
        invoice = Invoice.objects.create(
            id="in_1", tenant=tenant, mode="local", state="open", currency="USD", total_minor=3900,
            due_minor=3900, issued_at=now(), failed_at=now(), attempts=2,
        )  # fmt: skip
    page = console.get("/console/failed-payments/").content.decode()
    assert tenant.name in page and "$39.00" in page
    with in_public():
        Invoice.objects.filter(pk=invoice.pk).update(state="paid")
    assert "No payment has failed." in console.get("/console/failed-payments/").content.decode()


def test_a_plan_is_tried_at_once_and_an_unknown_one_is_not(workspace, tenant_of, console):
    path = f"/console/tenants/{tenant_of(workspace).pk}/plan/"
    console.get(path)
    wish = {"plan": "starter", "interval": "month", "seats": "3"}
    assert console.post(path, {**wish, "plan": "nosuch"}).status_code == 422
    assert console.post(path, {**wish, "seats": "-3"}).status_code == 422
    assert console.post(path, {**wish, "token": "forged"}).status_code in (409, 422)
    assert console.post(path, wish).status_code == 302
    tenant = tenant_of(workspace)
    assert tenant.plan == "starter"
    assert "api" not in tenant.entitlements["features"]


def test_a_coupon_is_made_once(console):
    words = {"code": "spring-26", "percent_off": "25", "duration": "once"}
    assert console.post("/console/coupons/new/", words).status_code == 302
    assert "SPRING-26" in console.get("/console/coupons/").content.decode()
    assert console.post("/console/coupons/new/", words).status_code == 422
    assert (
        console.post("/console/coupons/new/", {**words, "code": "X", "percent_off": "101"}).status_code == 422
    )
    assert (
        console.post("/console/coupons/new/", {**words, "code": "Y", "duration": "repeating"}).status_code
        == 422
    )


@pytest.mark.parametrize("query", ["", "?currency=USD", "?currency=%00", "?currency=XXX"])
def test_the_pictures_are_drawn_with_nothing_paid(query, console):
    assert console.get(f"/console/revenue/{query}").status_code == 200


def test_a_paying_tenant_is_shown_the_price_before_its_plan_changes(workspace, tenant_of, console, in_public):
    subscribe(workspace)
    path = f"/console/tenants/{tenant_of(workspace).pk}/plan/"
    wish = {"plan": "scale", "interval": "month", "seats": "12"}
    shown = console.post(path, wish)
    assert shown.status_code == 200, shown.content[:300]
    assert "What the customer is charged" in shown.content.decode()
    token = shown.context["offer"].token
    assert tenant_of(workspace).plan == "growth"
    assert console.post(path, {**wish, "token": token}).status_code == 302
    assert tenant_of(workspace).plan == "scale"
    # The revenue's picture follows, and the list names the plan.
    assert "$179" in console.get("/console/revenue/?currency=USD").content.decode()
    assert "Scale" in console.get("/console/").content.decode()
    with in_public():
        assert TenantEvent.objects.filter(kind="plan_changed", facts__plan="scale").count() == 1
