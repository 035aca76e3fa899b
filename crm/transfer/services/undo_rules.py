"""What the general undo may not take back of an import."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from core.errors import NotAllowed
from core.history.models import Transaction
from crm.transfer.models import ImportJob


def refuse_undo_of_import(batch: UUID, by: Any) -> None:
    """Raises NotAllowed for an import's batch: its own page undoes it, as a job that keeps the ledger right.

    Nor may its undo be undone: the import would stand as taken back beside records that are there again.
    """
    if ImportJob.objects.filter(batch=batch).exists():
        raise NotAllowed(_("This came with an import. Take it back under Import."))
    undone = Transaction.objects.filter(batch=batch, undo_of__in=ImportJob.objects.values("batch"))
    if undone.exists():
        raise NotAllowed(_("This took an import back. Import the file again to have its records again."))
