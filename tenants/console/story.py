"""The story of a tenant, and the operators' access log, in words: one sentence for each kind of event."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from heapq import merge
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from billing.plans.models import AddOn, Plan
from billing.subscriptions.models import SubscriptionEvent
from billing.subscriptions.services.story import STRIPE, TIME, sentence_of
from core.money import format_minor
from tenants.console.looking import LOOKED
from tenants.console.rows import given_words
from tenants.registry.models import Tenant, TenantEvent

Facts = Mapping[str, Any]
_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a story. at: UTC. text: what somebody wrote, shown as it is."""

    at: dt.datetime
    who: str
    what: str
    text: str = ""
    icon: str = "activity"
    tone: str = ""


def _day(text: str) -> str:
    return date_format(dt.date.fromisoformat(text[:10]), "DATE_FORMAT")


def _given(facts: Facts) -> str:
    return given_words(facts.get("limit", ""), facts.get("feature", ""), facts.get("amount", 0))


def _granted(facts: Facts) -> str:
    if facts.get("until"):
        return _("gave %(what)s until %(day)s") % {"what": _given(facts), "day": _day(facts["until"])}
    return _("gave %(what)s for good") % {"what": _given(facts)}


def _titled(facts: Facts) -> str:
    """In the reader's language; older lines have the English title alone."""
    chinese = (get_language() or "").startswith("zh")
    return str((facts.get("title_zh") if chinese else "") or facts["title"])


def _money(facts: Facts) -> str:
    """Older lines carry the amount as it was written then."""
    if "minor" not in facts:
        return str(facts["amount"])
    return format_minor(facts["minor"], facts["currency"])


def _plan(key: str) -> str:
    """The plan's name in the reader's language; as it was written, where no plan has this key."""
    return str(Plan.objects.filter(pk=key).first() or key)


def _named(facts: Facts) -> dict[str, Any]:
    """With the names of plan and add-on; older lines carry the English ones already."""
    named = dict(facts)
    if "plan" in facts:
        named["plan"] = _plan(facts["plan"])
    if "add_on" in facts:
        named["add_on"] = str(AddOn.objects.filter(pk=facts["add_on"]).first() or facts["add_on"])
    return named


SENTENCES: dict[str, Callable[[Facts], str]] = {
    "opened": lambda facts: _("opened the workspace"),
    LOOKED: lambda facts: _("looked at it"),
    "suspend": lambda facts: _("suspended it"),
    "restore": lambda facts: _("restored it"),
    "close": lambda facts: _("closed it; it is removed 30 days later"),
    "reopen": lambda facts: _("opened it again"),
    "removed": lambda facts: _("removed it for good"),
    "trial_extended": lambda facts: _("extended the trial until %(day)s") % {"day": _day(facts["until"])},
    "granted": _granted,
    "grant_withdrawn": lambda facts: _("took back: %(what)s") % {"what": _given(facts)},
    "note": lambda facts: _("noted"),
    "exported": lambda facts: _("exported the list of tenants"),
    "support_asked": lambda facts: _("asked for support access (ticket %(ticket)s)") % facts,
    "support_granted": lambda facts: _("allowed support access (ticket %(ticket)s)") % facts,
    "support_refused": lambda facts: _("refused support access (ticket %(ticket)s)") % facts,
    "support_started": lambda facts: _("entered for support (ticket %(ticket)s)") % facts,
    "support_ended": lambda facts: _("ended support access (ticket %(ticket)s)") % facts,
    "support_policy": lambda facts: _("changed what support may do"),
    "announced": lambda facts: _("announced: %(title)s") % {"title": _titled(facts)},
    "announcement_withdrawn": lambda facts: (
        _("withdrew the announcement: %(title)s") % {"title": _titled(facts)}
    ),
    "switched": lambda facts: _("changed the feature switch %(key)s") % facts,
    "setting": lambda facts: _("changed a setting of the installation"),
    "fleet_retried": lambda facts: _("started the failed upgrades again"),
    "mail_asked": lambda facts: _("looked for mails to one address"),
    "operator_off": lambda facts: _("took an operator's access away: %(name)s") % facts,
    "operator_on": lambda facts: _("gave an operator access again: %(name)s") % facts,
    "plan_changed": lambda facts: _("changed the plan: %(plan)s") % {"plan": _plan(facts["plan"])},
    "refunded": lambda facts: (
        _("gave back %(amount)s of invoice %(number)s") % {"amount": _money(facts), "number": facts["number"]}
    ),
    "coupon_given": lambda facts: _("gave the coupon %(code)s") % facts,
    "plan_made": lambda facts: _("made the plan %(plan)s") % _named(facts),
    "plan_drafted": lambda facts: _("drafted version %(number)s of the plan %(plan)s") % _named(facts),
    "plan_draft_discarded": lambda facts: _("discarded the draft of the plan %(plan)s") % _named(facts),
    "plan_published": lambda facts: _("published version %(number)s of the plan %(plan)s") % _named(facts),
    "plan_retired": lambda facts: _("retired the plan %(plan)s from sale") % _named(facts),
    "plan_on_sale": lambda facts: _("put the plan %(plan)s on sale again") % _named(facts),
    "add_on_made": lambda facts: _("made the add-on %(add_on)s") % _named(facts),
    "add_on_priced": lambda facts: _("set the prices of the add-on %(add_on)s (%(number)s)") % _named(facts),
    "add_on_retired": lambda facts: _("retired the add-on %(add_on)s from sale") % _named(facts),
    "add_on_on_sale": lambda facts: _("put the add-on %(add_on)s on sale again") % _named(facts),
    "tax_rate_set": lambda facts: _("set the tax rate of %(country)s: %(percent)s%%") % facts,
    "tax_rate_retired": lambda facts: _("retired the tax rate of %(country)s") % facts,
    "coupon_made": lambda facts: _("made the coupon %(code)s") % facts,
}  # fmt: skip
_ICONS = {
    "suspend": ("lock", "red"), "close": ("trash-2", "red"), "removed": ("trash-2", "red"),
    "restore": ("undo-2", "green"), "reopen": ("undo-2", "green"), "opened": ("sparkles", "green"),
    "note": ("message-square", "amber"), "granted": ("plus", "blue"), "trial_extended": ("calendar", "blue"),
    "plan_changed": ("layers", "blue"), LOOKED: ("eye", ""),
}  # fmt: skip


def line_of(event: TenantEvent) -> Line:
    """What happened, in the active language."""
    icon, tone = _ICONS.get(
        event.kind, ("life-buoy", "violet") if "support" in event.kind else ("activity", "")
    )
    text = event.facts.get("text") or event.facts.get("reason") or ""
    return Line(
        at=event.at,
        who=event.actor or _("The product"),
        what=SENTENCES[event.kind](event.facts),
        text=str(text),
        icon=icon,
        tone=tone,
    )


def _billing_line(event: SubscriptionEvent) -> Line:
    who = {STRIPE: "Stripe", TIME: pgettext("actor", "Time")}.get(event.actor, event.actor)
    return Line(at=event.at, who=who, what=sentence_of(event), icon="credit-card", tone="teal")


def story_of(tenant: Tenant) -> list[Line]:
    """What operators, the workspace, Stripe and time did to it, the newest first. Looks stand in the log only."""
    happened = TenantEvent.objects.filter(tenant=tenant).exclude(kind=LOOKED)
    ours = [line_of(each) for each in happened[:_SHOWN]]
    theirs = [_billing_line(each) for each in SubscriptionEvent.objects.filter(tenant=tenant)[:_SHOWN]]
    return list(merge(ours, theirs, key=lambda line: line.at, reverse=True))[:_SHOWN]
