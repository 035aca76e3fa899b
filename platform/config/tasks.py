"""Work of the installation that concerns every room: sending what waits, emptying the bins."""

import datetime as dt
from functools import partial

from django.apps import apps
from django.db import models, transaction
from django.utils.translation import gettext as _

from core.clock import now
from core.history.context import change
from core.outbox.sending import HINTS
from core.records.models import Record, SearchDocument
from core.tenancy.tasks import public_task, send_named, tenant_task
from crm.activities.models import Activity, Task
from crm.documents.models import Attachment
from tenants.registry.selectors import ready_schemas
from web.records.bin import KEPT_DAYS

_AT_ONCE = 500
# They point at a record by type and id; no foreign key takes them along.
_HANGING_ON_RECORDS = (Attachment, Activity, Task)


@public_task(name="config.send_late_everywhere")
def send_late_everywhere() -> int:
    """Twice a minute: a task for each workspace where tasks wait to be sent. A second run sends the same ones."""
    waiting = HINTS.due_among(ready_schemas())
    for schema in waiting:
        send_named("outbox.send_late", schema)
    return len(waiting)


@public_task(name="config.empty_bins")
def empty_bins() -> int:
    """Once a day: send every workspace its own sweep. A second run sends them again, harmlessly."""
    schemas = list(ready_schemas())
    for schema in schemas:
        empty_bin.delay(schema)
    return len(schemas)


@tenant_task(name="config.empty_bin")
def empty_bin(tenant: str) -> int:
    """Remove for good what has lain in the bin for KEPT_DAYS. A second run finds nothing."""
    return remove_binned()


def remove_binned() -> int:
    """In the workspace at hand. The changes stay in the history; stored files go with their rows."""
    before = now() - dt.timedelta(days=KEPT_DAYS)
    removed = 0
    for model in apps.get_models():
        if issubclass(model, Record):
            removed += _remove(model, before)
    return removed


def _remove(model: type[Record], before: dt.datetime) -> int:
    removed = 0
    while True:
        with change(label=_("Emptied the bin"), via="job"):
            # Locked: a record that somebody restores at this moment stays.
            old = model.everything.select_for_update(skip_locked=True).filter(deleted_at__lt=before)
            batch = list(old.order_by("pk")[:_AT_ONCE])
            for dependent in _HANGING_ON_RECORDS:
                _remove_rows(list(dependent.everything.filter(target_id__in=[each.pk for each in batch])))
            _remove_rows(batch)
        removed += len(batch)
        if len(batch) < _AT_ONCE:
            return removed


def _remove_rows(records: list[Record]) -> None:
    """The rows, what they are found by, and after the commit their files."""
    if not records:
        return
    ids = [record.pk for record in records]
    for record in records:
        for stored in _files_of(record):
            transaction.on_commit(partial(stored.storage.delete, stored.name))
    type(records[0]).everything.filter(pk__in=ids).delete()
    SearchDocument.objects.filter(pk__in=ids).delete()


def _files_of(record: Record) -> list[models.fields.files.FieldFile]:
    fields = [each for each in record._meta.get_fields() if isinstance(each, models.FileField)]
    return [stored for each in fields if (stored := getattr(record, each.name))]
