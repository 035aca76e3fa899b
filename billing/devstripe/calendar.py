"""Time: what time it is for an object, and where periods end."""

import calendar
import datetime as dt
import time
from typing import Any

from billing.devstripe.models import Account
from billing.devstripe.store import clock_of, find

HOUR, DAY = 3600, 86400


def now_for(account: Account, customer_id: str) -> int:
    """The customer's test clock, else real time; seconds since 1970."""
    if customer_id:
        clock_id = clock_of(account, {"object": "x", "customer": customer_id})
        clock = find(account, "test_helpers.test_clock", clock_id) if clock_id else None
        if clock is not None:
            return int(clock["frozen_time"])
    return int(time.time())


def add_interval(anchor: int, interval: str, count: int) -> int:
    """The moment `count` intervals after the anchor; the anchor's day of the month, or the month's last.

    Source: docs.stripe.com/billing/subscriptions/billing-cycle, "a subscription anchored on the 31st".
    """
    start = dt.datetime.fromtimestamp(anchor, dt.UTC)
    if interval == "day":
        return anchor + count * DAY
    if interval == "week":
        return anchor + 7 * count * DAY
    months = count * (12 if interval == "year" else 1)
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    day = min(start.day, calendar.monthrange(year, month + 1)[1])
    return int(start.replace(year=year, month=month + 1, day=day).timestamp())


def period_after(anchor: int, interval: str, at: int) -> int:
    """The first period end after `at`, counted from the anchor."""
    count = 1
    while (end := add_interval(anchor, interval, count)) <= at:
        count += 1
    return end


def interval_of(price: dict[str, Any]) -> str:
    return str(price["recurring"]["interval"])
