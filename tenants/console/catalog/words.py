"""The catalogue in words: contents of versions, what a draft changes, and what Stripe knows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.plans.models import AddOn, PlanVersion
from billing.plans.rules import BASE, Change, differences
from billing.plans.selectors import content_of
from core.entitlements import FEATURE_WORDS, LIMIT_WORDS, Feature, Limit
from core.money import format_minor
from tenants.console.catalog.forms import PLAN_LIMITS
from tenants.console.catalog.syncing import Sync

SYNC_WORDS = {
    Sync.THERE: (gettext_lazy("At Stripe"), "ok"),
    Sync.MISSING: (gettext_lazy("Not at Stripe yet"), "amber"),
    Sync.DIFFERS: (gettext_lazy("Another amount at Stripe"), "red"),
    Sync.UNKNOWN: (gettext_lazy("Stripe does not answer"), ""),
}


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One difference for people. was, becomes: '–' where there is none."""

    what: str
    was: str
    becomes: str


@dataclass(frozen=True, slots=True)
class PriceLine:
    """A price of one currency and interval. states: (role, words, tone of the badge) for each of its amounts."""

    currency: str
    interval: str
    amounts: str
    states: list[tuple[str, str, str]]


def limit_text(limit: str, most: int | None) -> str:
    """'50 GB', '10,000', 'no limit'."""
    if most is None:
        return _("no limit")
    return filesizeformat(most) if limit == Limit.STORAGE_BYTES else number_format(most, force_grouping=True)


def limits_in_words(version: PlanVersion) -> list[tuple[str, str]]:
    """(what, how much) of each limit."""
    return [(str(LIMIT_WORDS[each]), limit_text(each, version.limits.get(each))) for each in PLAN_LIMITS]


def features_in_words(keys: Sequence[str]) -> list[str]:
    """Those that this release knows."""
    return [str(word) for key, word in FEATURE_WORDS.items() if key in set(keys)]


def brings(add_on: AddOn) -> str:
    """'Records +50,000', or a feature."""
    if add_on.feature in set(Feature):
        return str(FEATURE_WORDS[Feature(add_on.feature)])
    if add_on.limit in set(Limit):
        return f"{LIMIT_WORDS[Limit(add_on.limit)]} +{limit_text(add_on.limit, add_on.amount)}"
    return ""


def changes_in_words(before: PlanVersion | None, draft: PlanVersion) -> list[ChangeLine]:
    """Exactly what publishing the draft changes for new customers."""
    found = differences(content_of(before) if before else None, content_of(draft))
    return [_line(each) for each in found]


def price_lines(version: PlanVersion, states: dict[str, Sync], wanted: Sequence[Any]) -> list[PriceLine]:
    """A line for each currency and interval. wanted: of syncing.wanted_of_version."""
    lines = []
    for price in version.prices.order_by("currency", "interval"):
        base = format_minor(price.base_minor, price.currency, trim=True)
        seat = format_minor(price.seat_minor, price.currency, trim=True)
        lines.append(
            PriceLine(
                price.currency,
                str(price.get_interval_display()),
                _("%(base)s, each further seat %(seat)s") % {"base": base, "seat": seat},
                [
                    (_role(each.role), *_sync_words(states[each.lookup_key]))
                    for each in wanted
                    if (each.currency, each.interval) == (price.currency, price.interval)
                ],
            )
        )
    return lines


def _sync_words(state: Sync) -> tuple[str, str]:
    words, tone = SYNC_WORDS[state]
    return str(words), tone


def _role(role: str) -> str:
    return _("Base") if role == BASE else _("Seat")


def _line(change: Change) -> ChangeLine:
    if change.kind == "price":
        currency, interval, role = change.about.split()
        what = _("Price in %(currency)s, %(interval)s, %(role)s") % {
            "currency": currency,
            "interval": _("monthly") if interval == "month" else _("yearly"),
            "role": _("with the included seats") if role == BASE else _("each further seat"),
        }
        return ChangeLine(what, _money(change.before, currency), _money(change.after, currency))
    if change.kind == "limit":
        shown = [limit_text(change.about, each) for each in (change.before, change.after)]
        return ChangeLine(str(LIMIT_WORDS[Limit(change.about)]), *shown)
    if change.kind == "feature":
        known = change.about in set(Feature)
        what = str(FEATURE_WORDS[Feature(change.about)]) if known else change.about
        return ChangeLine(what, *(_("yes") if each else _("no") for each in (change.before, change.after)))
    what = _("Seats in the base price") if change.kind == "included_seats" else _("Seats at most")
    return ChangeLine(what, *(limit_text("", each) for each in (change.before, change.after)))


def _money(minor: int | None, currency: str) -> str:
    return _("not sold") if minor is None else format_minor(minor, currency)
