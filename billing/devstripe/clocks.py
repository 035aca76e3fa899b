"""Time that passes: by test clocks, and in real time for those without one.

Source: docs.stripe.com/billing/testing/test-clocks, docs.stripe.com/billing/subscriptions/overview.
"""

import logging
import threading
import time
from copy import deepcopy
from typing import Any

from django.db import DatabaseError, connection, transaction

from billing.devstripe import disputes, endings
from billing.devstripe.calendar import DAY, add_interval, interval_of
from billing.devstripe.cards import card_for
from billing.devstripe.cycles import renewal_invoice
from billing.devstripe.errors import Refusal, invalid
from billing.devstripe.events import changed, emit
from billing.devstripe.invoices import finalize
from billing.devstripe.items import begin_period
from billing.devstripe.models import Account, Thing
from billing.devstripe.params import need
from billing.devstripe.payments import try_to_pay
from billing.devstripe.previews import create_preview
from billing.devstripe.schedules import enter_phase, enter_phase_within_period
from billing.devstripe.store import LOCK, all_of, due_of, find, get, put, remove, shape

CLOCK = {"frozen_time": int, "name": str}
ADVANCE = {"frozen_time": int}
TRIAL_NOTICE, UPCOMING_NOTICE = 3 * DAY, 3 * DAY
log = logging.getLogger(__name__)


def create_clock(account: Account, given: dict[str, Any]) -> dict[str, Any]:
    need(given, "frozen_time")
    made = shape(
        "test_helpers.test_clock",
        created=int(time.time()),
        deletes_after=int(time.time()) + 30 * DAY,
        frozen_time=given["frozen_time"],
        name=given.get("name"),
        status="ready",
        status_details={},
    )
    emit(account, "test_helpers.test_clock.created", put(account, made))
    return made


def advance(account: Account, clock_id: str, given: dict[str, Any]) -> dict[str, Any]:
    """Forward only, at most two of the shortest intervals a step. All that is due happens, each at its own time."""
    need(given, "frozen_time")
    clock = get(account, "test_helpers.test_clock", clock_id)
    target, start = given["frozen_time"], clock["frozen_time"]
    if target <= start:
        raise invalid("You can only advance a test clock forward.", param="frozen_time")
    if target > add_interval(start, _shortest(account, clock_id), 2):
        message = "At most two of the shortest subscription intervals at once."
        raise invalid(message, param="frozen_time")
    emit(account, "test_helpers.test_clock.advancing", {**clock, "status": "advancing"})
    while (thing := _next_due(clock_id, target)) is not None:
        put(account, {**clock, "frozen_time": max(start, thing.due_at or start), "status": "advancing"})
        happen(account, thing.body, thing.due_at or start)
    clock = {**clock, "frozen_time": target, "status": "ready"}
    emit(account, "test_helpers.test_clock.ready", put(account, clock))
    # Stripe's clock is still on its way when it answers; ours has arrived, and says so when it is asked again.
    return {**clock, "status": "advancing"}


def happen(account: Account, body: dict[str, Any], at: int) -> None:
    """What time does with the object now."""
    if body["object"] == "invoice":
        _invoice_is_due(account, body, at)
    elif body["object"] == "checkout.session":
        session = {**body, "status": "expired", "url": None}
        emit(account, "checkout.session.expired", put(account, session))
    elif body["object"] == "dispute":
        disputes.settle(account, body, won=False)
    elif body["object"] == "subscription_schedule":
        enter_phase_within_period(account, body["id"], at)
    else:
        _subscription_is_due(account, body, at)


def delete_clock(account: Account, clock_id: str) -> dict[str, Any]:
    """Its customers go with it, and what they have."""
    get(account, "test_helpers.test_clock", clock_id)
    for customer in all_of(account, "customer", test_clock=clock_id):
        if not customer.get("deleted"):
            endings.delete_customer(account, customer["id"])
    remove(account, "test_helpers.test_clock", clock_id)
    return {"id": clock_id, "object": "test_helpers.test_clock", "deleted": True}


def live_forever() -> None:
    """The background thread of real time."""
    idle = threading.Event()
    while not idle.wait(1.0):
        try:
            while _live_once(int(time.time())):
                pass
        except DatabaseError:
            log.exception("what is due cannot be read now")
            connection.close()


def _live_once(at: int) -> bool:
    """One thing that is due; whether there was one. What cannot happen now is put off for a minute."""
    with LOCK:
        due = Thing.objects.filter(clock="", due_at__lte=at).select_related("account")
        thing = due.order_by("due_at", "number").first()
        if thing is None:
            return False
        try:
            with transaction.atomic():
                happen(thing.account, thing.body, at)
        except (Refusal, LookupError, TypeError, ValueError):
            log.exception("%s waits", thing.public_id)
            Thing.objects.filter(pk=thing.pk).update(due_at=at + 60)
        return True


def _next_due(clock_id: str, until: int) -> Thing | None:
    return Thing.objects.filter(clock=clock_id, due_at__lte=until).order_by("due_at", "number").first()


def _shortest(account: Account, clock_id: str) -> str:
    living = Thing.objects.filter(account=account, clock=clock_id, kind="subscription")
    intervals = {
        interval_of(thing.body["items"]["data"][0]["price"])
        for thing in living
        if thing.body["status"] in endings.LIVING
    }
    return next((each for each in ("day", "week", "month", "year") if each in intervals), "year")


def _invoice_is_due(account: Account, invoice: dict[str, Any], at: int) -> None:
    details = (invoice["parent"] or {}).get("subscription_details") or {}
    subscription = find(account, "subscription", details.get("subscription") or "")
    if invoice["status"] == "draft":
        invoice = finalize(account, invoice, at)
    refusal = try_to_pay(account, invoice, subscription, at, automatic=True)
    invoice = get(account, "invoice", invoice["id"])
    endings.follow_payment(account, invoice, at, refusal=refusal)


def _subscription_is_due(account: Account, found: dict[str, Any], at: int) -> None:
    subscription = deepcopy(found)
    if subscription["status"] == "incomplete":
        endings.expire(account, subscription, at)
        return
    notice = _notice_at(subscription)
    if notice is not None and notice <= at < subscription["_period"][1]:
        subscription["_noticed"] = subscription["_period"][1]
        put(account, subscription)
        _give_notice(account, subscription)
        return
    if subscription["cancel_at"] is not None and subscription["cancel_at"] <= at:
        endings.cancel(account, subscription, at, reason="cancellation_requested")
        return
    _renew(account, found, subscription, at)


def _give_notice(account: Account, subscription: dict[str, Any]) -> None:
    """Nothing is announced of a renewal that will not come."""
    end = subscription["_period"][1]
    if subscription["status"] == "trialing":
        emit(account, "customer.subscription.trial_will_end", subscription)
    elif subscription["cancel_at"] is None or subscription["cancel_at"] > end:
        upcoming = create_preview(account, {"subscription": subscription["id"]})
        emit(account, "invoice.upcoming", {name: value for name, value in upcoming.items() if name != "id"})


def _renew(account: Account, before: dict[str, Any], subscription: dict[str, Any], at: int) -> None:
    """The next period: what a schedule brings, then its invoice, a draft for an hour."""
    end = subscription["_period"][1]
    enter_phase(account, subscription, end)
    if subscription["cancel_at"] is not None and subscription["cancel_at"] <= end:
        endings.cancel(account, subscription, at, reason="cancellation_requested")
        return
    if subscription["status"] == "trialing":
        if _ends_without_a_card(account, before, subscription, at):
            return
        subscription["status"] = "active"
    begin_period(subscription, end)
    put(account, subscription)
    renewal_invoice(account, subscription, end)
    put(account, subscription)
    changed(account, "customer.subscription.updated", before, subscription)


def _ends_without_a_card(
    account: Account, before: dict[str, Any], subscription: dict[str, Any], at: int
) -> bool:
    """Whether the trial ends in nothing, as its settings say (docs.stripe.com/billing/subscriptions/trials)."""
    wish = subscription["trial_settings"]["end_behavior"]["missing_payment_method"]
    if wish == "create_invoice" or card_for(account, subscription, subscription["customer"]) is not None:
        return False
    if wish == "cancel":
        endings.cancel(account, subscription, at, reason="payment_failed")
        return True
    subscription["status"] = "paused"
    emit(account, "customer.subscription.paused", put(account, subscription))
    changed(account, "customer.subscription.updated", before, subscription)
    return True


def _notice_at(subscription: dict[str, Any]) -> int | None:
    """trial_will_end or invoice.upcoming, once a period; at once where less is left."""
    end = subscription["_period"][1]
    if subscription.get("_noticed") == end or subscription["status"] not in ("active", "trialing"):
        return None
    ahead = TRIAL_NOTICE if subscription["status"] == "trialing" else UPCOMING_NOTICE
    return max(end - ahead, subscription["_period"][0])


def _due_of_subscription(subscription: dict[str, Any]) -> int | None:
    if subscription["status"] == "incomplete":
        return subscription.get("_incomplete_until")
    if (
        subscription["status"] not in ("active", "trialing", "past_due", "unpaid")
        or "_period" not in subscription
    ):
        return None
    moments = [subscription["_period"][1], subscription["cancel_at"], _notice_at(subscription)]
    return min(each for each in moments if each is not None)


def _due_of_invoice(invoice: dict[str, Any]) -> int | None:
    if invoice["status"] == "draft":
        return invoice.get("_finalize_at")
    return invoice.get("_retry_at") if invoice["status"] == "open" else None


def _due_of_session(session: dict[str, Any]) -> int | None:
    return session["expires_at"] if session["status"] == "open" else None


def _due_of_schedule(schedule: dict[str, Any]) -> int | None:
    """The end of the phase at hand; where a period ends there too, the subscription is first (it is older)."""
    return schedule["current_phase"]["end_date"] if schedule["status"] == "active" else None


due_of["dispute"] = disputes.due_at
due_of["subscription"] = _due_of_subscription
due_of["invoice"] = _due_of_invoice
due_of["subscription_schedule"] = _due_of_schedule
due_of["checkout.session"] = _due_of_session
