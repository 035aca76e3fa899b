"""Background work of this room: what existing records need after a field was made or changed."""

from django.db import OperationalError
from django.utils.translation import gettext as _

from core.history.context import change
from core.records.search import reindex
from core.records.types import record_type
from core.tenancy.tasks import public_task, send_named, tenant_task
from crm.fields.models import CustomField, FieldKind, Ordering
from crm.fields.services.deriving import derive_everything
from crm.fields.services.roll_ups import refresh_everything
from crm.fields.services.shaping import definition_of, forget_shape
from crm.fields.services.volatile import HINTS, derive_volatile
from tenants.registry.provisioning.indexes import IndexBusy, IndexFailed, build_value_index, drop_value_index
from tenants.registry.selectors import ready_schemas


@tenant_task(name="fields.reindex")
def reindex_type(tenant: str, key: str) -> int:
    """The search documents of all records of a type. A second run writes the same."""
    return reindex(record_type(key))


@tenant_task(name="fields.derive_all")
def derive_all(tenant: str, key: str) -> int:
    """Formulas, roll-ups and sort keys of all records of a type. A second run changes nothing."""
    return derive_everything(key)


@tenant_task(name="fields.refresh_roll_ups")
def refresh_roll_ups(tenant: str, key: str) -> int:
    """After a mass write to records of a type: every roll-up over them. A second run changes nothing."""
    return refresh_everything(key)


@tenant_task(name="fields.build_index", autoretry_for=(IndexBusy, OperationalError), retry_backoff=5)
def build_index(tenant: str, field_id: str) -> None:
    """Where the migrator's login is: the index that lists are sorted by. A second run finds it there."""
    field = CustomField.objects.filter(pk=field_id).first()
    if field is None or field.ordering == Ordering.NONE:
        return
    kind, one = record_type(field.record_type), definition_of(field)
    if one.key.startswith("t_"):
        # The keys that texts are sorted by come with the index: while it is built records begin to have them.
        _set(field, Ordering.READY)
        derive_everything(kind.key)
    try:
        build_value_index(tenant, kind.table, one.sort_path if field.kind != FieldKind.LINK else one.path)
    except IndexFailed:
        _set(field, Ordering.FAILED)
        raise
    _set(field, Ordering.READY)


@tenant_task(name="fields.drop_index")
def drop_index(tenant: str, field_id: str) -> None:
    """Where the migrator's login is. A second run finds none."""
    field = CustomField.objects.filter(pk=field_id, ordering=Ordering.NONE).first()
    if field is not None:
        one = definition_of(field)
        drop_value_index(tenant, record_type(field.record_type).table, one.sort_path)


def _set(field: CustomField, ordering: Ordering) -> None:
    with change(label=_("Prepared the field “%(name)s” for sorting") % {"name": field.label}, via="job"):
        CustomField.objects.filter(pk=field.pk).exclude(ordering=Ordering.NONE).update(ordering=ordering)
    forget_shape()


@public_task(name="fields.derive_volatile_everywhere")
def derive_volatile_everywhere() -> int:
    """Every ten minutes: a task for each workspace whose day has turned. A second run sends the same ones."""
    due = HINTS.due_among(ready_schemas())
    for schema in due:
        send_named("fields.derive_volatile", schema)
    return len(due)


@tenant_task(name="fields.derive_volatile")
def derive_volatile_here(tenant: str) -> int:
    """Formulas that ask for the day. A second run on one day changes nothing."""
    return derive_volatile()
