"""What is settled to come. Source: docs.stripe.com/billing/subscriptions/subscription-schedules."""

import pytest
import stripe as sdk

from tests.billing.devstripe.asking import advance, at, customer, kinds, price, subscribe, totals

START, SECOND, THIRD = at(2026, 11, 1), at(2026, 12, 1), at(2027, 1, 1)
MONTH = {"interval": "month", "interval_count": 1}


@pytest.fixture
def made(v1):
    """(customer, clock, subscription, its price)"""
    who, clock = customer(v1, START)
    large = price(v1, 5000)
    return who, clock, subscribe(v1, who, large).id, large


def scheduled(v1, made, *later, **more):
    """The schedule: the current phase as it is, then these."""
    _who, _clock, subscription, now_price = made
    schedule = v1.subscription_schedules.create({"from_subscription": subscription})
    first = {"items": [{"price": now_price}], "start_date": START, "end_date": SECOND}
    return v1.subscription_schedules.update(schedule.id, {"phases": [first, *later], **more})


def test_past_phases_may_be_left_out_and_the_current_one_keeps_its_start(v1, made):
    _who, clock, _subscription, large = made
    small, smaller = price(v1, 2000), price(v1, 1000)
    schedule = scheduled(v1, made, {"items": [{"price": small}], "duration": MONTH})
    advance(v1, clock, at(2026, 12, 5))
    assert v1.subscription_schedules.retrieve(schedule.id).current_phase.start_date == SECOND
    current = {"items": [{"price": small}], "start_date": SECOND, "end_date": THIRD}
    following = {"items": [{"price": smaller}], "duration": MONTH}
    stale = {"items": [{"price": small}], "start_date": START, "end_date": THIRD}
    with pytest.raises(sdk.InvalidRequestError, match="start date of the current phase"):
        v1.subscription_schedules.update(schedule.id, {"phases": [stale, following]})
    changed = v1.subscription_schedules.update(schedule.id, {"phases": [current, following]})
    assert [phase.start_date for phase in changed.phases] == [START, SECOND, THIRD]
    past = {"items": [{"price": large}], "start_date": START, "end_date": SECOND}
    v1.subscription_schedules.update(schedule.id, {"phases": [past, current, following]})
    advance(v1, clock, at(2027, 1, 1, 2))
    assert [total for total, _state in totals(v1, made[0])] == [5000, 2000, 1000]


def test_a_phase_that_begins_within_a_period_is_prorated_as_it_asks(v1, made):
    who, clock, subscription, large = made
    schedule = v1.subscription_schedules.create({"from_subscription": subscription})
    middle = at(2026, 11, 16)
    v1.subscription_schedules.update(
        schedule.id,
        {
            "phases": [
                {"items": [{"price": large}], "start_date": START, "end_date": middle},
                {"items": [{"price": large, "quantity": 3}], "duration": MONTH},
            ]
        },
    )
    advance(v1, clock, at(2026, 11, 16, 1))
    assert v1.subscriptions.retrieve(subscription)["items"].data[0].quantity == 3
    advance(v1, clock, at(2026, 12, 1, 2))
    # 150.00 for the period, +75.00 − 25.00 for the half before.
    assert totals(v1, who)[-1] == (20000, "paid")
    advance(v1, clock, at(2026, 12, 16, 1))
    assert v1.subscription_schedules.retrieve(schedule.id).status == "released"
    assert v1.subscriptions.retrieve(subscription).status == "active"


def test_it_may_end_the_subscription_with_its_last_phase(v1, made):
    who, clock, subscription, large = made
    scheduled(v1, made, {"items": [{"price": large}], "duration": MONTH}, end_behavior="cancel")
    advance(v1, clock, at(2026, 12, 2))
    advance(v1, clock, at(2027, 1, 1, 2))
    ended = v1.subscriptions.retrieve(subscription)
    assert (ended.status, ended.ended_at, len(totals(v1, who))) == ("canceled", THIRD, 2)
    assert "subscription_schedule.completed" in kinds(v1)


def test_a_discount_comes_with_its_phase(v1, made):
    who, clock, _subscription, large = made
    v1.coupons.create({"id": "TENTH", "percent_off": 10, "duration": "forever"})
    scheduled(v1, made, {"items": [{"price": large}], "duration": MONTH, "discounts": [{"coupon": "TENTH"}]})
    assert v1.coupons.retrieve("TENTH").times_redeemed == 0
    advance(v1, clock, at(2026, 12, 1, 2))
    assert (totals(v1, who)[-1], v1.coupons.retrieve("TENTH").times_redeemed) == ((4500, "paid"), 1)


def test_cancelled_it_takes_the_subscription_along(v1, made):
    schedule = scheduled(v1, made)
    ended = v1.subscription_schedules.cancel(schedule.id)
    assert (ended.status, v1.subscriptions.retrieve(made[2]).status) == ("canceled", "canceled")
    assert "subscription_schedule.canceled" in kinds(v1)
    with pytest.raises(sdk.InvalidRequestError):
        v1.subscription_schedules.release(schedule.id)


def test_released_nothing_of_it_happens(v1, made):
    who, clock, subscription, _large = made
    schedule = scheduled(v1, made, {"items": [{"price": price(v1, 100)}], "duration": MONTH})
    released = v1.subscription_schedules.release(schedule.id)
    assert (released.status, released.released_subscription, released.subscription) == (
        "released", subscription, None,
    )  # fmt: skip
    advance(v1, clock, at(2026, 12, 1, 2))
    assert totals(v1, who)[-1] == (5000, "paid")


@pytest.mark.parametrize(
    "phases",
    [
        [{"start_date": START + 1, "end_date": SECOND}],
        [{"start_date": START, "end_date": START}],
        [{"start_date": START}],
        [{"start_date": START, "end_date": SECOND, "duration": MONTH}],
        [{"start_date": START, "end_date": SECOND}, {"start_date": THIRD, "duration": MONTH}],
    ],
)
def test_phases_that_do_not_fit_are_refused(v1, made, phases):
    schedule = v1.subscription_schedules.create({"from_subscription": made[2]})
    items = {"items": [{"price": made[3]}]}
    with pytest.raises(sdk.InvalidRequestError) as refused:
        v1.subscription_schedules.update(schedule.id, {"phases": [{**items, **phase} for phase in phases]})
    assert refused.value.param.startswith("phases")


def test_a_subscription_has_one_schedule(v1, made):
    v1.subscription_schedules.create({"from_subscription": made[2]})
    with pytest.raises(sdk.InvalidRequestError):
        v1.subscription_schedules.create({"from_subscription": made[2]})
    assert v1.subscriptions.retrieve(made[2], {"expand": ["schedule"]}).schedule.status == "active"
