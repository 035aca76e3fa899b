"""Every log line names its tenant."""

import logging

from core.tenancy.scope import peek


class ScopeFilter(logging.Filter):
    """Adds `tenant`: the schema in force, or that of the request a line speaks of, or '-'."""

    def filter(self, record: logging.LogRecord) -> bool:
        # Django speaks of refused requests after their scope has ended; the record then holds the request.
        place = peek() or getattr(getattr(record, "request", None), "tenant", None)
        record.tenant = place.schema if place else "-"
        return True
