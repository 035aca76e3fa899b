"""The story of a subscription: one line for each thing that happened, in words for both sides."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from billing.subscriptions.models import REASON_WORDS, STATE_WORDS, SubscriptionEvent
from billing.subscriptions.rules.standing import Reason, State
from core.clock import now
from core.money import format_minor

STRIPE, TIME = "stripe", "time"


def tell(tenant_id: UUID, kind: str, *, actor: str, at: dt.datetime | None = None, **facts: Any) -> None:
    """Add a line. at: when it happened by the subscription's own clock (UTC). facts: texts and numbers."""
    assert kind in KINDS, kind
    SubscriptionEvent.objects.create(tenant_id=tenant_id, at=at or now(), kind=kind, actor=actor, facts=facts)


def sentence_of(event: SubscriptionEvent) -> str:
    """In the active language."""
    return KINDS[event.kind](event.facts)


def _state(facts: Mapping[str, Any]) -> str:
    words = {"state": STATE_WORDS[State(facts["state"])], "reason": REASON_WORDS[Reason(facts["reason"])]}
    return _("Now: %(state)s. %(reason)s") % words if words["reason"] else _("Now: %(state)s") % words


def _noticed(facts: Mapping[str, Any]) -> str:
    """What a mail told, in the reader's language. Older lines carry its subject as it was written."""
    if "state" not in facts:
        return str(facts["subject"])
    word, reason = str(STATE_WORDS[State(facts["state"])]), str(REASON_WORDS[Reason(facts["reason"])])
    text = f"{word} – {reason}" if reason else word
    if facts["until"]:
        text = _("%(what)s (until %(day)s)") % {"what": text, "day": _day(facts["until"])}
    return text


def _money(facts: Mapping[str, Any]) -> str:
    return format_minor(facts["minor"], facts["currency"])


def _day(text: str) -> str:
    return date_format(dt.datetime.fromisoformat(text), "DATE_FORMAT")


def _booked(facts: Mapping[str, Any]) -> str:
    return _("%(plan)s, %(interval)s, %(seats)d seats") % {
        "plan": facts["plan_zh"] if (get_language() or "").startswith("zh") else facts["plan"],
        "interval": _("yearly") if facts["interval"] == "year" else _("monthly"),
        "seats": facts["seats"],
    }


def dispute_word(status: str) -> str:
    """Of Stripe's status (docs.stripe.com/api/disputes/object)."""
    return {
        "needs_response": _("waits for an answer"),
        "warning_needs_response": _("waits for an answer"),
        "appeal_needs_response": _("waits for an answer"),
        "under_review": _("at the bank"),
        "warning_under_review": _("at the bank"),
        "appeal_under_review": _("at the bank"),
        "won": _("won, the money came back"),
        "lost": _("lost, the money is gone"),
    }.get(status, _("closed"))


KINDS: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "trial_started": lambda facts: _("Trial started, until %(day)s") % {"day": _day(facts["until"])},
    "trial_extended": lambda facts: _("Trial extended until %(day)s") % {"day": _day(facts["until"])},
    "state": _state,
    "subscribed": lambda facts: _("Subscribed: %(what)s") % {"what": _booked(facts)},
    "changed": lambda facts: _("Changed to: %(what)s") % {"what": _booked(facts)},
    "change_planned": lambda facts: (
        _("From %(day)s: %(what)s") % {"day": _day(facts["day"]), "what": _booked(facts)}
    ),
    "change_withdrawn": lambda facts: _("The planned change was withdrawn"),
    "cancel_planned": lambda facts: _("Cancelled for %(day)s") % {"day": _day(facts["day"])},
    "cancel_withdrawn": lambda facts: _("The cancellation was withdrawn"),
    "invoice_paid": lambda facts: (
        _("Invoice %(number)s paid: %(money)s") % {"number": facts["number"], "money": _money(facts)}
    ),
    "invoice_failed": lambda facts: (
        _("Invoice %(number)s could not be charged: %(money)s")
        % {"number": facts["number"], "money": _money(facts)}
    ),
    "invoice_asks": lambda facts: (
        _("The bank asks to confirm the payment of invoice %(number)s: %(money)s")
        % {"number": facts["number"], "money": _money(facts)}
    ),
    "refunded": lambda facts: _("Refunded: %(money)s") % {"money": _money(facts)},
    "credit_note": lambda facts: (
        _("Credit note %(number)s for invoice %(invoice)s: %(money)s") % {**facts, "money": _money(facts)}
    ),
    "credit_note_void": lambda facts: _("Credit note %(number)s is void") % facts,
    "disputed": lambda facts: (
        _("The bank disputes the payment of invoice %(number)s: %(money)s")
        % {"number": facts["number"], "money": _money(facts)}
    ),
    "dispute_over": lambda facts: (
        _("Dispute over invoice %(number)s: %(outcome)s")
        % {"number": facts["number"], "outcome": dispute_word(facts["status"])}
    ),
    "card": lambda facts: _("Card on file: %(card)s") % {"card": facts["card"]},
    "details": lambda facts: _("Billing details changed"),
    "notice": lambda facts: _("Mail sent: %(subject)s") % {"subject": _noticed(facts)},
    "receipt": lambda facts: _("Mail sent: receipt for invoice %(number)s") % facts,
    "coupon": lambda facts: _("Coupon applied: %(code)s") % {"code": facts["code"]},
}
