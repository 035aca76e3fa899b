"""What the pages of billing say: plain values for the templates."""

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from billing.gateway.plain import InvoiceAsIs
from billing.plans.models import Coupon, PlanVersion
from billing.plans.selectors import NotForSale, price_of, version_of
from billing.subscriptions.models import REASON_WORDS, STATE_WORDS, Subscription
from billing.subscriptions.rules.changes import Kind
from billing.subscriptions.rules.standing import State, steps_ahead
from billing.subscriptions.services.codes import CodeOffer
from billing.subscriptions.services.offers import Offer
from billing.subscriptions.views.invoice_words import day, line_text
from core.clock import now
from core.entitlements import FEATURE_WORDS, LIMIT_WORDS, Feature, Limit, limit_of
from core.money import format_minor
from core.tenancy.snapshot import Snapshot
from core.usage.counting import NEARLY_FULL, in_unit

_FULL_SHARE = 1.0


@dataclass(frozen=True)
class Meter:
    """One line of usage. percent: 0 to 100. tone: '', amber or red. note: what follows from it."""

    label: str
    used: str
    most: str
    percent: int
    tone: str
    note: str


@dataclass(frozen=True)
class Row:
    """A line of money. strong: a total."""

    text: str
    amount: str
    strong: bool = False


@dataclass(frozen=True)
class OfferWords:
    """What the right panel says of a wish."""

    heading: str
    now_heading: str
    now_rows: Sequence[Row]
    then_heading: str
    then_rows: Sequence[Row]
    locks: Sequence[str]
    locks_heading: str
    button: str
    hint: str
    token: str
    starts: bool
    nothing: bool


def meters(usage: Mapping[Limit, int], snapshot: Snapshot) -> list[Meter]:
    """Of every limit that there is or that something is used of."""
    found = []
    for limit in Limit:
        most, used = limit_of(snapshot, limit), usage.get(limit, 0)
        if limit in (Limit.API_CALLS, Limit.AUTOMATION_RUNS) and not used:
            continue
        share = used / most if most else (1.0 if most == 0 and used else 0.0)
        tone = (
            "red"
            if share >= _FULL_SHARE and limit != Limit.SEATS
            else "amber"
            if share >= NEARLY_FULL
            else ""
        )
        if limit == Limit.SEATS:
            tone = ""
        note = ""
        if tone == "red":
            note = _("Full: nothing can be added until there is room. What is there stays.")
        elif tone == "amber":
            note = _("Nearly full. A larger plan has more room.")
        found.append(
            Meter(
                str(LIMIT_WORDS[limit]),
                in_unit(limit, used),
                in_unit(limit, most) if most is not None else _("no limit"),
                min(100, round(share * 100)),
                tone,
                note,
            )
        )
    return found


def plan_sentence(subscription: Subscription) -> str:
    """'$39 a month with 3 seats, $12 each further seat · billed in USD'."""
    version = subscription.plan_version
    try:
        price = price_of(version, subscription.currency, subscription.interval)
    except NotForSale:
        return ""
    return price_sentence(
        version, price.base_minor, price.seat_minor, subscription.currency, subscription.interval
    )


def price_sentence(version: PlanVersion, base: int, seat: int, currency: str, interval: str) -> str:
    words = {
        "base": format_minor(base, currency, trim=True),
        "seat": format_minor(seat, currency, trim=True),
        "count": version.included_seats,
    }
    if interval == "year":
        text = ngettext(
            "%(base)s a year with %(count)d seat, %(seat)s a year each further seat",
            "%(base)s a year with %(count)d seats, %(seat)s a year each further seat",
            version.included_seats,
        )
    else:
        text = ngettext(
            "%(base)s a month with %(count)d seat, %(seat)s each further seat",
            "%(base)s a month with %(count)d seats, %(seat)s each further seat",
            version.included_seats,
        )
    return text % words


def brings(version: PlanVersion) -> list[tuple[bool, str]]:
    """(included, what) of a plan, for the comparison."""
    lines: list[tuple[bool, str]] = []
    if version.max_seats is not None:
        lines.append((True, _("up to %(count)d seats") % {"count": version.max_seats}))
    else:
        lines.append((True, _("any number of seats")))
    words = {
        Limit.RECORDS: _("%(amount)s records"),
        Limit.STORAGE_BYTES: _("%(amount)s for files"),
        Limit.MAILS: _("%(amount)s mails a month"),
        Limit.API_CALLS: _("%(amount)s API calls a day"),
    }
    for limit, text in words.items():
        most = version.limits.get(limit)
        if limit == Limit.API_CALLS and Feature.API not in version.features:
            continue
        lines.append((True, text % {"amount": in_unit(limit, most)} if most is not None else _("no limit")))
    for feature in Feature:
        lines.append((feature in version.features, str(FEATURE_WORDS[feature])))
    return lines


def standing_words(subscription: Subscription) -> dict[str, Any]:
    """The banner on top: what is, why, and what comes when if nothing is done."""
    standing = subscription.standing
    at = subscription.clock_at or now()
    ahead = steps_ahead(standing)[1:]
    words: dict[str, Any] = {
        "state": str(STATE_WORDS[standing.state]),
        "reason": str(REASON_WORDS[standing.reason]),
        "ahead": [(str(STATE_WORDS[each.state]), day(each.since)) for each in ahead],
        "tone": "",
        "sentence": "",
    }
    if standing.state == State.TRIAL and standing.deadline:
        left = max(0, math.ceil((standing.deadline - at) / dt.timedelta(days=1)))
        words["sentence"] = ngettext(
            "Trial, %(count)d day left. It ends on %(day)s and nothing is charged unless you subscribe.",
            "Trial, %(count)d days left. It ends on %(day)s and nothing is charged unless you subscribe.",
            left,
        ) % {"count": left, "day": day(standing.deadline)}
        words["tone"] = "blue"
    elif standing.state not in (State.ACTIVE, State.TRIAL):
        words["sentence"] = _standing_sentence(standing.state) % {"day": day(standing.deadline)}
        if standing.state == State.PAST_DUE:
            words["reason"] = ""  # its sentence begins with it
        words["tone"] = "amber" if standing.state in (State.PAST_DUE, State.LIMITED) else "red"
    elif subscription.cancel_at:
        words["sentence"] = _("Cancelled: everything works until %(day)s, then nothing more is charged.") % {
            "day": day(subscription.cancel_at)
        }
        words["tone"] = "amber"
    return words


def _standing_sentence(state: State) -> str:
    return {
        State.PAST_DUE: _(
            "A payment failed. Everything works until %(day)s; please pay or give another card."
        ),
        State.LIMITED: _("Invitations and imports are locked. From %(day)s nothing can be changed any more."),
        State.READ_ONLY: _("Everything can be read and taken out, nothing changed. Suspended from %(day)s."),
        State.SUSPENDED: _("Only this page and the export work. The workspace is closed on %(day)s."),
        State.CLOSED: _("The workspace is closed."),
    }[state]


def offer_words(offer: Offer, subscription: Subscription) -> OfferWords:
    """The exact amounts, now and then."""
    currency = offer.booking.currency
    yearly = offer.booking.interval == "year"
    then = _("each year") if yearly else _("each month")
    due = offer.due_now
    now_rows = _rows(due, currency) if due is not None else []
    return OfferWords(
        heading=_booking_heading(offer, subscription),
        now_heading=_("Today, %(day)s") % {"day": day(offer.at)} if due is not None else "",
        now_rows=now_rows,
        then_heading=_("From %(day)s, %(then)s") % {"day": day(offer.charge_at), "then": then},
        then_rows=_then_rows(offer, currency),
        locks=[lock.sentence for lock in offer.locks],
        locks_heading=_("What locks on %(day)s") % {"day": day(offer.effective_at)},
        button=_button(offer, currency),
        hint=_hint(offer),
        token=offer.token,
        starts=offer.kind == Kind.START,
        nothing=offer.kind == Kind.NONE,
    )


@dataclass(frozen=True, slots=True)
class CodeWords:
    """What a code would change. shown_minor: goes back with the form."""

    code: str
    sentence: str
    rows: list[Row]
    replaces: str
    shown_minor: int


def code_words(offered: CodeOffer) -> CodeWords:
    """The next charge without and with the code."""
    before, after = offered.before, offered.after
    rows = [
        Row(_("Without the code"), format_minor(before.due_minor, before.currency)),
        Row(
            _("Charged on %(day)s") % {"day": day(offered.charge_at)},
            format_minor(after.due_minor, after.currency),
            strong=True,
        ),
    ]
    replaces = _("It takes the place of %(code)s.") % {"code": offered.replaces} if offered.replaces else ""
    return CodeWords(offered.coupon.code, coupon_sentence(offered.coupon), rows, replaces, after.due_minor)


def coupon_sentence(coupon: Coupon) -> str:
    """'SPRING: 20% off, for 3 months'."""
    off = off_of(coupon)
    months = coupon.months or 0
    how_long = {
        Coupon.Duration.ONCE: _("the first invoice"),
        Coupon.Duration.FOREVER: _("every invoice"),
        Coupon.Duration.REPEATING: ngettext("%(count)d month", "%(count)d months", months)
        % {"count": months},
    }[Coupon.Duration(coupon.duration)]
    return _("%(code)s: %(off)s off, %(how_long)s") % {"code": coupon.code, "off": off, "how_long": how_long}


def off_of(coupon: Coupon) -> str:
    """'20%' or '$5'."""
    if coupon.percent_off is not None:
        return f"{coupon.percent_off.normalize():f}%"
    return format_minor(coupon.amount_off_minor or 0, coupon.currency, trim=True)


def _booking_heading(offer: Offer, subscription: Subscription) -> str:
    version = version_of(offer.booking.plan_key, offer.booking.version)
    words = {
        "plan": str(version.plan),
        "interval": _("yearly") if offer.booking.interval == "year" else _("monthly"),
        "count": offer.booking.seats,
    }
    text = ngettext(
        "%(plan)s, %(interval)s, %(count)d seat",
        "%(plan)s, %(interval)s, %(count)d seats",
        offer.booking.seats,
    )
    return text % words


def _then_rows(offer: Offer, currency: str) -> list[Row]:
    """A whole period; where the first one costs something else, for a discount or credit that ends with it, both."""
    whole = offer.recurring.total_minor
    first = whole if offer.first is None else offer.first.due_minor
    rows = _rows(offer.recurring, currency, total=False)
    charged = _("Charged on %(day)s") % {"day": day(offer.charge_at)}
    rows.append(Row(charged, format_minor(first, currency), strong=True))
    if first != whole:
        rows.append(Row(_("Charged each time after that"), format_minor(whole, currency)))
    return rows


def _button(offer: Offer, currency: str) -> str:
    if offer.kind == Kind.START:
        return _("Continue to the card")
    if offer.kind == Kind.LATER:
        return _("Change on %(day)s") % {"day": day(offer.effective_at)}
    if offer.due_now is not None and offer.due_now.due_minor > 0:
        return _("Confirm and pay %(money)s") % {"money": format_minor(offer.due_now.due_minor, currency)}
    return _("Confirm")


def _hint(offer: Offer) -> str:
    if offer.kind == Kind.START:
        if offer.due_now is None:
            return _("The trial goes on; the first charge comes when it ends. You can cancel until then.")
        return _("Charged once the card is entered. You can cancel at any time for the end of the period.")
    if offer.kind == Kind.LATER:
        return _("Nothing changes before that day, and you can take this back until then.")
    if offer.kind == Kind.NOW:
        return _("Worked out to the second. What is unused of the period that has been paid is given back.")
    return ""


def _rows(invoice: InvoiceAsIs, currency: str, *, total: bool = True) -> list[Row]:
    rows = [Row(line_text(line), format_minor(line.amount_minor, currency)) for line in invoice.lines]
    if invoice.discount_minor:
        rows.append(Row(_("Discount"), format_minor(-invoice.discount_minor, currency)))
    if invoice.tax_minor:
        rows.append(Row(_("Tax"), format_minor(invoice.tax_minor, currency)))
    credit = invoice.total_minor - invoice.due_minor
    if total and credit and invoice.total_minor > 0:
        rows.append(Row(_("Credit"), format_minor(-credit, currency)))
    if total and invoice.total_minor < 0:
        rows.append(
            Row(_("Credit for later charges"), format_minor(-invoice.total_minor, currency), strong=True)
        )
    elif total:
        rows.append(Row(_("Charged today"), format_minor(invoice.due_minor, currency), strong=True))
    return rows
