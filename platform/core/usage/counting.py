"""Counting what is used, and refusing what there is no room for.

Two kinds. *Flows* (mails, API calls, runs) are rows of UsageCount, raised in the transaction that does the thing:
one is not there without the other. *Stocks* (seats, records, files) are never stored: their tables are counted.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.core.cache import cache
from django.db import models
from django.template.defaultfilters import filesizeformat
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from core.clock import today, zone_or_utc
from core.entitlements import LIMIT_WORDS, Limit, OverLimit, limit_of
from core.tenancy.scope import current, current_snapshot, peek
from core.usage.models import UsageCount

_DAILY = {Limit.API_CALLS}
_FLOWS = {Limit.MAILS, Limit.API_CALLS, Limit.AUTOMATION_RUNS}
_KEPT_SECONDS = 60
# So near the limit, a count from a minute ago is not good enough.
_NEAR = 0.9
# From here on people are warned.
NEARLY_FULL = 0.8
_NEAR_KEY, _NEAR_SECONDS = "usage:nearly-full", 600

_stocks: dict[Limit, Callable[[], int]] = {}
_recounts: dict[Limit, Callable[[str], int]] = {}


def use_counters(
    stocks: Mapping[Limit, Callable[[], int]], recounts: Mapping[Limit, Callable[[str], int]]
) -> None:
    """config's visible list. stocks: count the tables. recounts: what a flow must be, from its own records,

    for a period; asked nightly.
    """
    _stocks.clear()
    _stocks.update(stocks)
    _recounts.clear()
    _recounts.update(recounts)


def used(limit: Limit, *, exact: bool = True) -> int:
    """By the workspace at hand, in the limit's unit. exact=False: a stock may be up to a minute old."""
    if limit in _FLOWS:
        counted = UsageCount.objects.filter(key=limit, period=_period(limit))
        return counted.values_list("used", flat=True).first() or 0
    count = _stocks.get(limit)
    if count is None:
        return 0
    known = None if exact else cache.get(_key(limit))
    if known is None:
        known = count()
        cache.set(_key(limit), known, _KEPT_SECONDS)
    return int(known)


def remaining(limit: Limit) -> int | None:
    """Room that is left, in the limit's unit, never below 0; None for no limit."""
    most = limit_of(current_snapshot(), limit)
    return None if most is None else max(0, most - used(limit))


def require_room(limit: Limit, amount: int = 1) -> None:
    """For a stock that is about to grow. Raises OverLimit with a sentence that names the numbers.

    Where no tenant's snapshot is known (sign-up, provisioning) nothing is refused. Two at once may pass it by one
    each; whoever must be exact locks first.
    """
    scope = peek()
    if scope is None or scope.snapshot is None:
        return
    most = limit_of(scope.snapshot, limit)
    if most is None:
        return
    # Seats are few and cost money: they are counted each time.
    if limit != Limit.SEATS:
        expected = used(limit, exact=False) + amount
        if expected <= most * _NEAR:
            # So that many small ones within a minute are not each held against the same old count.
            cache.set(_key(limit), expected, _KEPT_SECONDS)
            return
    have = used(limit)
    if have + amount > most:
        raise OverLimit(_sentence(limit, most, have))


def spend(limit: Limit, amount: int = 1) -> None:
    """Count a flow, inside the caller's transaction. Raises OverLimit when the period has no room left."""
    scope = peek()
    most = limit_of(scope.snapshot, limit) if scope and scope.snapshot else None
    if _raise(limit, amount, most):
        return
    # The first of a period makes the row; two firsts at once are no harm.
    UsageCount.objects.bulk_create([UsageCount(key=limit, period=_period(limit))], ignore_conflicts=True)
    if not _raise(limit, amount, most):
        raise OverLimit(_sentence(limit, most or 0, used(limit)))


def _raise(limit: Limit, amount: int, most: int | None) -> int:
    """Rows raised: checking and raising are one statement, so two at once cannot both take the last one."""
    rows = UsageCount.objects.filter(key=limit, period=_period(limit))
    if most is not None:
        rows = rows.filter(used__lte=most - amount)
    return rows.update(used=models.F("used") + amount)


def reconcile() -> dict[Limit, int]:
    """Make each flow say what its own records say. What was corrected, by how much; empty as a rule."""
    corrected = {}
    for limit, recount in _recounts.items():
        period = _period(limit)
        truth = recount(period)
        row, _made = UsageCount.objects.get_or_create(key=limit, period=period)
        if row.used != truth:
            corrected[limit] = truth - row.used
            UsageCount.objects.filter(pk=row.pk, used=row.used).update(used=truth)
    UsageCount.objects.filter(_older_than_a_year()).delete()
    return corrected


def usage() -> dict[Limit, tuple[int, int | None]]:
    """Each limit with (used, most) of the workspace at hand."""
    snapshot = current_snapshot()
    # Seats are paid for one by one: they are counted each time.
    return {limit: (used(limit, exact=limit == Limit.SEATS), limit_of(snapshot, limit)) for limit in Limit}


def percent_used(have: int, most: int) -> int:
    """Whole percent, over 100 where there is more than the plan has room for; nothing of nothing is full."""
    return 100 * have // most if most else 100


def nearly_full() -> list[tuple[Limit, int]]:
    """Limits of which NEARLY_FULL or more is used, with the whole percentage, the fullest first.

    For a notice on every page: counted at most each ten minutes. Without seats, which are bought one by one.
    """
    counted: dict[str, int] | None = cache.get(_NEAR_KEY)
    if counted is None:
        counted = {str(limit): used(limit, exact=False) for limit in Limit if limit != Limit.SEATS}
        cache.set(_NEAR_KEY, counted, _NEAR_SECONDS)
    snapshot = current_snapshot()
    shares = []
    for key, have in counted.items():
        # The bounds are those of now: a larger plan takes the notice away at once.
        most = limit_of(snapshot, Limit(key))
        if most is not None and have and have >= most * NEARLY_FULL:
            shares.append((Limit(key), percent_used(have, most)))
    return sorted(shares, key=lambda each: -each[1])


def _key(limit: Limit) -> str:
    return f"usage:{limit}"


def _period(limit: Limit) -> str:
    snapshot = current().snapshot
    day = today(zone_or_utc(snapshot.time_zone) if snapshot else None)
    return f"{day:%Y-%m-%d}" if limit in _DAILY else f"{day:%Y-%m}"


def _older_than_a_year() -> models.Q:
    day = today()
    return models.Q(period__lt=f"{day.year - 1}-{day:%m}")


def _sentence(limit: Limit, most: int, have: int) -> str:
    words: dict[str, Any] = {
        "what": LIMIT_WORDS[limit],
        "most": in_unit(limit, most),
        "used": in_unit(limit, have),
    }
    return (
        _(
            "%(what)s: your plan has room for %(most)s, and %(used)s are used. What is there stays as it is; "
            "for more, take a larger plan under Settings → Billing."
        )
        % words
    )


def in_unit(limit: Limit, amount: int) -> str:
    """For people: bytes as MB or GB, others as they are."""
    if limit == Limit.STORAGE_BYTES:
        return filesizeformat(amount)
    return number_format(amount, use_l10n=True, force_grouping=True)
