"""What happens beside the straight path: races, old debts, cards of dead subscriptions, closings taken back."""

import contextvars
import datetime as dt
import threading
import time
from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import connection, transaction

from billing.gateway.client import api
from billing.gateway.plain import InvoiceAsIs, SubscriptionAsIs
from billing.plans.models import Plan
from billing.plans.selectors import current_version
from billing.plans.services import make_coupon, publish_version
from billing.subscriptions.models import Invoice, SentNotice, Subscription
from billing.subscriptions.rules.changes import Kind
from billing.subscriptions.services import standing
from billing.subscriptions.services.booking import accept
from billing.subscriptions.services.offers import offer
from billing.subscriptions.services.passing import pass_time
from billing.subscriptions.services.paying import finish_checkout, pay_open_invoices, start_card_change
from billing.subscriptions.services.standing import held, leave_test_modes, reopen, subscription_of
from billing.subscriptions.services.syncing import _unpaid_since, sync_subscription
from billing.subscriptions.services.tokens import OfferChanged
from billing.webhooks.models import StripeEvent
from billing.webhooks.services import receiving
from core.clock import now
from core.entitlements import Limit, limit_of
from core.errors import Conflict
from core.tenancy.scope import public_scope
from tenants.registry.hosts import snapshot_of_schema
from tenants.registry.models import Tenant, TenantState
from tests.billing.begin import GROWTH, USAGE, fill_in, offer_token, subscribe

AT = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)


@pytest.fixture
def public(workspace):
    with public_scope(switch=True, reason="test"):
        yield workspace


def _invoice(status: str, day: int, *, attempted: bool = True) -> InvoiceAsIs:
    issued = AT + dt.timedelta(days=day)
    return InvoiceAsIs(
        "in_1", "", status, "USD", "cus_1", "sub_1", 0, 0, 0, 100, 100, 0, issued, None, 1, attempted, None, "", ""
    )  # fmt: skip


_FOUND = SubscriptionAsIs(
    "sub_1", "cus_1", "past_due", "USD", (), None, None, None, None, None, "", "", None, "", {}
)  # fmt: skip


@pytest.mark.parametrize(
    ("newest_first", "day"),
    [
        ([("open", 60), ("paid", 30), ("open", 0)], 60),
        ([("open", 60), ("open", 30), ("paid", 0)], 30),
        ([("paid", 60), ("uncollectible", 0)], None),
        ([("void", 60), ("draft", 50), ("paid", 30)], None),
        ([("uncollectible", 60), ("paid", 30)], 60),
    ],
)
def test_a_debt_counts_from_the_first_that_no_payment_followed(newest_first, day):
    since = _unpaid_since(_FOUND, [_invoice(status, at) for status, at in newest_first])
    assert since == (None if day is None else AT + dt.timedelta(days=day))


@pytest.mark.django_db(transaction=True)
def test_the_lock_finds_its_row_though_the_plan_changed_while_it_waited(live_workspace):
    tenant_id = live_workspace.snapshot.tenant_id
    with public_scope(switch=True, reason="test"):
        subscription_of(tenant_id)
    changing, found = threading.Event(), []

    def change() -> None:
        with public_scope(reason="test"), transaction.atomic():
            subscription = held(tenant_id)
            subscription.plan_version = current_version("scale")
            subscription.save(update_fields=["plan_version"])
            changing.set()
            time.sleep(0.5)
        connection.close()

    def wait() -> None:
        changing.wait(10)
        with public_scope(reason="test"), transaction.atomic():
            found.append(held(tenant_id).plan_version.plan_id)
        connection.close()

    threads = [threading.Thread(target=contextvars.Context().run, args=(each,)) for each in (change, wait)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert found == ["scale"]


@pytest.mark.django_db
def test_one_customer_that_fails_does_not_keep_the_others(stripe, public, other_workspace, monkeypatch):
    first, second = subscribe(public), subscribe(other_workspace)
    stripe.deliver()
    StripeEvent.objects.update(state=StripeEvent.State.WAITING, attempts=0)
    whole = receiving.sync_subscription

    def failing(tenant_id):
        if tenant_id == first.pk:
            raise RuntimeError("unforeseen")
        return whole(tenant_id)

    monkeypatch.setattr(receiving, "sync_subscription", failing)
    receiving.follow_waiting()
    left = StripeEvent.objects.filter(customer_id=first.customer_id)
    assert {each.attempts for each in left} == {1} and not left.filter(state="settled").exists()
    assert not StripeEvent.objects.filter(customer_id=second.customer_id, state="waiting").exists()
    # An outage of Stripe is not the event's fault.
    monkeypatch.setattr(receiving, "sync_subscription", _away)
    for _try in range(receiving.ATTEMPTS + 2):
        receiving.follow_waiting()
    assert {each.attempts for each in left} == {1}
    monkeypatch.setattr(receiving, "sync_subscription", whole)
    receiving.follow_waiting()
    assert not StripeEvent.objects.filter(state="waiting").exists()


def _away(tenant_id):
    from billing.gateway.refusals import StripeAway

    raise StripeAway("no answer")


@pytest.mark.django_db
def test_a_new_card_pays_what_a_subscription_left_behind_that_is_over(stripe, public):
    subscription = subscribe(public)
    broken = {"customer": subscription.customer_id}
    card = api().v1.payment_methods.attach("pm_card_chargeCustomerFail", broken)
    api().v1.subscriptions.update(subscription.subscription_id, {"default_payment_method": card.id})
    subscription = stripe.pass_to(subscription, subscription.period_end + dt.timedelta(days=60))
    assert (subscription.state, subscription.stripe_status) == ("suspended", "canceled")
    url = start_card_change(
        subscription, success_url="http://w.localhost/b?s={CHECKOUT_SESSION_ID}", cancel_url="http://w.localhost/",
        language="en", mail="owner@example.com",
    )  # fmt: skip
    session = url.rpartition("/")[2]
    fill_in(session, "4242424242424242")
    assert finish_checkout(subscription, session, by="Olive")
    subscription = sync_subscription(subscription.pk)
    assert subscription.card_last4 == "4242"
    pay_open_invoices(subscription, by="Olive")
    left = Invoice.objects.filter(tenant_id=subscription.pk, failed_at__isnull=False, state="open")
    assert not left.exists()
    assert sync_subscription(subscription.pk).card_last4 == "4242"


@pytest.mark.django_db
def test_nothing_is_changed_behind_an_unpaid_invoice(stripe, public):
    subscription = subscribe(public)
    Invoice.objects.filter(tenant_id=subscription.pk).update(state="open", failed_at=now())
    with pytest.raises(Conflict):
        offer(subscription, replace(GROWTH, seats=9), usage=USAGE)
    Invoice.objects.filter(tenant_id=subscription.pk).update(state="paid", failed_at=None)
    assert offer(subscription, replace(GROWTH, seats=9), usage=USAGE).kind == Kind.NOW


@pytest.mark.django_db
def test_a_year_confirmed_minutes_after_it_was_shown_costs_what_was_shown(stripe, public):
    """What is unused of the month is worked out for the moment that was shown, as every other change is."""
    big = replace(GROWTH, plan_key="scale", seats=500)
    subscription = subscribe(public, big)
    half = subscription.period_start + (subscription.period_end - subscription.period_start) / 2
    subscription = stripe.pass_to(subscription, half.replace(microsecond=0))
    made = offer(subscription, replace(big, interval="year"), usage=USAGE)
    subscription = stripe.pass_to(subscription, subscription.clock_at + dt.timedelta(minutes=14))
    done, subscription = accept(subscription, made.token, usage=USAGE, by="Olive")
    assert subscription.interval == "year"
    newest = Invoice.objects.filter(tenant_id=subscription.pk).first()
    assert newest.total_minor == done.due_now.due_minor == made.due_now.due_minor


@pytest.mark.django_db
def test_an_offer_of_a_period_that_is_over_is_shown_anew(stripe, public):
    subscription = subscribe(public)
    late = subscription.period_end - dt.timedelta(minutes=2)
    subscription = stripe.pass_to(subscription, late)
    tokens = [
        offer(subscription, replace(GROWTH, seats=9, interval=interval), usage=USAGE).token
        for interval in ("month", "year")
    ]
    subscription = stripe.pass_to(subscription, late + dt.timedelta(hours=2))
    for token in tokens:
        with pytest.raises(OfferChanged):
            accept(subscription, token, usage=USAGE, by="Olive")
    assert subscription_of(subscription.pk).seats == 5


@pytest.mark.django_db
def test_a_coupon_in_the_trial_is_in_what_is_shown(stripe, public):
    make_coupon(code="HALF", name="", percent_off=Decimal(50), duration="forever")
    made = offer(subscription_of(public.snapshot.tenant_id), GROWTH, usage=USAGE, coupon="HALF")
    assert made.recurring.total_minor == 3150
    subscription = subscribe(public, in_trial=True, coupon="HALF")
    assert subscription.next_charge_minor == 3150


@pytest.mark.django_db
def test_seats_that_will_not_be_paid_cannot_be_filled(stripe, public):
    subscription = subscribe(public, replace(GROWTH, seats=8))
    fewer = offer(subscription, replace(GROWTH, seats=4), usage=USAGE)
    _done, subscription = accept(subscription, fewer.token, usage=USAGE, by="Olive")
    assert subscription.seats == 8
    assert limit_of(snapshot_of_schema(public.schema), Limit.SEATS) == 4


@pytest.mark.django_db
def test_a_plan_that_is_not_offered_cannot_be_bought_by_its_address(stripe, workspace, client_of):
    with public_scope(switch=True, reason="test"):
        plan = Plan.objects.create(key="friends", name_en="Friends", name_zh="朋友", is_public=False)
        publish_version(
            plan=plan, included_seats=1, max_seats=None, limits={}, features=[],
            prices={("USD", "month"): (0, 0)},
        )  # fmt: skip
    page = (
        client_of(workspace, workspace.owner).get("/settings/billing/?plan=friends&seats=5").content.decode()
    )
    assert "Friends" not in page


@pytest.mark.django_db
def test_a_closing_taken_back_leaves_days_to_pay(public):
    tenant = Tenant.objects.get(pk=public.snapshot.tenant_id)
    subscription_of(tenant.pk)
    Subscription.objects.filter(pk=tenant.pk).update(state="closed", reason="unpaid", deadline_at=None)
    reopen(tenant.pk)
    subscription = Subscription.objects.get(pk=tenant.pk)
    assert (subscription.state, subscription.reason) == ("read_only", "unpaid")
    assert subscription.deadline_at is not None


@pytest.mark.django_db
def test_what_was_closed_by_hand_is_not_dunned(public, worker):
    tenant = Tenant.objects.get(pk=public.snapshot.tenant_id)
    subscription_of(tenant.pk)
    yesterday = now() - dt.timedelta(days=1)
    Subscription.objects.filter(pk=tenant.pk).update(deadline_at=yesterday)
    Tenant.objects.filter(pk=tenant.pk).update(state=TenantState.CLOSED, closed_at=yesterday)
    pass_time()
    assert Subscription.objects.get(pk=tenant.pk).state == "trial"
    assert not SentNotice.objects.filter(tenant_id=tenant.pk).exists()
    assert Tenant.objects.get(pk=tenant.pk).closed_at == yesterday


@pytest.mark.django_db
def test_another_wish_of_the_same_offer_is_a_page_that_opens(stripe, workspace, client_of):
    """Offer A, offer B, and back to A: its page was closed for B's, and a new one opens."""
    owner = client_of(workspace, workspace.owner)
    first, second = offer_token(workspace), offer_token(workspace, replace(GROWTH, seats=6))
    urls = [
        owner.post("/settings/billing/subscribe/", {"token": token}, HTTP_HX_REQUEST="true").headers[
            "HX-Redirect"
        ]
        for token in (first, second, first)
    ]
    assert len(set(urls)) == 3
    with public_scope(switch=True, reason="test"):
        open_now = [
            session.status
            for url in urls
            if (session := api().v1.checkout.sessions.retrieve(url.rpartition("/")[2]))
        ]
    assert open_now == ["expired", "expired", "open"]


@pytest.mark.django_db
def test_going_live_leaves_what_was_only_a_test(stripe, public, monkeypatch):
    subscription = subscribe(public)
    assert leave_test_modes() == 0
    monkeypatch.setattr(standing, "mode", lambda: "live")
    assert leave_test_modes() == 1
    subscription = subscription_of(subscription.pk)
    assert (subscription.state, subscription.mode, subscription.customer_id) == ("trial", "", "")
    assert not subscription.is_paying and subscription.clock_at is None and subscription.deadline_at > now()
    # A live one is never forgotten, whatever key is set.
    Subscription.objects.filter(pk=subscription.pk).update(mode="live")
    for other in ("local", "test", "live"):
        monkeypatch.setattr(standing, "mode", lambda other=other: other)
        assert leave_test_modes() == 0


@pytest.mark.django_db
def test_a_paused_subscription_can_be_read_until_a_card_resumes_it(stripe, workspace, client_of):
    with public_scope(switch=True, reason="test"):
        subscription = subscribe(workspace, in_trial=True)
        api().v1.subscriptions.update(
            subscription.subscription_id,
            {"trial_settings": {"end_behavior": {"missing_payment_method": "pause"}}},
        )
        card = api().v1.subscriptions.retrieve(subscription.subscription_id).default_payment_method
        api().v1.payment_methods.detach(card)
        end = subscription.trial_until
        subscription = stripe.pass_to(subscription, end + dt.timedelta(hours=3))
        assert (subscription.stripe_status, subscription.state, subscription.reason) == (
            "paused", "read_only", "paused",
        )  # fmt: skip
        # Late news has the same dates: it counts from the trial's end.
        assert (subscription.since, subscription.next_charge_minor) == (end, None)
        with pytest.raises(Conflict):
            offer(subscription, replace(GROWTH, seats=9), usage=USAGE)
    page = client_of(workspace, workspace.owner).get("/settings/billing/").content.decode()
    assert "The subscription is paused" in page
    with public_scope(switch=True, reason="test"):
        url = start_card_change(
            subscription, success_url="http://w.localhost/b?s={CHECKOUT_SESSION_ID}",
            cancel_url="http://w.localhost/", language="en", mail="owner@example.com",
        )  # fmt: skip
        session = url.rpartition("/")[2]
        fill_in(session, "4242424242424242")
        assert finish_checkout(subscription, session, by="Olive")
        subscription = subscription_of(subscription.pk)
        assert (subscription.stripe_status, subscription.state) == ("active", "active")
        assert Invoice.objects.filter(tenant_id=subscription.pk).first().paid_minor == 6300
