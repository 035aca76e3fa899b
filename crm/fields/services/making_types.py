"""Making, changing and retiring record types of the workspace's own. No table is made for them."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from core.clock import now
from core.errors import Conflict, DomainError
from core.history.context import change
from core.records.types import record_types
from crm.customize.services.picklists import add_option
from crm.fields.models import CustomField, CustomType, FieldKind
from crm.fields.rules.definitions import slug_for, stage_list
from crm.fields.services.making import lock_layout
from crm.fields.services.shaping import forget_shape

MOST_TYPES = 30
ICONS = (
    "package", "building-2", "house", "users", "calendar", "clock", "database", "file-text", "flag", "folder",
    "globe", "handshake", "hard-drive", "image", "key-round", "layers", "map-pin", "message-square", "monitor",
    "receipt", "shield", "star", "tag", "target", "wallet", "zap",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class TypeForm:
    """What an administrator says of a record type. stages: names, in order; only for a new type."""

    label: str
    label_plural: str
    icon: str = "package"
    title_label: str = ""
    has_stages: bool = False
    in_menu: bool = True
    stages: tuple[str, ...] = ()


def make_type(*, given: TypeForm, by: Any) -> tuple[CustomType, UUID]:
    """A new record type and the batch. Raises DomainError, Conflict for a name that is taken."""
    with change(label=_("Made the record type “%(name)s”") % {"name": given.label.strip()}, by=by) as entry:
        rows = _lock()
        if sum(each.retired_at is None for each in rows) >= MOST_TYPES:
            raise DomainError(
                _("A workspace has at most %(count)d record types of its own.") % {"count": MOST_TYPES}
            )
        slug = slug_for(
            given.label_plural, {each.slug for each in rows} | {kind.slug for kind in record_types()}
        )
        made = CustomType(slug=slug, key=slug.replace("-", "_"), position=len(rows))
        _fill(made, given)
        made.save(force_insert=True)
        for label in given.stages if given.has_stages else ():
            add_option(stage_list(made.key), label)
    forget_shape()
    return made, entry.batch


def change_type(type_id: UUID, *, given: TypeForm, by: Any) -> UUID:
    """Its names, icon and place; the batch. Key and address stay. Raises DomainError, Conflict."""
    with change(
        label=_("Changed the record type “%(name)s”") % {"name": given.label.strip()}, by=by
    ) as entry:
        changed = _among(_lock(), type_id)
        _fill(changed, given)
        changed.save()
    forget_shape()
    return entry.batch


def retire_type(type_id: UUID, *, by: Any) -> UUID:
    """It is offered and shown no more; its records stay and come back with it. The batch.

    Raises DomainError while a field of another type refers to it or sums it up.
    """
    with change(label=_("Retired a record type"), by=by) as entry:
        retired = _among(_lock(), type_id)
        _refuse_in_use(retired)
        retired.retired_at = now()
        retired.save(update_fields=["retired_at"])
    forget_shape()
    return entry.batch


def restore_type(type_id: UUID, *, by: Any) -> UUID:
    """A retired type is offered again, with its records; the batch. Raises Conflict for a name that is taken."""
    with change(label=_("Brought back a record type"), by=by) as entry:
        restored = _among(_lock(), type_id)
        _refuse_twin(restored.label_plural, but=restored.key)
        restored.retired_at = None
        restored.save(update_fields=["retired_at"])
    forget_shape()
    return entry.batch


def _lock() -> list[CustomType]:
    """All of them, held; what others remember goes at the commit."""
    forget_shape()
    lock_layout("*")
    return list(CustomType.objects.select_for_update().order_by("position", "pk"))


def _among(rows: list[CustomType], type_id: UUID) -> CustomType:
    found = next((each for each in rows if each.pk == type_id), None)
    if found is None:
        raise Conflict(_("This record type is gone. Reload the page to see what is there now."))
    return found


def _fill(one: CustomType, given: TypeForm) -> None:
    for name in ("label", "label_plural"):
        text = " ".join(getattr(given, name).split())
        if not text or len(text) > 60:
            raise DomainError(
                _("Give it a name of at most 60 characters."), fields={name: _("This is needed.")}
            )
        setattr(one, name, text)
    _refuse_twin(one.label_plural, but=one.key)
    one.icon = given.icon if given.icon in ICONS else "package"
    one.title_label = " ".join(given.title_label.split())[:60]
    one.has_stages, one.in_menu = given.has_stages, given.in_menu


def _refuse_twin(label_plural: str, *, but: str) -> None:
    taken = {str(kind.label_plural).casefold() for kind in record_types() if kind.key != but}
    if label_plural.casefold() in taken:
        message = _("There are already records called “%(name)s”.") % {"name": label_plural}
        raise Conflict(message, fields={"label_plural": message})


def _refuse_in_use(one: CustomType) -> None:
    others = CustomField.objects.filter(retired_at=None).exclude(record_type=one.key)
    used = others.filter(kind=FieldKind.LINK, options__target=one.key) | others.filter(
        kind=FieldKind.ROLL_UP, options__of=one.key
    )
    first = used.first()
    if first is not None:
        raise DomainError(
            _("The field “%(name)s” refers to it. Retire that field first.") % {"name": first.label}
        )
