"""Time that passes: by test clocks, and in real time for those without one.

Source: docs.stripe.com/billing/testing/test-clocks, docs.stripe.com/billing/subscriptions/overview.
"""

import logging
import threading
import time
from copy import deepcopy
from typing import Any

from django.db import DatabaseError, connection, transaction

from billing.devstripe import subscriptions
from billing.devstripe.calendar import DAY, add_interval, interval_of
from billing.devstripe.cycles import renewal_invoice
from billing.devstripe.errors import Refusal, invalid
from billing.devstripe.events import changed, emit
from billing.devstripe.invoices import finalize
from billing.devstripe.items import begin_period
from billing.devstripe.models import Account, Thing
from billing.devstripe.params import need
from billing.devstripe.payments import try_to_pay
from billing.devstripe.schedules import enter_phase
from billing.devstripe.store import LOCK, due_of, find, get, put, shape

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
    return clock


def happen(account: Account, body: dict[str, Any], at: int) -> None:
    """What time does with the object now."""
    if body["object"] == "invoice":
        _invoice_is_due(account, body, at)
    elif body["object"] == "checkout.session":
        session = {**body, "status": "expired", "url": None}
        emit(account, "checkout.session.expired", put(account, session))
    else:
        _subscription_is_due(account, body, at)


def live_forever() -> None:
    """The background thread of real time."""
    idle = threading.Event()
    while True:
        idle.wait(1.0)
        try:
            with LOCK, transaction.atomic():
                due = Thing.objects.filter(clock="", due_at__lte=int(time.time()))
                thing = due.select_related("account").order_by("due_at").first()
                if thing is not None:
                    happen(thing.account, thing.body, int(time.time()))
        except (DatabaseError, Refusal):
            log.exception("something that was due waits")
            connection.close()


def _next_due(clock_id: str, until: int) -> Thing | None:
    return Thing.objects.filter(clock=clock_id, due_at__lte=until).order_by("due_at", "number").first()


def _shortest(account: Account, clock_id: str) -> str:
    living = Thing.objects.filter(account=account, clock=clock_id, kind="subscription")
    intervals = {
        interval_of(thing.body["items"]["data"][0]["price"])
        for thing in living
        if thing.body["status"] in subscriptions.LIVING
    }
    return next((each for each in ("day", "week", "month", "year") if each in intervals), "year")


def _invoice_is_due(account: Account, invoice: dict[str, Any], at: int) -> None:
    details = (invoice["parent"] or {}).get("subscription_details") or {}
    subscription = find(account, "subscription", details.get("subscription") or "")
    if invoice["status"] == "draft":
        invoice = finalize(account, invoice, at)
    refusal = try_to_pay(account, invoice, subscription, at, automatic=True)
    invoice = get(account, "invoice", invoice["id"])
    subscriptions.follow_payment(account, invoice, at, refusal=refusal)


def _subscription_is_due(account: Account, found: dict[str, Any], at: int) -> None:
    subscription = deepcopy(found)
    if subscription["status"] == "incomplete":
        subscriptions.expire(account, subscription, at)
        return
    notice = _notice_at(subscription)
    if notice is not None and notice <= at < subscription["_period"][1]:
        subscription["_noticed"] = subscription["_period"][1]
        put(account, subscription)
        kind = (
            "customer.subscription.trial_will_end"
            if subscription["status"] == "trialing"
            else "invoice.upcoming"
        )
        emit(account, kind, subscription)
        return
    if subscription["cancel_at"] is not None and subscription["cancel_at"] <= at:
        subscriptions.cancel(account, subscription, at, reason="cancellation_requested")
        return
    _renew(account, found, subscription, at)


def _renew(account: Account, before: dict[str, Any], subscription: dict[str, Any], at: int) -> None:
    """The next period: what a schedule brings, then its invoice, a draft for an hour."""
    end = subscription["_period"][1]
    enter_phase(account, subscription, end)
    if subscription["cancel_at"] is not None and subscription["cancel_at"] <= end:
        subscriptions.cancel(account, subscription, at, reason="cancellation_requested")
        return
    if subscription["status"] == "trialing":
        subscription["status"] = "active"
    begin_period(subscription, end)
    put(account, subscription)
    renewal_invoice(account, subscription, end)
    put(account, subscription)
    changed(account, "customer.subscription.updated", before, subscription)


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


due_of["subscription"] = _due_of_subscription
due_of["invoice"] = _due_of_invoice
due_of["checkout.session"] = _due_of_session
