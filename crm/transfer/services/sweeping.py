"""Which workspaces have imports or exports to look after."""

from core.tenancy.hints import Hints
from crm.transfer.models import ExportJob, ExportState, ImportJob, ImportState

WORKING = {ImportState.READING, ImportState.CHECKING, ImportState.RUNNING, ImportState.UNDOING}
PACKING = {ExportState.WAITING, ExportState.RUNNING}
HINTS = Hints("transfer", seconds=(3600, 7200))


def set_hint(next_expiry: float | None) -> None:
    """After a look: nothing to do before `next_expiry` (seconds since 1970), unless work is open."""
    if not has_work():
        HINTS.set(next_expiry)
    # Work that began between the look and the hint would wait for it: look again.
    if has_work():
        HINTS.forget()


def has_work() -> bool:
    """Whether an import or an export is under way in this workspace."""
    imports = ImportJob.objects.filter(state__in=WORKING)
    return imports.exists() or ExportJob.objects.filter(state__in=PACKING).exists()
