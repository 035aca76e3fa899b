"""How much of each limit a workspace uses: the one visible list of what is counted where."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.db.models import Sum

from core.entitlements import Limit
from core.records.types import record_types


def stocks() -> dict[Limit, Callable[[], int]]:
    """Counted in their own tables whenever somebody asks."""
    from tenants.people.selectors import seats_in_use

    return {Limit.SEATS: seats_in_use, Limit.RECORDS: count_records, Limit.STORAGE_BYTES: stored_bytes}


def recounts() -> dict[Limit, Callable[[str], int]]:
    """What a counter must say for a period ('2026-11'), from the records that it counts."""
    from crm.mail.selectors import recipients_in

    return {Limit.MAILS: recipients_in}


def count_records() -> int:
    """Of the main types, outside the bin."""
    return sum(_manager(kind).count() for kind in record_types() if kind.counted)


def stored_bytes() -> int:
    """Of attached files, the bin's too: they take their room until it is emptied."""
    from crm.documents.models import Attachment

    total = Attachment.everything.aggregate(total=Sum("size_bytes"))["total"]
    return int(total or 0)


def _manager(kind: Any) -> Any:
    return kind.living()


def failed_jobs(since: dt.datetime) -> int:
    """Imports and exports of the workspace at hand that failed since then (UTC), for the operator's list."""
    from crm.transfer.models import ExportJob, ExportState, ImportJob, ImportState

    imports = ImportJob.objects.filter(state=ImportState.FAILED, created_at__gte=since).count()
    return imports + ExportJob.objects.filter(state=ExportState.FAILED, created_at__gte=since).count()
