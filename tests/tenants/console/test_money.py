"""Revenue in pictures by worked examples; failed payments; coupons; a plan changed in the trial."""

import datetime as dt
import html
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest

from billing.entitlements.models import TemporaryGrant
from billing.plans.models import Coupon
from billing.plans.services import make_coupon
from billing.subscriptions.models import Invoice
from billing.subscriptions.services.standing import subscription_of
from core.clock import now
from tenants.console.facts import gather_facts
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
    token = shown.context["ask"].value
    assert tenant_of(workspace).plan == "growth"
    assert console.post(path, {**wish, "token": token}).status_code == 302
    assert tenant_of(workspace).plan == "scale"
    # The revenue's picture follows, and the list names the plan.
    assert "$179" in console.get("/console/revenue/?currency=USD").content.decode()
    assert "Scale" in console.get("/console/").content.decode()
    with in_public():
        assert TenantEvent.objects.filter(kind="plan_changed", facts__plan="scale").count() == 1


def test_a_coupon_is_given_to_a_tenant_that_pays(workspace, tenant_of, console, in_public):
    with in_public():
        make_coupon(code="THANKS", name="", percent_off=Decimal(50), duration="forever")
    path = f"/console/tenants/{tenant_of(workspace).pk}/coupon/"
    # Who tries gives the code when subscribing.
    assert console.post(path, {"code": "THANKS"}).status_code == 422
    subscribe(workspace)
    assert console.post(path, {"code": "NOSUCH"}).status_code == 422
    shown = console.post(path, {"code": "thanks"})
    assert "$31.50 instead of $63.00" in shown.content.decode()
    assert console.post(path, {"code": "thanks", "shown": "1"}).status_code == 422
    assert console.post(path, {"code": "thanks", "shown": shown.context["ask"].value}).status_code == 302
    with in_public():
        assert tenant_of(workspace).subscription.coupon_id == "THANKS"
        assert TenantEvent.objects.filter(kind="coupon_given", facts__code="THANKS").count() == 1


def test_money_is_given_back_in_parts_and_never_more_than_was_paid(workspace, tenant_of, console, in_public):
    subscribe(workspace)
    tenant = tenant_of(workspace)
    page = console.get(f"/console/tenants/{tenant.pk}/invoices/").content.decode()
    assert "$63.00" in page and "Give back" in page
    with in_public():
        invoice = Invoice.objects.get(tenant=tenant)
    path = f"/console/tenants/{tenant.pk}/invoices/{invoice.pk}/refund/"
    assert "63.00" in console.get(path).content.decode()
    for amount in ("63.01", "0", "-1", "x", "1.001", "9" * 30):
        assert console.post(path, {"amount": amount, "reason": "asked"}).status_code == 422, amount
    assert console.post(path, {"amount": "13", "reason": " "}).status_code == 422
    assert console.post(path, {"amount": "13", "reason": "a quarrel"}).status_code == 302
    assert console.post(path, {"amount": "50.01", "reason": "asked"}).status_code == 422
    assert console.post(path, {"amount": "50.00", "reason": "asked"}).status_code == 302
    assert "Give back" not in console.get(f"/console/tenants/{tenant.pk}/invoices/").content.decode()
    with in_public():
        assert Invoice.objects.get(pk=invoice.pk).refunded_minor == 6300
        told = sorted(TenantEvent.objects.filter(kind="refunded").values_list("facts__minor", flat=True))
    assert told == [1300, 5000]


def test_another_tenants_invoice_is_unknown(workspace, other_workspace, tenant_of, console, in_public):
    subscribe(other_workspace)
    with in_public():
        invoice = Invoice.objects.get(tenant=tenant_of(other_workspace))
    path = f"/console/tenants/{tenant_of(workspace).pk}/invoices/{invoice.pk}/refund/"
    assert console.get(path).status_code == 404
    assert console.post(path, {"amount": "1", "reason": "x"}).status_code == 404


def test_the_story_is_written_in_the_readers_language_and_old_lines_stay_readable(
    workspace, tenant_of, in_public
):
    from django.utils.translation import override

    from tenants.console.story import line_of

    tenant = tenant_of(workspace)
    new = TenantEvent(
        tenant=tenant, kind="refunded", facts={"minor": 1300, "currency": "USD", "number": "A-1"}
    )
    old = TenantEvent(tenant=tenant, kind="refunded", facts={"amount": "$13.00", "number": "A-1"})
    plan = TenantEvent(tenant=tenant, kind="plan_changed", facts={"plan": "growth"})
    titles = {"title": "Maintenance", "title_zh": "维护"}
    announced = TenantEvent(tenant=tenant, kind="announced", facts=titles)
    with in_public():
        with override("en"):
            assert line_of(new).what == line_of(old).what == "gave back $13.00 of invoice A-1"
            assert line_of(plan).what == "changed the plan: Growth"
            assert "Maintenance" in line_of(announced).what
        with override("zh-hans"):
            assert "Growth" not in line_of(plan).what and "维护" in line_of(announced).what


def test_a_coupon_takes_an_amount_off_in_its_currency(workspace, tenant_of, console, in_public):
    with in_public():
        subscription_of(tenant_of(workspace).pk)  # makes the first catalogue
    words = {
        "code": "TEN-OFF",
        "amount_off": "1,010.5",
        "currency": "USD",
        "duration": "repeating",
        "months": "3",
    }
    for wrong in (
        {"currency": ""}, {"amount_off": "10,5"}, {"amount_off": "-3"}, {"amount_off": "0"}, {"amount_off": "1.005"},
        {"percent_off": "10"}, {"months": ""}, {"currency": "XXX"}, {"amount_off": ""},
        {"currency": "JPY", "amount_off": "10.5"},
    ):  # fmt: skip
        assert console.post("/console/coupons/new/", {**words, **wrong}).status_code == 422, wrong
    assert console.post("/console/coupons/new/", words).status_code == 302
    with in_public():
        made = Coupon.objects.get(pk="TEN-OFF")
        assert (made.amount_off_minor, made.currency, made.months) == (101_050, "USD", 3)
    assert "$1,010.50" in console.get("/console/coupons/").content.decode()


def test_files_are_granted_in_gigabytes(workspace, tenant_of, console, in_public):
    path = f"/console/tenants/{tenant_of(workspace).pk}/grant/"
    words = {"limit": "storage_bytes", "amount": "1.5", "reason": "moving"}
    assert console.post(path, {**words, "limit": "records"}).status_code == 422
    assert console.post(path, {**words, "amount": "x"}).status_code == 422
    assert console.post(path, words).status_code == 302
    with in_public():
        grant = TemporaryGrant.objects.get(tenant=tenant_of(workspace))
    assert grant.amount == 1_610_612_736
    page = console.get(f"/console/tenants/{tenant_of(workspace).pk}/").content.decode()
    assert "Files +1.5" in page


def test_a_tenants_page_names_whom_to_ask_and_what_is_owed(workspace, tenant_of, console, in_public):
    subscribe(workspace)
    with workspace.scope():
        gather_facts()
    tenant = tenant_of(workspace)
    page = html.unescape(console.get(f"/console/tenants/{tenant.pk}/").content.decode())
    assert workspace.owner.name in page and f"mailto:{workspace.owner.email}" in page
    assert "Visa •••• 4242 · 08/2029" in page
    with in_public():
        Invoice.objects.filter(tenant=tenant).update(state="open", failed_at=now())
    assert "$63.00" in console.get(f"/console/tenants/{tenant.pk}/").content.decode()


def test_an_action_that_must_be_confirmed_leads_back_to_a_page(
    workspace, tenant_of, console, in_public, monkeypatch
):
    """Not to the action's own address, which answers to no GET."""
    tenant = tenant_of(workspace)
    monkeypatch.setattr("tenants.console.gate.confirmed_lately", lambda request: False)
    page = f"/console/tenants/{tenant.pk}/"
    for path, back in (
        (f"{page}restore/", page),
        (f"{page}reopen/", page),
        (f"{page}grant/{tenant.pk}/withdraw/", page),
        ("/console/jobs/fleet/", "/console/jobs/"),
        (f"/console/settings/operators/{tenant.pk}/", "/console/settings/"),
        (f"/console/support/{tenant.pk}/open/", f"/console/support/{tenant.pk}/"),
        (f"{page}suspend/", f"{page}suspend/"),
    ):
        answer = console.post(path)
        assert answer.status_code == 302, path
        assert parse_qs(urlsplit(answer.headers["Location"]).query)["next"] == [back]
    monkeypatch.undo()
    assert console.get(page).status_code == 200
