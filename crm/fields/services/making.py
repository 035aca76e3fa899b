"""Making, changing and retiring the fields of a record type. Each is one change that can be undone."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from core.clock import now
from core.errors import Conflict, DomainError
from core.history.context import change
from core.outbox.sending import send_on_commit
from core.records.types import RecordType, record_types
from crm.fields.models import CustomField, FieldKind, FieldLayout, Ordering
from crm.fields.rules.definitions import COMPUTED_KINDS, SORTABLE_KINDS, TEXT_KINDS, letter_of, name_for
from crm.fields.rules.formulas import read_formula
from crm.fields.services.options import checked_options
from crm.fields.services.shaping import forget_shape
from crm.fields.services.volatile import HINTS

MOST_FIELDS = 150
MOST_SORTED = 12


@dataclass(frozen=True, slots=True)
class FieldForm:
    """What an administrator says of a field. options: texts by name, as the kind's form sends them."""

    label: str
    help: str = ""
    required: bool = False
    searched: bool = False
    sorted: bool = False
    options: Mapping[str, Any] | None = None


def make_field(
    kind: RecordType, field_kind: FieldKind, *, given: FieldForm, by: Any
) -> tuple[CustomField, UUID]:
    """A new field behind all others, and the batch. Raises DomainError, Conflict for a label that is taken."""
    with change(label=_("Made the field “%(name)s”") % {"name": given.label.strip()}, by=by) as entry:
        rows = _lock(kind)
        active = [each for each in rows if each.retired_at is None]
        if len(active) >= MOST_FIELDS:
            raise DomainError(
                _("A record type has at most %(count)d fields of its own.") % {"count": MOST_FIELDS}
            )
        options = checked_options(kind, field_kind, given=given.options or {}, name="")
        taken = {each.name for each in rows} | set(kind.by_name)
        field = CustomField(
            record_type=kind.key, kind=field_kind, name=name_for(given.label, taken), options=options,
            position=1 + max((each.position for each in rows), default=-1),
        )  # fmt: skip
        field.key = f"{letter_of(field_kind, options)}_{field.name}"
        _fill(kind, field, given, active)
        field.save(force_insert=True)
        _follow_up(kind, field, reindex=field.searched, derive=field_kind in COMPUTED_KINDS)
    forget_shape()
    return field, entry.batch


def change_field(kind: RecordType, field_id: UUID, *, given: FieldForm, by: Any) -> UUID:
    """Everything but the kind and the name; the batch. Values stay as they are. Raises DomainError."""
    with change(label=_("Changed the field “%(name)s”") % {"name": given.label.strip()}, by=by) as entry:
        rows = _lock(kind)
        field = _among(rows, field_id)
        before = (field.searched, field.ordering, dict(field.options), field.label)
        fixed = {name: field.options[name] for name in ("result", "target") if name in field.options}
        options = {**(given.options or {}), **fixed}
        field.options = checked_options(kind, FieldKind(field.kind), given=options, name=field.name)
        _fill(kind, field, given, [each for each in rows if each.retired_at is None and each.pk != field.pk])
        field.save()
        derive = field.kind in COMPUTED_KINDS and before[2] != field.options
        _follow_up(kind, field, reindex=before[0] != field.searched, derive=derive, ordering=before[1])
    forget_shape()
    return entry.batch


def retire_field(kind: RecordType, field_id: UUID, *, by: Any) -> UUID:
    """It is offered and shown no more; its values stay and come back with it. The batch.

    Raises DomainError while a formula reads it.
    """
    with change(label=_("Retired a field"), by=by) as entry:
        rows = _lock(kind)
        field = _among(rows, field_id)
        _refuse_in_use(rows, field)
        field.retired_at = now()
        field.save(update_fields=["retired_at"])
        if field.searched:
            send_on_commit("fields.reindex", kind.key)
    forget_shape()
    return entry.batch


def restore_field(kind: RecordType, field_id: UUID, *, by: Any) -> UUID:
    """A retired field is offered again, with the values it had; the batch. Raises Conflict for a taken label."""
    with change(label=_("Brought back a field"), by=by) as entry:
        rows = _lock(kind)
        field = _among(rows, field_id)
        others = [each for each in rows if each.retired_at is None and each.pk != field.pk]
        _refuse_twin(kind, field.label, others, own=field.name)
        field.retired_at = None
        field.save(update_fields=["retired_at"])
        _follow_up(kind, field, reindex=field.searched, derive=field.kind in COMPUTED_KINDS)
    forget_shape()
    return entry.batch


def _lock(kind: RecordType) -> list[CustomField]:
    """All fields of the type, held: names, numbers and circles are checked against what is there.

    What others remember of them goes at the commit, before any task that follows is sent.
    """
    forget_shape()
    lock_layout(kind.key)
    return list(
        CustomField.objects.select_for_update().filter(record_type=kind.key).order_by("position", "pk")
    )


def lock_layout(kind_key: str) -> FieldLayout:
    """The row that stands for the shape of a type, held; made when there is none."""
    FieldLayout.objects.get_or_create(record_type=kind_key)
    found: FieldLayout = FieldLayout.objects.select_for_update().get(record_type=kind_key)
    return found


def _among(rows: list[CustomField], field_id: UUID) -> CustomField:
    found = next((each for each in rows if each.pk == field_id), None)
    if found is None:
        raise Conflict(_("This field is gone. Reload the page to see what is there now."))
    return found


def _fill(kind: RecordType, field: CustomField, given: FieldForm, others: list[CustomField]) -> None:
    label = " ".join(given.label.split())
    if not label:
        raise DomainError(_("Give the field a name."), fields={"label": _("This is needed.")})
    if len(label) > 80:
        raise DomainError(_("At most 80 characters."), fields={"label": _("At most 80 characters.")})
    _refuse_twin(kind, label, others, own=field.name)
    field.label, field.help = label, given.help.strip()[:200]
    field.required = given.required and field.kind not in (*COMPUTED_KINDS, FieldKind.YES_NO)
    field.searched = given.searched and field.kind in TEXT_KINDS
    field.ordering = _ordering(field, given, others)


def _ordering(field: CustomField, given: FieldForm, others: list[CustomField]) -> Ordering:
    # Records that refer to one are asked for on its page: without an index each look would read them all.
    wanted = field.kind == FieldKind.LINK or (given.sorted and field.kind in SORTABLE_KINDS)
    if not wanted:
        return Ordering.NONE
    if field.ordering in (Ordering.READY, Ordering.WANTED):
        return Ordering(field.ordering)
    if sum(each.ordering != Ordering.NONE for each in others) >= MOST_SORTED and field.kind != FieldKind.LINK:
        message = _("Lists can be sorted by at most %(count)d own fields of a type.") % {"count": MOST_SORTED}
        raise DomainError(message, fields={"sorted": message})
    return Ordering.WANTED


def _refuse_twin(kind: RecordType, label: str, others: list[CustomField], own: str = "") -> None:
    labels = {str(each.label).casefold() for each in kind.fields if each.name != own}
    labels |= {each.label.casefold() for each in others}
    if label.casefold() in labels:
        message = _("There is already a field “%(name)s” here.") % {"name": label}
        raise Conflict(message, fields={"label": message})


def _refuse_in_use(rows: list[CustomField], field: CustomField) -> None:
    formulas = [each for each in rows if each.kind == FieldKind.FORMULA and each.retired_at is None]
    for each in formulas:
        if each.pk != field.pk and field.name in read_formula(each.options["text"]).names:
            words = {"name": field.label, "formula": each.label}
            raise DomainError(_("“%(formula)s” is worked out from “%(name)s”. Change it first.") % words)


def _follow_up(
    kind: RecordType, field: CustomField, *, reindex: bool, derive: bool, ordering: str = Ordering.NONE
) -> None:
    """What existing records need, in the background."""
    if reindex:
        send_on_commit("fields.reindex", kind.key)
    if derive:
        send_on_commit("fields.derive_all", kind.key)
        HINTS.expect_work()  # it may depend on the day, or does not any more
    if field.ordering == Ordering.WANTED:  # once more where it is wanted still: a second run changes nothing
        send_on_commit("fields.build_index", str(field.pk))
    if field.ordering == Ordering.NONE and ordering in (Ordering.READY, Ordering.WANTED, Ordering.FAILED):
        send_on_commit("fields.drop_index", str(field.pk))


def follow_undone_fields(touched: Mapping[str, Collection[UUID]]) -> None:
    """After an undo that wrote fields: what is worked out, found and sorted by follows them once more."""
    known = {kind.key: kind for kind in record_types()}
    for field in CustomField.objects.filter(pk__in=touched.get(CustomField._meta.db_table, ())):
        if field.record_type in known:
            derive = field.kind in COMPUTED_KINDS and field.retired_at is None
            kind, reindex = known[field.record_type], field.kind in TEXT_KINDS
            _follow_up(kind, field, reindex=reindex, derive=derive, ordering=Ordering.READY)


def move_fields(kind: RecordType, names: list[str]) -> None:
    """Put the type's own fields in this order; those that are not named stay behind."""
    with transaction.atomic():
        rows = _lock(kind)
        place = {name: number for number, name in enumerate(names)}
        last = max((each.position for each in rows), default=0)
        for each in rows:
            position = place.get(each.name, last + 1)
            if each.position != position:
                each.position = position
                each.save(update_fields=["position"])
    forget_shape()
