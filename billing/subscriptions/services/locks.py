"""What a smaller plan would lock. No network."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from billing.plans.models import AddOn
from billing.plans.rules import Booking
from billing.plans.selectors import version_of
from core.entitlements import FEATURE_WORDS, LIMIT_WORDS, Feature, Limit
from core.usage.counting import in_unit


@dataclass(frozen=True, slots=True)
class Lock:
    """sentence: what stops growing or is no longer there. from_: from when on (UTC)."""

    sentence: str
    from_: dt.datetime


def locks_of(wanted: Booking, usage: Mapping[Limit, int], *, from_: dt.datetime) -> list[Lock]:
    """Everything that what is used already exceeds, and every feature that the plan does not bring."""
    version = version_of(wanted.plan_key, wanted.version)
    add_ons = AddOn.objects.in_bulk(list(wanted.add_ons))
    locks = []
    for key, most in version.limits.items():
        limit = Limit(key)
        more = sum(
            add_ons[name].amount * quantity
            for name, quantity in wanted.add_ons.items()
            if name in add_ons and add_ons[name].limit == limit
        )
        have = usage.get(limit, 0)
        if most is not None and have > most + more:
            words = {
                "what": LIMIT_WORDS[limit],
                "used": in_unit(limit, have),
                "most": in_unit(limit, most + more),
            }
            sentence = _("%(what)s: %(used)s used of %(most)s. Nothing is deleted; nothing can be added.")
            locks.append(Lock(sentence % words, from_))
    for feature in Feature:
        if feature not in version.features and not any(
            add_ons[name].feature == feature for name in wanted.add_ons if name in add_ons
        ):
            locks.append(Lock(_("Not included: %(feature)s") % {"feature": FEATURE_WORDS[feature]}, from_))
    return locks
