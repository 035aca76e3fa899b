"""A coupon for a subscription that runs: what it changes first, then the coupon. Public scope."""

import datetime as dt
import secrets
from dataclasses import dataclass

from django.utils.translation import gettext as _

from billing.gateway.invoices import preview_next
from billing.gateway.plain import InvoiceAsIs
from billing.gateway.subscriptions import set_coupon
from billing.plans.models import Coupon
from billing.plans.selectors import usable_coupon
from billing.subscriptions.models import Subscription
from billing.subscriptions.services.coupons import known_at_stripe
from billing.subscriptions.services.standing import billing_time
from billing.subscriptions.services.story import tell
from billing.subscriptions.services.syncing import sync_subscription
from billing.subscriptions.services.tokens import OfferChanged
from billing.subscriptions.services.turns import turn_at
from core.errors import Conflict


@dataclass(frozen=True, slots=True)
class CodeOffer:
    """before, after: the next invoice without and with the coupon, charged at `charge_at` (UTC).

    replaces: the code at hand, '' without one.
    """

    coupon: Coupon
    before: InvoiceAsIs
    after: InvoiceAsIs
    charge_at: dt.datetime | None
    replaces: str


def offer_code(subscription: Subscription, code: str) -> CodeOffer:
    """What a code would change, by Stripe's own preview. Raises NotForSale, Conflict, StripeAway."""
    _require_open(subscription)
    coupon = usable_coupon(code, subscription.currency)
    if coupon.code == subscription.coupon_id:
        raise Conflict(_("This code is in use already."))
    return CodeOffer(
        coupon=coupon,
        before=preview_next(subscription.subscription_id),
        after=preview_next(subscription.subscription_id, coupon=known_at_stripe(coupon)),
        charge_at=subscription.trial_until or subscription.period_end,
        replaces=subscription.coupon_id or "",
    )


def redeem_code(subscription: Subscription, code: str, *, shown_minor: int, by: str) -> Subscription:
    """Use the code from the next invoice on. shown_minor: what the person saw as the next charge.

    Raises OfferChanged when that is no longer so, NotForSale, Conflict, StripeAway.
    """
    with turn_at(subscription.pk) as turn:
        present = turn.subscription
        again = offer_code(present, code)
        if again.after.due_minor != shown_minor or not turn.is_unchanged():
            raise OfferChanged(_("Meanwhile something has changed. Please look at the amounts once more."))
        # Pressed twice, the second finds the turn taken, or the code in use.
        key = f"guanxi-code-{present.subscription_id}-{secrets.token_hex(8)}"
        set_coupon(present.subscription_id, again.coupon.code, idempotency_key=key)
        tell(present.pk, "coupon", actor=by, at=billing_time(present), code=again.coupon.code)
        return sync_subscription(subscription.pk, actor=by)


def _require_open(subscription: Subscription) -> None:
    if not subscription.is_paying:
        raise Conflict(_("A code is given with the plan: choose one, and enter the code beside it."))
    if subscription.is_paused:
        raise Conflict(_("The subscription is paused. Enter a card, or go on with it first."))
    if subscription.cancel_at is not None:
        raise Conflict(_("The subscription is cancelled, so nothing would be cheaper. Go on with it first."))
    if subscription.pending_at is not None:
        raise Conflict(_("A change is planned. Take it back first, or give the code once it has come."))
