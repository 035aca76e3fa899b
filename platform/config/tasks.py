"""Work of the installation that concerns every room: emptying the bins."""

import datetime as dt
from functools import partial

from django.apps import apps
from django.db import models, transaction
from django.utils.translation import gettext as _

from core.clock import now
from core.history.context import change
from core.records.models import Record, SearchDocument
from core.tenancy.tasks import public_task, tenant_task
from tenants.registry.models import Tenant, TenantState
from web.records.bin import KEPT_DAYS

_AT_ONCE = 500


@public_task(name="config.empty_bins")
def empty_bins() -> int:
    """Once a day: send every workspace its own sweep. A second run sends them again, harmlessly."""
    schemas = list(Tenant.objects.filter(state=TenantState.READY).values_list("schema_name", flat=True))
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
    old = model.everything.filter(deleted_at__lt=before).order_by("pk")
    while batch := list(old[:_AT_ONCE]):
        ids = [record.pk for record in batch]
        with change(label=_("Emptied the bin"), via="job"):
            for record in batch:
                for stored in _files_of(record):
                    transaction.on_commit(partial(stored.storage.delete, stored.name))
            model.everything.filter(pk__in=ids).delete()
            SearchDocument.objects.filter(pk__in=ids).delete()
        removed += len(ids)
    return removed


def _files_of(record: Record) -> list[models.fields.files.FieldFile]:
    fields = [each for each in record._meta.get_fields() if isinstance(each, models.FileField)]
    return [stored for each in fields if (stored := getattr(record, each.name))]
