"""What waits for the end of the period is charged as it was shown, whatever discount is in force."""

import contextvars
import datetime as dt
import threading
from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import connection

from billing.gateway.client import api
from billing.plans.services import make_coupon
from billing.subscriptions.models import Invoice, Subscription
from billing.subscriptions.rules.changes import Kind
from billing.subscriptions.services import booking, turns
from billing.subscriptions.services.booking import accept, cancel_at_period_end
from billing.subscriptions.services.codes import redeem_code
from billing.subscriptions.services.offers import offer
from billing.subscriptions.services.standing import subscription_of
from billing.subscriptions.services.tokens import OfferChanged
from billing.subscriptions.services.turns import Busy, turn_at
from core.clock import now
from core.tenancy.scope import public_scope
from tests.billing.begin import GROWTH, USAGE, subscribe

FEWER = replace(GROWTH, seats=3)


@pytest.fixture
def public(workspace):
    with public_scope(switch=True, reason="test"):
        yield workspace


def renewals(stripe, subscription: Subscription, count: int) -> list[int]:
    """What the next renewals charge, in minor units."""
    totals = []
    for _turn in range(count):
        subscription = stripe.pass_to(subscription, subscription.period_end + dt.timedelta(hours=2))
        newest = Invoice.objects.filter(tenant_id=subscription.pk).first()
        assert newest is not None and newest.state == "paid"
        totals.append(newest.total_minor)
    return totals


# 3 of the 5 seats are in the price of 39.00; the two others cost 24.00 a month.
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("duration", "months", "recurring", "charged"),
    [
        ("forever", None, 3510, [3510, 3510, 3510]),
        # Used up with the first invoice, long before.
        ("once", None, 3900, [3900, 3900, 3900]),
        # Three months from the first day: the coupon again would be three from the change.
        ("repeating", 3, 3510, [3510, 3510, 3900]),
    ],
)
def test_a_discount_goes_on_as_far_as_it_goes(stripe, public, duration, months, recurring, charged):
    make_coupon(code="TENTH", name="", percent_off=Decimal(10), duration=duration, months=months)
    subscription = subscribe(public, coupon="TENTH")
    made = offer(subscription, FEWER, usage=USAGE)
    assert made.kind == Kind.LATER and made.recurring.total_minor == recurring
    assert made.first is not None and made.first.due_minor == charged[0]
    _done, subscription = accept(subscription, made.token, usage=USAGE, by="Olive")
    assert subscription.next_charge_minor == charged[0]
    assert renewals(stripe, subscription, 3) == charged
    assert api().v1.coupons.retrieve("TENTH").times_redeemed == 1


@pytest.mark.django_db
def test_a_coupon_for_one_invoice_counts_with_the_first_and_is_said(stripe, workspace, client_of):
    with public_scope(switch=True, reason="test"):
        make_coupon(code="HALF", name="", percent_off=Decimal(50), duration="once")
        subscription = subscribe(workspace)
        subscription = redeem_code(subscription, "HALF", shown_minor=3150, by="Olive")
        made = offer(subscription, FEWER, usage=USAGE)
        assert made.first is not None
        assert (made.first.due_minor, made.recurring.total_minor) == (1950, 3900)
    page = client_of(workspace, workspace.owner).get("/settings/billing/?seats=3").content.decode()
    assert "$19.50" in page and "Charged each time after that" in page
    with public_scope(switch=True, reason="test"):
        _done, subscription = accept(subscription, made.token, usage=USAGE, by="Olive")
        assert subscription.next_charge_minor == 1950
        assert renewals(stripe, subscription, 2) == [1950, 3900]


@pytest.mark.django_db
def test_a_discount_that_ends_before_the_change_is_not_in_what_is_shown(stripe, public):
    make_coupon(code="MONTH", name="", percent_off=Decimal(10), duration="repeating", months=1)
    subscription = subscribe(public, coupon="MONTH")
    made = offer(subscription, FEWER, usage=USAGE)
    assert made.recurring.total_minor == 3900
    _done, subscription = accept(subscription, made.token, usage=USAGE, by="Olive")
    assert renewals(stripe, subscription, 1) == [3900]


@pytest.mark.django_db
def test_who_comes_while_another_changes_is_told_and_the_turn_ends_by_itself(stripe, public):
    subscription = subscribe(public)
    made = offer(subscription, replace(GROWTH, seats=8), usage=USAGE)
    with turn_at(subscription.pk):
        for act in (
            lambda: accept(subscription, made.token, usage=USAGE, by="Olive"),
            lambda: cancel_at_period_end(subscription, by="Olive"),
            lambda: redeem_code(subscription, "ANY", shown_minor=1, by="Olive"),
        ):
            with pytest.raises(Busy):
                act()
    # A process that died leaves its turn behind: it is over by itself.
    Subscription.objects.filter(pk=subscription.pk).update(turn_key="dead", turn_until=now() - turns.TURN)
    _done, subscription = accept(subscription, made.token, usage=USAGE, by="Olive")
    assert (subscription.seats, subscription_of(subscription.pk).turn_until) == (8, None)


@pytest.mark.django_db
def test_what_changed_while_stripe_was_asked_is_not_charged(stripe, public, monkeypatch):
    subscription = subscribe(public)
    made = offer(subscription, replace(GROWTH, seats=8), usage=USAGE)
    whole = booking.offer

    def slow(*args, **named):
        found = whole(*args, **named)
        Subscription.objects.filter(pk=subscription.pk).update(seats=6)
        return found

    monkeypatch.setattr(booking, "offer", slow)
    with pytest.raises(OfferChanged):
        accept(subscription, made.token, usage=USAGE, by="Olive")
    assert Invoice.objects.filter(tenant_id=subscription.pk).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_tabs_that_confirm_at_once_charge_once(stripe, live_workspace):
    tenant_id = live_workspace.snapshot.tenant_id
    subscribe(live_workspace)
    with public_scope(switch=True, reason="test"):
        tokens = [
            offer(subscription_of(tenant_id), replace(GROWTH, seats=seats), usage=USAGE).token
            for seats in (8, 8, 9)
        ]
    outcomes: list[str] = []
    gate = threading.Barrier(len(tokens))

    def confirm(token: str) -> None:
        try:
            with public_scope(reason="test"):
                gate.wait(20)
                accept(subscription_of(tenant_id), token, usage=USAGE, by="Olive")
                outcomes.append("done")
        except (Busy, OfferChanged) as error:
            outcomes.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=contextvars.Context().run, args=(confirm, token)) for token in tokens]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    with public_scope(switch=True, reason="test"):
        found = subscription_of(tenant_id)
        changes = list(Invoice.objects.filter(tenant_id=tenant_id).values_list("total_minor", flat=True))
    assert len(outcomes) == 3 and "done" in outcomes
    assert found.seats in (8, 9) and found.turn_until is None
    # One for the first period, one for the change: 12.00 a seat, all but the whole month.
    assert len(changes) == 2 and changes[0] == pytest.approx(1200 * (found.seats - 5), abs=20)
