"""Coupons on a subscription that runs, and money given back outside our pages."""

import datetime as dt
import html
from decimal import Decimal

import pytest

from billing.gateway.client import api
from billing.plans.selectors import NotForSale
from billing.plans.services import make_coupon
from billing.subscriptions.models import Invoice, Subscription, SubscriptionEvent
from billing.subscriptions.services.booking import accept
from billing.subscriptions.services.codes import offer_code, redeem_code
from billing.subscriptions.services.offers import offer
from billing.subscriptions.services.syncing import sync_subscription
from billing.subscriptions.services.tokens import OfferChanged
from core.errors import Conflict
from core.tenancy.scope import public_scope
from tests.billing.begin import GROWTH, USAGE, subscribe

pytestmark = pytest.mark.django_db


@pytest.fixture
def public(workspace):
    with public_scope(switch=True, reason="test"):
        yield workspace


def test_a_code_is_shown_used_and_charged(stripe, public):
    make_coupon(code="SPRING", name="Spring", percent_off=Decimal(20), duration="repeating", months=2)
    subscription = subscribe(public)
    # Two months from this day on: the two renewals within them.
    subscription = stripe.pass_to(subscription, subscription.clock_at + dt.timedelta(days=1))
    offered = offer_code(subscription, " spring ")
    # 63.00 a month: a fifth of it is 12.60.
    assert (offered.before.due_minor, offered.after.due_minor) == (6300, 5040)
    assert (offered.charge_at, offered.replaces) == (subscription.period_end, "")
    subscription = redeem_code(subscription, "SPRING", shown_minor=5040, by="Olive")
    assert (subscription.coupon_id, subscription.next_charge_minor) == ("SPRING", 5040)
    assert SubscriptionEvent.objects.filter(tenant_id=subscription.pk, kind="coupon").count() == 1
    # Pressed twice it is used once.
    with pytest.raises(Conflict):
        redeem_code(subscription, "SPRING", shown_minor=5040, by="Olive")
    for expected in (5040, 5040, 6300):
        subscription = stripe.pass_to(subscription, subscription.period_end + dt.timedelta(hours=2))
        newest = Invoice.objects.filter(tenant_id=subscription.pk).first()
        assert (newest.total_minor, newest.state) == (expected, "paid")
    assert subscription.coupon_id is None


def test_another_code_takes_the_place_and_the_first_can_come_back(stripe, public):
    make_coupon(code="ONE", name="", percent_off=Decimal(10), duration="forever")
    make_coupon(code="TWO", name="", percent_off=Decimal(50), duration="forever")
    subscription = subscribe(public)
    for code, shown in (("ONE", 5670), ("TWO", 3150), ("ONE", 5670), ("TWO", 3150)):
        subscription = redeem_code(subscription, code, shown_minor=shown, by="Olive")
        assert (subscription.coupon_id, subscription.next_charge_minor) == (code, shown)


def test_what_was_shown_is_what_is_used(stripe, public):
    make_coupon(code="TEN", name="", percent_off=Decimal(10))
    subscription = subscribe(public)
    with pytest.raises(OfferChanged):
        redeem_code(subscription, "TEN", shown_minor=1, by="Olive")
    assert Subscription.objects.get(pk=subscription.pk).coupon_id is None


def test_codes_that_cannot_be_used_say_why(stripe, public):
    make_coupon(code="YEN", name="", amount_off_minor=500, currency="JPY")
    make_coupon(code="GOOD", name="", percent_off=Decimal(10))
    subscription = subscribe(public)
    for wrong in ("YEN", "NOTHING", "", "\x00", "GOOD" * 100):
        with pytest.raises(NotForSale):
            offer_code(subscription, wrong)
    fewer = offer(subscription, GROWTH.__class__("growth", 1, "month", "USD", 3), usage=USAGE)
    _done, subscription = accept(subscription, fewer.token, usage=USAGE, by="Olive")
    with pytest.raises(Conflict):
        offer_code(subscription, "GOOD")


def test_without_a_subscription_there_is_nothing_to_make_cheaper(public):
    with public_scope(switch=True, reason="test"):
        from billing.subscriptions.services.standing import subscription_of

        subscription = subscription_of(public.snapshot.tenant_id)
        with pytest.raises(Conflict):
            offer_code(subscription, "ANY")


def test_the_page_shows_and_uses_a_code(stripe, workspace, client_of):
    with public_scope(switch=True, reason="test"):
        make_coupon(code="HALF", name="", percent_off=Decimal(50), duration="forever")
    subscribe(workspace)
    owner = client_of(workspace, workspace.owner)
    page = html.unescape(owner.get("/settings/billing/?code=half").content.decode())
    assert "HALF: 50% off, every invoice" in page and "$31.50" in page
    wrong = html.unescape(owner.get("/settings/billing/?code=none").content.decode())
    assert "This code is not known" in wrong
    for shown in ("", "x", "-5", "9" * 40):
        answer = owner.post(
            "/settings/billing/code/", {"code": "HALF", "shown": shown}, HTTP_HX_REQUEST="true"
        )
        assert answer.status_code == 422
    stale = owner.post("/settings/billing/code/", {"code": "HALF", "shown": "1"}, HTTP_HX_REQUEST="true")
    assert stale.headers["HX-Redirect"] == "/settings/billing/?code=HALF"
    done = owner.post("/settings/billing/code/", {"code": "HALF", "shown": "3150"}, HTTP_HX_REQUEST="true")
    assert done.headers["HX-Redirect"] == "/settings/billing/"
    assert "HALF: 50% off" in html.unescape(owner.get("/settings/billing/").content.decode())


def test_money_given_back_at_stripe_is_seen(stripe, public):
    subscription = subscribe(public)
    invoice = Invoice.objects.get(tenant_id=subscription.pk)
    assert invoice.payment_intent_id
    for amount, in_all in ((1300, 1300), (700, 2000)):
        api().v1.refunds.create({"payment_intent": invoice.payment_intent_id, "amount": amount})
        stripe.deliver()
        invoice.refresh_from_db()
        assert (invoice.refunded_minor, invoice.state) == (in_all, "paid")
    sync_subscription(subscription.pk)
    told = SubscriptionEvent.objects.filter(tenant_id=subscription.pk, kind="refunded")
    assert sorted(each.facts["minor"] for each in told) == [700, 1300]
