"""Which workspaces have imports or exports to look after: found cheaply among a thousand.

A hint a workspace in the registry's cache says when somebody must look, in seconds since 1970; a sweep reads all
hints at once and looks only into workspaces whose hint is due or missing. Starting work forgets the hint. A hint
that is lost costs three small queries; one that is wrong lives for an hour or two at most.
"""

import random
from collections.abc import Iterable

from django.core.cache import caches
from django.db import transaction

from core.clock import now
from core.tenancy.scope import current
from crm.transfer.models import ExportJob, ExportState, ImportJob, ImportState

WORKING = {ImportState.READING, ImportState.CHECKING, ImportState.RUNNING, ImportState.UNDOING}
PACKING = {ExportState.WAITING, ExportState.RUNNING}
_HINT_SECONDS = (3600, 7200)
_NEVER = 0


def _key(schema: str) -> str:
    return f"transfer:{schema}"


def schemas_to_look_into(schemas: Iterable[str]) -> list[str]:
    """Those of the workspaces that have work, or of which nothing is known. One round trip to the cache."""
    keys = {_key(schema): schema for schema in schemas}
    hints = caches["registry"].get_many(list(keys))
    moment = now().timestamp()
    return [
        schema
        for key, schema in keys.items()
        if (hint := hints.get(key)) is None or (hint != _NEVER and hint <= moment)
    ]


def expect_work() -> None:
    """Once the transaction at hand commits, this workspace has work: the hint no longer holds."""
    key = _key(current().schema)
    transaction.on_commit(lambda: caches["registry"].delete(key))


def set_hint(next_expiry: float | None) -> None:
    """After a look: nothing to do before `next_expiry` (seconds since 1970), unless work is open."""
    key = _key(current().schema)
    if has_work():
        caches["registry"].delete(key)
        return
    # Not all at once: workspaces whose hints were made together would be looked into together.
    seconds = random.randint(*_HINT_SECONDS)
    caches["registry"].set(key, next_expiry or _NEVER, seconds)
    # Work that began between the look and the hint would wait for it: look again.
    if has_work():
        caches["registry"].delete(key)


def has_work() -> bool:
    """Whether an import or an export is under way in this workspace."""
    imports = ImportJob.objects.filter(state__in=WORKING)
    return imports.exists() or ExportJob.objects.filter(state__in=PACKING).exists()
