"""Reading sent mails."""

import datetime as dt

from django.db.models import Q

from core.clock import start_of_day
from core.tenancy.scope import workspace_zone
from crm.activities.models import Activity, Kind


def recipients_in(period: str) -> int:
    """To how many addresses mails were sent in a month ('2026-11') of the workspace's zone, the bin's too."""
    zone = workspace_zone()
    year, month = map(int, period.split("-"))
    first = start_of_day(dt.date(year, month, 1), zone)
    after = start_of_day(dt.date(year + month // 12, month % 12 + 1, 1), zone)
    sent = Activity.everything.filter(Q(created_at__gte=first, created_at__lt=after), kind=Kind.MAIL)
    return sum(
        len(details.get("to", ())) + len(details.get("cc", ()))
        for details in sent.values_list("details", flat=True).iterator(chunk_size=2000)
    )
