"""What a wish would cost, by Stripe's own previews. Public scope; nothing is written."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from billing.gateway.catalog import ensure_price, ensure_tax_rate
from billing.gateway.checkout import LEAST_TRIAL
from billing.gateway.invoices import preview_change, preview_first, preview_recurring, preview_renewal
from billing.gateway.plain import InvoiceAsIs, SubscriptionAsIs
from billing.gateway.subscriptions import item_changes, read_subscription
from billing.plans.rules import Booking
from billing.plans.selectors import sold_by, tax_rate_for, version_of
from billing.subscriptions.models import Subscription
from billing.subscriptions.rules.changes import Kind, Side, kind_of_change
from billing.subscriptions.selectors import unpaid_invoices
from billing.subscriptions.services.coupons import usable_code
from billing.subscriptions.services.locks import Lock, locks_of
from billing.subscriptions.services.standing import billing_time
from billing.subscriptions.services.tokens import OfferChanged, sign_offer
from core.entitlements import Limit
from core.errors import Conflict, DomainError


@dataclass(frozen=True, slots=True)
class Offer:
    """What a wish costs. at: the moment it was worked out for (UTC), whole seconds.

    due_now: the invoice made at once; None where nothing is. recurring: a whole period. first: for what waits, the
    first period's invoice, where that can be asked: a discount or credit that is used up with it counts there alone.
    charge_at: when it is charged. locks: what would be locked, and from when. token: for `accept`. as_is: the
    subscription that would be changed, as Stripe knew it; None before there is one.
    """

    booking: Booking
    kind: Kind
    at: dt.datetime
    effective_at: dt.datetime
    charge_at: dt.datetime
    due_now: InvoiceAsIs | None
    recurring: InvoiceAsIs
    first: InvoiceAsIs | None
    fewest_seats: int
    locks: list[Lock]
    coupon: str
    token: str
    as_is: SubscriptionAsIs | None


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
    if living and subscription.is_paused:
        raise Conflict(_("The subscription is paused. Enter a card, or go on with it first."))
    if living and subscription.cancel_at is not None:
        raise Conflict(
            _("The subscription is cancelled. Go on with it first; then everything can be changed.")
        )
    as_is = read_subscription(subscription.subscription_id) if living else None
    if as_is is not None and as_is.period_start is not None and at is not None and at < as_is.period_start:
        # Stripe works out nothing for a period that is over.
        raise OfferChanged(_("This has been open for a while. Please look at the amounts once more."))
    before = Side(current_booking(subscription), _amount(subscription, current_booking(subscription)))
    after = Side(wanted, _amount(subscription, wanted))
    kind = kind_of_change(before if living else None, after, in_trial=subscription.trial_until is not None)
    code = usable_code(coupon, wanted.currency) if coupon and not living else ""
    asked = _Asked(subscription, as_is, wanted, kind, moment, code)
    due_now, recurring, first = asked.invoices()
    effective_at = subscription.period_end if kind == Kind.LATER and subscription.period_end else moment
    return Offer(
        booking=wanted,
        kind=kind,
        at=moment,
        effective_at=effective_at,
        charge_at=asked.charge_at(due_now),
        due_now=due_now,
        recurring=recurring,
        first=first,
        fewest_seats=usage.get(Limit.SEATS, 1),
        locks=locks_of(wanted, usage, from_=effective_at),
        coupon=code,
        token=sign_offer(subscription.pk, wanted, moment, (due_now, recurring, first), code),
        as_is=as_is,
    )


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
    as_is: SubscriptionAsIs | None
    wanted: Booking
    kind: Kind
    at: dt.datetime
    coupon: str

    def invoices(self) -> tuple[InvoiceAsIs | None, InvoiceAsIs, InvoiceAsIs | None]:
        """(what is charged at once, a whole period, the first period of what waits)."""
        wanted, rates = priced(self.subscription, self.wanted), tax_rate_ids(self.subscription)
        if self.as_is is None:
            return *self._of_a_start(wanted, rates), None
        changes = item_changes(self.as_is.items, wanted)
        recurring = preview_recurring(
            self.subscription.customer_id,
            changes,
            subscription_id=self.as_is.id,
            currency=self.wanted.currency,
            tax_rate_ids=rates,
        )
        if self.kind == Kind.NOW:
            due_now = preview_change(
                self.as_is.id,
                changes,
                proration_at=self.at,
                new_period=self.wanted.interval != self.subscription.interval,
                tax_rate_ids=rates,
            )
            return due_now, recurring, None
        return None, recurring, self._first_of_what_waits(changes, rates)

    def _of_a_start(
        self, wanted: list[tuple[str, str, int]], rates: list[str]
    ) -> tuple[InvoiceAsIs | None, InvoiceAsIs]:
        plain = [{"price": price, "quantity": quantity} for _key, price, quantity in wanted]
        customer = self.subscription.customer_id
        common: dict[str, Any] = {"currency": self.wanted.currency, "tax_rate_ids": rates}
        first = preview_first(customer, plain, coupon=self.coupon, **common)
        if self.trial_end() is not None:
            # What the trial's end will bring, the coupon taken off.
            return None, first
        return first, preview_recurring(customer, plain, coupon=self.coupon, **common)

    def _first_of_what_waits(self, changes: list[dict[str, Any]], rates: list[str]) -> InvoiceAsIs | None:
        """None where Stripe has no answer: with another interval, or while the last renewal is still a draft."""
        assert self.as_is is not None
        if self.kind == Kind.NONE or self.wanted.interval != self.subscription.interval:
            return None
        coming = preview_renewal(self.as_is.id, changes, tax_rate_ids=rates)
        end = self.as_is.period_end
        begins = any(not line.is_proration and line.start == end for line in coming.lines)
        return coming if begins else None

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


def _amount(subscription: Subscription, booking: Booking) -> int:
    return sum(line.amount_minor for line in sold_by(booking, add_on_versions=_kept_versions(subscription)))


def _kept_versions(subscription: Subscription) -> dict[str, int]:
    return {each.add_on_id: each.price_version for each in subscription.add_ons.all()}
