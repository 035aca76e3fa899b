"""Every log line names its tenant."""

import logging

from core.tenancy.scope import peek


class ScopeFilter(logging.Filter):
    """Adds `tenant`: the schema in force, or '-'."""

    def filter(self, record: logging.LogRecord) -> bool:
        scope = peek()
        record.tenant = scope.schema if scope else "-"
        return True
