"""What is shown is what is charged: random changes at odd moments, odd currencies, taxes, coupons."""

import datetime as dt
import random
from decimal import Decimal

import pytest

from billing.gateway.client import api
from billing.gateway.refusals import CardRefused
from billing.plans.rules import Booking
from billing.plans.selectors import NotForSale
from billing.plans.services import make_coupon
from billing.plans.taxes import set_tax_rate
from billing.subscriptions.models import Invoice, Subscription
from billing.subscriptions.rules.changes import Kind
from billing.subscriptions.services.booking import accept
from billing.subscriptions.services.offers import offer
from billing.subscriptions.services.paying import refund
from billing.subscriptions.services.standing import subscription_of
from billing.subscriptions.services.syncing import sync_subscription
from billing.subscriptions.services.tokens import OfferChanged
from core.entitlements import Limit
from core.errors import DomainError
from core.tenancy.scope import public_scope
from tests.billing.begin import GROWTH, USAGE, newest_invoice, offer_token, subscribe

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def public(workspace):
    with public_scope(switch=True, reason="test"):
        yield workspace


@pytest.mark.parametrize("seed", range(6))
def test_every_generated_change_is_invoiced_as_it_was_shown(stripe, workspace, seed):
    dice = random.Random(seed)
    currency = ["USD", "JPY", "GBP", "CNY", "EUR", "JPY"][seed]
    if seed % 2:
        Subscription.objects.filter(pk=workspace.snapshot.tenant_id).update(country="GB")
        set_tax_rate(
            country="GB", name="VAT", percent=Decimal(20), inclusive=seed == 3, not_with_tax_id=False
        )
    subscription = subscribe(workspace, Booking("growth", 1, "month", currency, 5))
    for _step in range(5):
        subscription = stripe.pass_to(
            subscription, subscription.clock_at + dt.timedelta(seconds=dice.randrange(3600, 20 * 86400))
        )
        plan = dice.choice(["starter", "growth", "scale"])
        seats = dice.randrange(3, 6) if plan == "starter" else dice.randrange(3, 40)
        seats = max(seats, 10) if plan == "scale" else seats
        wanted = Booking(
            plan,
            1,
            dice.choice(["month", "month", "year"]),
            currency,
            seats,
            {"records-50k": dice.randrange(3)},
        )
        made = offer(subscription, wanted, usage=USAGE)
        if made.kind in (Kind.NONE, Kind.LATER):
            continue
        _done, subscription = accept(subscription, made.token, usage=USAGE, by="Olive")
        invoice = newest_invoice(subscription)
        assert made.due_now is not None
        assert (invoice.total_minor, invoice.due_minor) == (made.due_now.total_minor, made.due_now.due_minor)
        assert [line["amount_minor"] for line in invoice.lines] == [
            line.amount_minor for line in made.due_now.lines
        ]
        following = (
            stripe.pass_to(subscription, made.charge_at + dt.timedelta(hours=2))
            if dice.random() < 0.4 and wanted.interval == "month"
            else None
        )
        if following is not None:
            renewed = newest_invoice(following)
            assert renewed.total_minor == made.recurring.total_minor
            subscription = following


def test_amounts_that_changed_are_shown_and_not_charged(stripe, workspace):
    subscription = subscribe(workspace)
    made = offer(subscription, _seats(8), usage=USAGE)
    _done, subscription = accept(
        subscription, offer(subscription, _seats(6), usage=USAGE).token, usage=USAGE, by="A"
    )
    before = Invoice.objects.count()
    with pytest.raises(OfferChanged):
        accept(subscription, made.token, usage=USAGE, by="B")
    assert (Invoice.objects.count(), subscription_of(subscription.pk).seats) == (before, 6)


def test_a_refused_card_changes_nothing(stripe, workspace):
    subscription = subscribe(workspace)
    card = api().v1.payment_methods.attach(
        "pm_card_chargeCustomerFail", {"customer": subscription.customer_id}
    )
    api().v1.subscriptions.update(subscription.subscription_id, {"default_payment_method": card.id})
    made = offer(subscription, _seats(9), usage=USAGE)
    with pytest.raises(CardRefused):
        accept(subscription, made.token, usage=USAGE, by="Olive")
    after = sync_subscription(subscription.pk)
    assert (after.seats, after.state, Invoice.objects.filter(tenant_id=after.pk).count()) == (5, "active", 1)


def test_an_offer_of_another_workspace_is_worth_nothing(stripe, workspace, other_workspace):
    foreign = offer_token(other_workspace)
    with pytest.raises(DomainError):
        accept(subscription_of(workspace.snapshot.tenant_id), foreign, usage=USAGE, by="Eve")
    with pytest.raises(DomainError):
        accept(subscription_of(workspace.snapshot.tenant_id), foreign[:-3] + "abc", usage=USAGE, by="Eve")


@pytest.mark.parametrize(("seats", "plan"), [(2, "growth"), (6, "starter"), (0, "growth")])
def test_seats_that_are_in_use_or_too_many_are_refused(workspace, seats, plan):
    with pytest.raises(DomainError) as refused:
        offer(
            subscription_of(workspace.snapshot.tenant_id),
            Booking(plan, 1, "month", "USD", seats),
            usage=USAGE,
        )
    assert "seats" in refused.value.fields


def test_a_smaller_plan_says_what_it_locks(stripe, workspace):
    subscription = subscribe(workspace)
    usage = {Limit.SEATS: 3, Limit.RECORDS: 12_000}
    made = offer(subscription, Booking("starter", 1, "month", "USD", 3), usage=usage)
    assert made.kind == Kind.LATER
    assert [lock.from_ for lock in made.locks] == [subscription.period_end] * 4
    told = " ".join(lock.sentence for lock in made.locks)
    assert "12,000 used of 10,000" in told and "API access" in told and "Several pipelines" in told
    assert "Reports" in told


def test_a_coupon_reduces_the_first_invoice_only(stripe, workspace):
    make_coupon(code="hello", name="Hello", percent_off=Decimal("25"))
    with pytest.raises(NotForSale):
        offer_token(workspace, coupon="GOODBYE")
    subscription = subscribe(workspace, coupon="HELLO")
    # 63.00 less a quarter: 15.75.
    assert newest_invoice(subscription).total_minor == 4725
    assert subscription.next_charge_minor == 6300


def test_tax_is_added_and_a_tax_number_abroad_takes_it_away(stripe, workspace):
    set_tax_rate(country="DE", name="USt", percent=Decimal(19), inclusive=False, not_with_tax_id=True)
    Subscription.objects.filter(pk=workspace.snapshot.tenant_id).update(country="DE")
    made = offer(subscription_of(workspace.snapshot.tenant_id), GROWTH, usage=USAGE)
    assert (made.recurring.tax_minor, made.recurring.total_minor) == (1197, 7497)
    Subscription.objects.filter(pk=workspace.snapshot.tenant_id).update(
        tax_id_type="eu_vat", tax_id="DE123456789"
    )
    made = offer(subscription_of(workspace.snapshot.tenant_id), GROWTH, usage=USAGE)
    assert (made.recurring.tax_minor, made.recurring.total_minor) == (0, 6300)


def test_a_part_is_given_back_and_no_more_than_was_paid(stripe, workspace):
    subscription = subscribe(workspace)
    invoice = newest_invoice(subscription)
    refund(invoice, amount_minor=1000, by="Ines")
    assert Invoice.objects.get(pk=invoice.pk).refunded_minor == 1000
    with pytest.raises(DomainError):
        refund(invoice, amount_minor=5301, by="Ines")
    refund(invoice, amount_minor=5300, by="Ines")
    assert (newest_invoice(subscription).refunded_minor, newest_invoice(subscription).state) == (6300, "paid")


def test_a_payment_service_that_is_away_changes_nothing_and_says_so(stripe, workspace):
    subscription = subscribe(workspace)
    made = offer(subscription, _seats(7), usage=USAGE)
    stripe.command("fail_next", status=503, times=20)
    with pytest.raises(DomainError) as refused:
        accept(subscription, made.token, usage=USAGE, by="Olive")
    assert refused.value.status == 503
    stripe.command("fail_next")
    assert sync_subscription(subscription.pk).seats == 5


def _seats(count: int) -> Booking:
    return Booking("growth", 1, "month", "USD", count)
