"""The time. Stored in UTC, shown in the workspace's or the person's zone."""

import datetime as dt
import zoneinfo

from django.utils import timezone


def now() -> dt.datetime:
    """The present moment, aware, in UTC."""
    return timezone.now()


def today(zone: dt.tzinfo | None = None) -> dt.date:
    """The calendar date in `zone` (default: the zone that is active for this request)."""
    return timezone.localdate(timezone=zone)


def start_of_day(day: dt.date, zone: dt.tzinfo | None = None) -> dt.datetime:
    """The first moment of `day` in `zone`, aware."""
    return dt.datetime.combine(day, dt.time(), tzinfo=zone or timezone.get_current_timezone())


def zone_or_utc(name: str) -> dt.tzinfo:
    """The named IANA zone; UTC when the name is unknown (a removed alias must not lock people out)."""
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return dt.UTC
