"""Settings → Billing: plan, seats, usage, the next charge; and the comparison of plans."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from billing.plans.models import Interval
from billing.plans.rules import Booking
from billing.plans.selectors import (
    NotForSale,
    add_on_price,
    current_version,
    offered_add_ons,
    offered_versions,
    price_of,
    sale_currency,
)
from billing.subscriptions.access import billing_scope, usage_now
from billing.subscriptions.models import Subscription
from billing.subscriptions.selectors import invoice_to_confirm, invoices_of, story_of, unpaid_invoices
from billing.subscriptions.services.codes import offer_code
from billing.subscriptions.services.offers import current_booking, offer
from billing.subscriptions.services.standing import subscription_of
from billing.subscriptions.services.story import sentence_of
from billing.subscriptions.views.doors import is_local, require_payer
from billing.subscriptions.views.invoice_words import day, invoice_rows
from billing.subscriptions.views.wording import (
    brings,
    code_words,
    coupon_sentence,
    meters,
    offer_words,
    plan_sentence,
    price_sentence,
    standing_words,
)
from core.entitlements import Limit
from core.errors import DomainError
from core.money import format_minor
from core.tenancy.scope import current_snapshot

_SHOWN_INVOICES, _SHOWN_EVENTS = 5, 8
_WISHES = ("plan", "interval", "seats", "coupon")


@require_safe
@login_required
def billing_page(request: HttpRequest) -> HttpResponse:
    """With a wish in the query (plan, interval, seats, addon-<key>, coupon): what exactly it would cost."""
    require_payer(request)
    usage, snapshot = usage_now(), current_snapshot()
    with billing_scope("page") as tenant_id:
        subscription = subscription_of(tenant_id)
        wanted = wished(subscription, request.GET, usage)
        context: dict[str, Any] = {"problem": "", "offer": None, "code": None}
        try:
            if request.GET.get("code"):
                context["code"] = code_words(offer_code(subscription, request.GET["code"]))
            elif _wishes(request.GET):
                made = offer(subscription, wanted, usage=usage, coupon=request.GET.get("coupon", ""))
                context["offer"] = offer_words(made, subscription)
        except DomainError as error:
            context["problem"] = str(error)
        context |= _context(subscription, wanted, usage)
        context |= {
            "meters": meters(usage, snapshot),
            "coupon": request.GET.get("coupon", ""),
            "given_code": request.GET.get("code", ""),
            "title": _("Billing"),
            "has_side": True,
        }
    # Outside: the frame round the page is the workspace's.
    return render(request, "billing/subscriptions/billing.html", context)


@require_safe
@login_required
def plans_page(request: HttpRequest) -> HttpResponse:
    """All plans beside each other, by month or by year."""
    require_payer(request)
    interval = request.GET.get("interval", "")
    with billing_scope("plans") as tenant_id:
        subscription = subscription_of(tenant_id)
        interval = interval if interval in Interval.values else subscription.interval
        keep = subscription.plan_version if subscription.is_paying else None
        plans = [_plan(version, subscription, interval) for version in offered_versions(keep=keep)]
        context = {
            "title": _("Plans"),
            "plans": [plan for plan in plans if plan is not None],
            "interval": interval,
            "local": is_local(),
        }
    return render(request, "billing/subscriptions/plans.html", context)


_MOST_ASKED = 99_999


def wished(subscription: Subscription, given: QueryDict, usage: dict[Limit, int]) -> Booking:
    """What the query asks for; what it leaves out stays as it is. Nonsense is left out, seats fit the use."""
    now_booked = current_booking(subscription)
    version = subscription.plan_version
    key = given.get("plan", "")
    if key and (key != version.plan_id or not subscription.is_paying):
        try:
            version = current_version(key)
            if not version.plan.is_public:
                version = subscription.plan_version
        except NotForSale:
            version = subscription.plan_version
    interval = given.get("interval", "")
    interval = interval if interval in Interval.values else subscription.interval
    currency = (
        subscription.currency if subscription.is_paying else sale_currency(version, subscription.currency)
    )
    seats = given.get("seats", "")
    in_use = max(1, usage.get(Limit.SEATS, 1))
    fewest = max(in_use, version.included_seats)
    # However many are asked for, the offer answers with a sentence about the most there can be.
    count = min(int(seats[:9]), _MOST_ASKED) if seats.isdecimal() else max(fewest, subscription.seats)
    add_ons = dict(now_booked.add_ons)
    for add_on in offered_add_ons():
        wish = given.get(f"addon-{add_on.key}", "")
        if wish.isdecimal() and len(wish) < 4:
            add_ons[add_on.key] = int(wish)
    kept = {name: quantity for name, quantity in add_ons.items() if quantity > 0}
    return Booking(
        version.plan_id, version.number, interval, currency, max(count, version.included_seats), kept
    )


def _wishes(given: QueryDict) -> bool:
    return any(given.get(name) for name in _WISHES) or any(name.startswith("addon-") for name in given)


def _context(subscription: Subscription, wanted: Booking, usage: dict[Limit, int]) -> dict[str, Any]:
    invoices = list(invoices_of(subscription)[: _SHOWN_INVOICES + 1])
    card = ""
    if subscription.card_last4:
        card = f"{subscription.card_brand.title()} •••• {subscription.card_last4}"
    return {
        "subscription": subscription,
        "standing": standing_words(subscription),
        "plan_sentence": plan_sentence(subscription),
        "wanted": wanted,
        "in_use": usage.get(Limit.SEATS, 0),
        "invoices": invoice_rows(invoices[:_SHOWN_INVOICES]),
        "more_invoices": len(invoices) > _SHOWN_INVOICES,
        "unpaid": bool(owed := _owed(subscription)),
        "to_confirm": _to_confirm(subscription),
        "owed": owed,
        "card": card,
        "card_expires": subscription.card_expires,
        "next_charge": _next_charge(subscription),
        "coupon_in_use": coupon_sentence(subscription.coupon) if subscription.coupon else "",
        "pending": _pending(subscription),
        "add_ons": _add_ons(subscription, wanted),
        "story": [
            {"day": day(each.at), "text": sentence_of(each), "actor": each.actor}
            for each in story_of(subscription)[:_SHOWN_EVENTS]
        ],
        "local": is_local(),
        "clock": day(subscription.clock_at) if subscription.clock_at else "",
    }


def _owed(subscription: Subscription) -> str:
    """What could not be charged; '' for nothing."""
    sums = unpaid_invoices(subscription).order_by().values("currency").annotate(total=Sum("due_minor"))
    return " + ".join(format_minor(each["total"], each["currency"]) for each in sums)


def _to_confirm(subscription: Subscription) -> dict[str, str] | None:
    """The payment that its bank wants confirmed on Stripe's page of the invoice."""
    invoice = invoice_to_confirm(subscription)
    if invoice is None:
        return None
    return {"id": invoice.pk, "amount": format_minor(invoice.due_minor, invoice.currency)}


def _next_charge(subscription: Subscription) -> dict[str, str] | None:
    if subscription.next_charge_at is None or subscription.next_charge_minor is None:
        return None
    amount = format_minor(subscription.next_charge_minor, subscription.currency)
    return {"day": day(subscription.next_charge_at), "amount": amount}


def _pending(subscription: Subscription) -> dict[str, Any] | None:
    """What is settled to come."""
    version = subscription.pending_version
    if subscription.pending_at is None or version is None:
        return None
    return {
        "day": day(subscription.pending_at),
        "plan": str(version.plan),
        "interval": _("yearly") if subscription.pending_interval == "year" else _("monthly"),
        "seats": subscription.pending_seats,
    }


def _add_ons(subscription: Subscription, wanted: Booking) -> list[dict[str, Any]]:
    rows = []
    for add_on in offered_add_ons():
        try:
            price = add_on_price(add_on.key, wanted.currency, wanted.interval)
        except NotForSale:
            continue
        amount = format_minor(price.unit_minor, wanted.currency, trim=True)
        rows.append(
            {
                "key": add_on.key,
                "name": str(add_on),
                "price": _("%(money)s a year") % {"money": amount}
                if wanted.interval == "year"
                else _("%(money)s a month") % {"money": amount},
                "quantity": wanted.add_ons.get(add_on.key, 0),
            }
        )
    return rows


def _plan(version: Any, subscription: Subscription, interval: str) -> dict[str, Any] | None:
    """None where the plan has no price for this interval."""
    currency = (
        subscription.currency if subscription.is_paying else sale_currency(version, subscription.currency)
    )
    try:
        price = price_of(version, currency, interval)
    except NotForSale:
        return None
    return {
        "key": version.plan_id,
        "name": str(version.plan),
        "price": format_minor(price.base_minor, currency, trim=True),
        "sentence": price_sentence(version, price.base_minor, price.seat_minor, currency, interval),
        "brings": brings(version),
        "current": subscription.is_paying and version.plan_id == subscription.plan_version.plan_id,
    }
