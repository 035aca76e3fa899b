"""Payments that a bank takes back: the queue of those that wait, by their deadline."""

import datetime as dt
from typing import Any

from django.db.models import Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from billing.subscriptions.models import Dispute
from billing.subscriptions.services.story import dispute_word
from core.clock import now
from core.money import format_minor
from tenants.console.paging import page_of

_NEVER = dt.datetime(9999, 1, 1, tzinfo=dt.UTC)


@require_safe
def disputes(request: HttpRequest) -> HttpResponse:
    """Open ones, the nearest deadline first; closed ones, the newest first. They are answered at Stripe."""
    closed = request.GET.get("state") == "closed"
    found = Dispute.objects.filter(is_open=not closed).select_related("invoice__tenant")
    page = page_of(
        found,
        # What has no deadline waits for the bank, not for us: it comes last.
        by="opened_at" if closed else Coalesce("answer_by", Value(_NEVER)),
        descending=closed,
        cursor=request.GET.get("after", ""),
    )
    here = reverse("disputes")
    query = "state=closed&" if closed else ""
    context = {
        "title": _("Disputes"),
        "rows": [_row(each) for each in page.rows],
        "tabs": [
            (_("Open"), here, Dispute.objects.filter(is_open=True).count(), not closed),
            (_("Closed"), f"{here}?state=closed", "", closed),
        ],
        "newer": f"{here}?{query}after={page.newer}" if page.newer else "",
        "older": f"{here}?{query}after={page.older}" if page.older else "",
    }
    return render(request, "tenants/console/disputes.html", context)


def _row(dispute: Dispute) -> dict[str, Any]:
    waits = dispute.is_open and not dispute.is_answered
    return {
        "dispute": dispute,
        "tenant": dispute.invoice.tenant,
        "amount": format_minor(dispute.amount_minor, dispute.currency),
        "reason": _reason(dispute.reason),
        "state": dispute_word(dispute.status),
        "tone": "red" if waits or dispute.status == "lost" else "",
        "late": waits and dispute.answer_by is not None and dispute.answer_by < now(),
    }


def _reason(told: str) -> str:
    """Of Stripe's word (docs.stripe.com/disputes/categories)."""
    return {
        "fraudulent": _("not made by the cardholder"),
        "duplicate": _("paid twice"),
        "product_not_received": _("not received"),
        "product_unacceptable": _("not as described"),
        "subscription_canceled": _("cancelled before"),
        "unrecognized": _("not recognised"),
        "credit_not_processed": _("money back did not come"),
    }.get(told, _("another reason"))
