"""Subscribing, changing, cancelling, paying. Every write is a POST; cards are entered at Stripe."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from billing.subscriptions.access import billing_scope, usage_now
from billing.subscriptions.rules.changes import Kind
from billing.subscriptions.services.booking import accept, cancel_at_period_end, resume, withdraw_change
from billing.subscriptions.services.codes import redeem_code
from billing.subscriptions.services.paying import (
    finish_checkout,
    pay_open_invoices,
    start_card_change,
    start_checkout,
)
from billing.subscriptions.services.standing import subscription_of
from billing.subscriptions.views.doors import (
    is_local,
    leave_for,
    own_address,
    require_payer,
    told_of_refusal,
)
from billing.subscriptions.views.invoice_words import day
from core.errors import DomainError
from web.answers import go

_BACK = "/settings/billing/back/?session={CHECKOUT_SESSION_ID}"


@require_POST
@login_required
@told_of_refusal
def subscribe(request: HttpRequest) -> HttpResponse:
    """To Stripe's page, where the card is entered for what was offered."""
    user = require_payer(request)
    back, here = own_address(_BACK), own_address(reverse("billing"))
    usage = usage_now()
    with billing_scope(f"{user.pk} subscribes") as tenant_id:
        url = start_checkout(
            subscription_of(tenant_id),
            request.POST.get("token", ""),
            success_url=back,
            cancel_url=here,
            language=get_language() or "en",
            mail=user.email or "",
            usage=usage,
        )
    return leave_for(request, url)


@require_POST
@login_required
@told_of_refusal
def change(request: HttpRequest) -> HttpResponse:
    """Do what was offered, with those very amounts."""
    user = require_payer(request)
    usage = usage_now()
    with billing_scope(f"{user.pk} changes the subscription") as tenant_id:
        done, _subscription = accept(
            subscription_of(tenant_id), request.POST.get("token", ""), usage=usage, by=user.name
        )
    text = _("Changed")
    if done.kind == Kind.LATER:
        text = _("This will change on %(day)s. You can take it back until then.") % {
            "day": day(done.effective_at)
        }
    return go(request, reverse("billing"), text)


@require_POST
@login_required
@told_of_refusal
def withdraw(request: HttpRequest) -> HttpResponse:
    """What was settled to come does not."""
    user = require_payer(request)
    with billing_scope(f"{user.pk} withdraws a change") as tenant_id:
        withdraw_change(subscription_of(tenant_id), by=user.name)
    return go(request, reverse("billing"), _("Taken back: everything stays as it is."))


@require_POST
@login_required
@told_of_refusal
def use_code(request: HttpRequest) -> HttpResponse:
    """A coupon for the subscription that runs, from the next charge on, with the amount that was shown."""
    user = require_payer(request)
    shown = request.POST.get("shown", "")
    if not shown.isdecimal() or len(shown) > 15:
        raise DomainError(_("This form is not complete. Please start again."))
    with billing_scope(f"{user.pk} uses a code") as tenant_id:
        redeem_code(
            subscription_of(tenant_id), request.POST.get("code", ""), shown_minor=int(shown), by=user.name
        )
    return go(request, reverse("billing"), _("The code is used from the next charge on."))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@told_of_refusal
def cancel_page(request: HttpRequest) -> HttpResponse:
    """What happens when, then the button."""
    user = require_payer(request)
    with billing_scope(f"{user.pk} cancels") as tenant_id:
        subscription = subscription_of(tenant_id)
        if request.method == "POST":
            cancel_at_period_end(subscription, by=user.name)
        else:
            context = _cancel_context(subscription)
    if request.method == "POST":
        return go(request, reverse("billing"), _("Cancelled for the end of the period."))
    return render(request, "billing/subscriptions/cancel.html", context)


@require_POST
@login_required
@told_of_refusal
def resume_page(request: HttpRequest) -> HttpResponse:
    """Take the cancellation back."""
    user = require_payer(request)
    with billing_scope(f"{user.pk} resumes") as tenant_id:
        resume(subscription_of(tenant_id), by=user.name)
    return go(request, reverse("billing"), _("The subscription goes on."))


@require_POST
@login_required
@told_of_refusal
def change_card(request: HttpRequest) -> HttpResponse:
    """To Stripe's page for another card."""
    user = require_payer(request)
    back, here = own_address(_BACK), own_address(reverse("billing"))
    with billing_scope(f"{user.pk} changes the card") as tenant_id:
        url = start_card_change(
            subscription_of(tenant_id),
            success_url=back,
            cancel_url=here,
            language=get_language() or "en",
            mail=user.email or "",
        )
    return leave_for(request, url)


@require_POST
@login_required
@told_of_refusal
def pay(request: HttpRequest) -> HttpResponse:
    """Charge what could not be charged, now."""
    user = require_payer(request)
    with billing_scope(f"{user.pk} pays") as tenant_id:
        pay_open_invoices(subscription_of(tenant_id), by=user.name)
        goes_on = subscription_of(tenant_id).is_paying
    told = (
        _("Paid. Thank you.") if goes_on else _("Paid. To go on working, choose a plan and subscribe again.")
    )
    return go(request, reverse("billing"), told)


@require_safe
@login_required
def come_back(request: HttpRequest) -> HttpResponse:
    """Back from Stripe's page: the page itself asks what became of it, since looking must not write."""
    require_payer(request)
    context = {"title": _("Billing"), "session": request.GET.get("session", "")[:200], "local": is_local()}
    return render(request, "billing/subscriptions/back.html", context)


@require_POST
@login_required
def check_back(request: HttpRequest) -> HttpResponse:
    """Follow what happened at Stripe. 204 while it is not through."""
    user = require_payer(request)
    try:
        with billing_scope(f"{user.pk} comes back from a payment page") as tenant_id:
            through = finish_checkout(
                subscription_of(tenant_id), request.POST.get("session", "")[:200], by=user.name
            )
    except DomainError as error:
        return go(request, reverse("billing"), str(error))
    if not through:
        return HttpResponse(status=204) if request.htmx else redirect("billing")  # type: ignore[attr-defined]
    return go(request, reverse("billing"), _("Thank you. Everything is set."))


def _cancel_context(subscription: Any) -> dict[str, Any]:
    end = subscription.trial_until or subscription.period_end
    return {
        "title": _("Cancel the subscription"),
        "subscription": subscription,
        "end": day(end),
        "local": is_local(),
    }
