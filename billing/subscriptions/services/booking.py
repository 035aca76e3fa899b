"""Changing what is paid for: first the exact amounts, then the change with those very amounts. Public scope.

`offer` asks Stripe what a wish would cost and when; nothing is written. What it says travels through the person's
browser under a signature and comes back to `accept`, which asks again for the same moment: other amounts are not
charged but shown.
"""

import datetime as dt
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from billing.gateway.catalog import ensure_price, ensure_tax_rate
from billing.gateway.checkout import LEAST_TRIAL
from billing.gateway.invoices import preview_change, preview_first, preview_recurring
from billing.gateway.plain import InvoiceAsIs, SubscriptionAsIs
from billing.gateway.subscriptions import (
    change_items,
    change_trial_items,
    item_changes,
    read_subscription,
    release_schedule,
    schedule_items,
    set_cancel,
)
from billing.plans.rules import Booking
from billing.plans.selectors import sold_by, tax_rate_for, version_of
from billing.subscriptions.models import Subscription
from billing.subscriptions.rules.changes import Kind, Side, kind_of_change
from billing.subscriptions.selectors import unpaid_invoices
from billing.subscriptions.services.coupons import usable_code
from billing.subscriptions.services.locks import Lock, locks_of
from billing.subscriptions.services.standing import billing_time, held
from billing.subscriptions.services.syncing import sync_subscription
from billing.subscriptions.services.tokens import OfferChanged, amounts_of, payload_of, read_offer, sign_offer
from core.entitlements import Limit
from core.errors import Conflict, DomainError


@dataclass(frozen=True, slots=True)
class Offer:
    """What a wish costs. at: the moment it was worked out for (UTC), whole seconds.

    due_now: the invoice made at once; None where nothing is. recurring: a whole period. charge_at: when the recurring
    amount is charged for the first time. locks: what would be locked, and from when. token: for `accept`.
    """

    booking: Booking
    kind: Kind
    at: dt.datetime
    effective_at: dt.datetime
    charge_at: dt.datetime
    due_now: InvoiceAsIs | None
    recurring: InvoiceAsIs
    fewest_seats: int
    locks: list[Lock]
    coupon: str
    token: str


def current_booking(subscription: Subscription) -> Booking:
    """What is paid for, or tried."""
    return Booking(
        plan_key=subscription.plan_version.plan_id,
        version=subscription.plan_version.number,
        interval=subscription.interval,
        currency=subscription.currency,
        seats=subscription.seats,
        add_ons={each.add_on_id: each.quantity for each in subscription.add_ons.all()},
    )


def offer(
    subscription: Subscription,
    wanted: Booking,
    *,
    usage: Mapping[Limit, int],
    coupon: str = "",
    at: dt.datetime | None = None,
) -> Offer:
    """Ask Stripe what it would charge. usage: of the workspace, in the limits' units.

    at: the moment to work it out for; None for now. Raises DomainError (seats that are in use, a code that is not
    known), StripeAway.
    """
    check_booking(wanted, usage)
    moment = (at or billing_time(subscription)).replace(microsecond=0)
    living = subscription.is_paying
    if living:
        _require_paid(subscription)
    if living and subscription.cancel_at is not None:
        raise Conflict(
            _("The subscription is cancelled. Go on with it first; then everything can be changed.")
        )
    before = Side(current_booking(subscription), _amount(subscription, current_booking(subscription)))
    after = Side(wanted, _amount(subscription, wanted))
    kind = kind_of_change(before if living else None, after, in_trial=subscription.trial_until is not None)
    code = usable_code(coupon, wanted.currency) if coupon and not living else ""
    asked = _Asked(subscription, wanted, kind, moment, code)
    due_now, recurring = asked.invoices()
    effective_at = subscription.period_end if kind == Kind.LATER and subscription.period_end else moment
    return Offer(
        booking=wanted,
        kind=kind,
        at=moment,
        effective_at=effective_at,
        charge_at=asked.charge_at(due_now),
        due_now=due_now,
        recurring=recurring,
        fewest_seats=usage.get(Limit.SEATS, 1),
        locks=locks_of(wanted, usage, from_=effective_at),
        coupon=code,
        token=sign_offer(subscription.pk, wanted, moment, due_now, recurring, code),
    )


def accept(
    subscription: Subscription, token: str, *, usage: Mapping[Limit, int], by: str
) -> tuple[Offer, Subscription]:
    """Do what was offered, once: a second call with the same token changes nothing more.

    by: whose doing it is. Raises OfferChanged, CardRefused (then nothing is changed), StripeAway, DomainError.
    """
    wanted, at, nonce = read_offer(subscription.pk, token)
    with transaction.atomic():
        # Two who confirm at once take turns; the second finds other amounts.
        locked = held(subscription.pk)
        again = offer(locked, wanted, usage=usage, at=at)
        if again.kind == Kind.NONE:
            return again, locked
        if not _is_as_shown(locked, again, payload_of(token)["amounts"], at):
            raise OfferChanged(_("Meanwhile something has changed. Please look at the amounts once more."))
        if again.kind == Kind.START:
            raise DomainError(_("There is no subscription to change yet."))
        _carry_out(locked, again, key=f"guanxi-change-{nonce}")
    return again, sync_subscription(subscription.pk, actor=by)


def _is_as_shown(subscription: Subscription, again: Offer, shown: list[int | None], at: dt.datetime) -> bool:
    """Whether the amounts are those that were seen.

    A period that begins now begins when the button is pressed, and Stripe takes no other moment for what is unused
    of the one before: by the seconds since the offer, and no more, that may have become less.
    """
    now_shown, recurring_shown = shown
    due, recurring = amounts_of(again.due_now, again.recurring)
    if recurring != recurring_shown:
        return False
    begins_now = again.kind == Kind.NOW and again.booking.interval != subscription.interval
    if not begins_now or due is None or now_shown is None:
        return due == now_shown
    start, end = subscription.period_start, subscription.period_end
    if start is None or end is None:
        return due == now_shown
    passed = max(0.0, (billing_time(subscription) - at).total_seconds())
    # With tax at most twice the plain price; one unit for rounding, however little has passed.
    paid = 2 * _amount(subscription, current_booking(subscription))
    return abs(due - now_shown) <= 1 + paid * passed / (end - start).total_seconds()


def withdraw_change(subscription: Subscription, *, by: str) -> Subscription:
    """What was settled to come does not. Without anything to come nothing happens."""
    with transaction.atomic():
        _release(held(subscription.pk))
    return sync_subscription(subscription.pk, actor=by)


def _release(subscription: Subscription) -> None:
    """Of the held subscription: by the schedule that Stripe knows, which another tab may have made a moment ago."""
    if subscription.is_paying:
        as_is = read_subscription(subscription.subscription_id)
        if as_is.schedule_id:
            release_schedule(as_is.schedule_id)


def cancel_at_period_end(subscription: Subscription, *, by: str) -> Subscription:
    """Nothing is charged any more; all works until the end of what is paid for. Twice is once."""
    with transaction.atomic():
        subscription = held(subscription.pk)
        # While a schedule runs Stripe refuses to change the subscription itself.
        _release(subscription)
        if subscription.is_paying:
            key = f"guanxi-cancel-{subscription.subscription_id}-{secrets.token_hex(8)}"
            set_cancel(subscription.subscription_id, at_period_end=True, idempotency_key=key)
    return sync_subscription(subscription.pk, actor=by)


def resume(subscription: Subscription, *, by: str) -> Subscription:
    """Take the cancellation back, until its day. Raises Conflict when it is over."""
    if not subscription.is_paying:
        raise Conflict(_("The subscription has ended. Choose a plan to begin again."))
    key = f"guanxi-resume-{subscription.subscription_id}-{secrets.token_hex(8)}"
    set_cancel(subscription.subscription_id, at_period_end=False, idempotency_key=key)
    return sync_subscription(subscription.pk, actor=by)


def check_booking(wanted: Booking, usage: Mapping[Limit, int]) -> None:
    """Raises DomainError with the number that would be possible."""
    version = version_of(wanted.plan_key, wanted.version)
    in_use = usage.get(Limit.SEATS, 0)
    if wanted.seats < max(1, in_use):
        message = ngettext(
            "%(count)d seat is in use: the fewest you can have now is %(count)d.",
            "%(count)d seats are in use: the fewest you can have now is %(count)d.",
            max(1, in_use),
        ) % {"count": max(1, in_use)}
        raise DomainError(message, fields={"seats": message})
    if version.max_seats is not None and wanted.seats > version.max_seats:
        message = _("%(plan)s has at most %(count)d seats. A larger plan has more.") % {
            "plan": version.plan,
            "count": version.max_seats,
        }
        raise DomainError(message, fields={"seats": message})


def _require_paid(subscription: Subscription) -> None:
    """A change makes an invoice of its own, behind which an unpaid one would be forgotten. Raises Conflict."""
    if unpaid_invoices(subscription).exists():
        raise Conflict(_("An invoice is unpaid. Please pay it first; then everything can be changed."))


def tax_rate_ids(subscription: Subscription) -> list[str]:
    """Stripe's ids of what is added to this customer's charges."""
    rate = tax_rate_for(
        subscription.country,
        has_tax_id=bool(subscription.tax_id),
        home_country=settings.BILLING["HOME_COUNTRY"],
    )
    if rate is None:
        return []
    found = ensure_tax_rate(
        str(rate.pk), name=rate.name, percent=rate.percent, inclusive=rate.inclusive, country=rate.country
    )
    return [found]


def priced(subscription: Subscription, booking: Booking) -> list[tuple[str, str, int]]:
    """(lookup key, price id, quantity) of each line, made at Stripe where they are not there yet."""
    return [
        (
            line.lookup_key,
            ensure_price(
                line.lookup_key,
                product_id=line.product_id,
                product_name=line.product_name,
                currency=booking.currency,
                unit_minor=line.unit_minor,
                interval=booking.interval,
            ),
            line.quantity,
        )
        for line in sold_by(booking, add_on_versions=_kept_versions(subscription))
    ]


@dataclass(frozen=True, slots=True)
class _Asked:
    """One wish, and the questions to Stripe that it takes."""

    subscription: Subscription
    wanted: Booking
    kind: Kind
    at: dt.datetime
    coupon: str

    def invoices(self) -> tuple[InvoiceAsIs | None, InvoiceAsIs]:
        """(what is charged at once, a whole period)."""
        subscription = self.subscription
        wanted = priced(subscription, self.wanted)
        rates = tax_rate_ids(subscription)
        if self.kind == Kind.START:
            plain = [{"price": price, "quantity": quantity} for _key, price, quantity in wanted]
            common: dict[str, Any] = {"currency": self.wanted.currency, "tax_rate_ids": rates}
            first = preview_first(subscription.customer_id, plain, coupon=self.coupon, **common)
            if self.trial_end() is not None:
                # What the trial's end will bring, the coupon taken off.
                return None, first
            recurring = preview_recurring(subscription.customer_id, plain, coupon=self.coupon, **common)
            return first, recurring
        as_is = read_subscription(subscription.subscription_id)
        changes = item_changes(as_is.items, wanted)
        recurring = preview_recurring(
            subscription.customer_id,
            changes,
            subscription_id=as_is.id,
            currency=self.wanted.currency,
            tax_rate_ids=rates,
        )
        if self.kind != Kind.NOW:
            return None, recurring
        due_now = preview_change(
            as_is.id,
            changes,
            proration_at=self.at,
            new_period=self.wanted.interval != subscription.interval,
            tax_rate_ids=rates,
        )
        return due_now, recurring

    def trial_end(self) -> dt.datetime | None:
        return trial_left(self.subscription, self.at)

    def charge_at(self, due_now: InvoiceAsIs | None) -> dt.datetime:
        """When the recurring amount is charged, after what is charged at once."""
        subscription = self.subscription
        begun = [line.end for line in due_now.lines if not line.is_proration] if due_now else []
        if begun:
            # A period begins with what is charged now: its end is the next charge.
            return max(begun)
        if self.kind == Kind.START:
            return self.trial_end() or self.at
        return subscription.trial_until or subscription.period_end or self.at


def trial_left(subscription: Subscription, at: dt.datetime) -> dt.datetime | None:
    """The end of our trial, where it lies so far ahead that Stripe takes it: the first charge comes then."""
    if subscription.state != "trial" or subscription.deadline_at is None:
        return None
    return (
        subscription.deadline_at
        if subscription.deadline_at - at > LEAST_TRIAL + dt.timedelta(hours=1)
        else None
    )


def _carry_out(subscription: Subscription, accepted: Offer, *, key: str) -> None:
    as_is = read_subscription(subscription.subscription_id)
    wanted = priced(subscription, accepted.booking)
    if accepted.kind == Kind.LATER:
        _schedule(subscription, as_is, wanted, accepted.booking.interval, key)
        return
    if as_is.schedule_id:
        release_schedule(as_is.schedule_id)
    changes = item_changes(as_is.items, wanted)
    if accepted.kind == Kind.IN_TRIAL:
        change_trial_items(as_is.id, changes, idempotency_key=key)
        return
    change_items(
        as_is.id,
        changes,
        proration_at=accepted.at,
        new_period=accepted.booking.interval != subscription.interval,
        tax_rate_ids=tax_rate_ids(subscription),
        idempotency_key=key,
    )


def _schedule(
    subscription: Subscription,
    as_is: SubscriptionAsIs,
    wanted: list[tuple[str, str, int]],
    interval: str,
    key: str,
) -> None:
    now_items = [
        (price, quantity) for _key, price, quantity in priced(subscription, current_booking(subscription))
    ]
    then_items = [(price, quantity) for _key, price, quantity in wanted]
    schedule_items(
        as_is,
        now_items,
        then_items,
        interval=interval,
        tax_rate_ids=tax_rate_ids(subscription),
        idempotency_key=key,
    )


def _amount(subscription: Subscription, booking: Booking) -> int:
    return sum(line.amount_minor for line in sold_by(booking, add_on_versions=_kept_versions(subscription)))


def _kept_versions(subscription: Subscription) -> dict[str, int]:
    return {each.add_on_id: each.price_version for each in subscription.add_ons.all()}
