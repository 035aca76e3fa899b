"""Shaping picklists: add, rename, order, retire, remove and merge choices."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from core.clock import now
from core.errors import Conflict, DomainError
from core.history.context import change
from core.outbox.sending import send_on_commit
from core.records.custom import CUSTOM, key_of, write_attribute
from core.records.models import SavedView
from crm.customize.models import PicklistItem
from crm.customize.selectors import fields_with, uses_of
from crm.customize.services.picklists import INITIAL, forget_options
from tenants.people.models import SalesTerritory
from tenants.people.workspace_settings import keep_setting, setting

TONES = ("", "green", "amber", "red", "blue", "violet", "teal")


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One line of the form. item_id: None for a new choice. An empty label removes the choice.

    was: the mark of the choice when the form was opened (`mark_of`); '' when it is not known.
    """

    item_id: UUID | None
    label: str
    tone: str
    retired: bool
    was: str = ""


def mark_of(item: PicklistItem) -> str:
    """Changes whenever the choice does: a form that is older than the choice is noticed by it."""
    return salted_hmac("picklist", f"{item.label}\0{item.tone}\0{item.retired}").hexdigest()[:16]


def save_picklist(
    key: str, *, title: str, rows: Sequence[ItemRow], initial: UUID | None = None, by: Any
) -> UUID:
    """Write the choices in the order of `rows`; returns the batch. initial: what new records start with.

    Choices that stand in no row (an import added them meanwhile) stay, behind the others.
    Raises DomainError when a choice that is in use would go; Conflict when two have one label, or when somebody
    changed one of the choices after the form was opened.
    """
    _refuse_twins(rows)
    try:
        with change(label=_("Changed the list “%(name)s”") % {"name": title}, by=by) as entry:
            stored = {each.pk: each for each in PicklistItem.objects.select_for_update().filter(picklist=key)}
            _refuse_older(rows, stored)
            before = {pk: item.label for pk, item in stored.items()}
            removed = [row.item_id for row in rows if row.item_id in stored and not row.label.strip()]
            _remove(key, [stored[each] for each in removed if each])
            _write(key, [row for row in rows if row.label.strip()], stored)
            _set_initial(key, initial)
            for pk, item in stored.items():
                if item.label != before[pk]:
                    _expect_reindex(key, pk)
    except IntegrityError as error:
        raise (Conflict(_twins()) if "picklist_label_unique" in str(error) else error)
    forget_options(key)
    return entry.batch


def merge_items(key: str, *, merged: UUID, into: UUID, by: Any) -> UUID:
    """Every record that has `merged` gets `into`, then `merged` goes; returns the batch, which can be undone.

    Raises DomainError when the two are one, or one of them is gone.
    """
    with transaction.atomic():
        items = {each.pk: each for each in PicklistItem.objects.select_for_update().filter(picklist=key)}
        if merged == into or merged not in items or into not in items:
            raise DomainError(_("Choose two different entries of this list."))
        names = {"merged": items[merged].label, "into": items[into].label}
        with change(label=_("Merged “%(merged)s” into “%(into)s”") % names, by=by) as entry:
            for kind, field in fields_with(key):
                held = kind.everything().filter(field.having(merged))
                give(held, field.attribute, merged=merged, into=into)
            _rewrite_views(merged, into)
            _rewrite_territories(merged, into)
            if setting(f"{INITIAL}.{key}") == str(merged):
                _set_initial(key, into)
            names_of_both = {*items[into].formerly, *items[merged].formerly, items[merged].label}
            items[into].formerly = sorted(names_of_both)
            items[into].save(update_fields=["formerly"])
            items[merged].delete()
            _expect_reindex(key, into)
    forget_options(key)
    return entry.batch


def give(held: QuerySet[Any], attribute: str, *, merged: UUID, into: UUID) -> None:
    """All of these records get the one choice in place of the other."""
    key = key_of(attribute)
    if not key:
        held.update(**{attribute: into, "updated_at": now()})
        return
    for record in held.select_for_update().iterator(chunk_size=500):
        value: Any = into
        if isinstance(record.custom[key], list):
            value = list(
                dict.fromkeys(str(into) if each == str(merged) else each for each in record.custom[key])
            )
        write_attribute(record, attribute, value)
        record.updated_at = now()
        record.save(update_fields=[CUSTOM, "updated_at"])


def _twins() -> str:
    return _("Two choices of one list cannot have the same name.")


def _rewrite_views(merged: UUID, into: UUID) -> None:
    """Saved views that filter by the one filter by the other."""
    for view in SavedView.objects.select_for_update().filter(query__contains=str(merged)):
        view.query = view.query.replace(str(merged), str(into))
        view.save(update_fields=["query"])


def _rewrite_territories(merged: UUID, into: UUID) -> None:
    """Territories that are cut by the one are cut by the other: nobody sees less for a merge."""
    for territory in SalesTerritory.objects.select_for_update():
        values = {
            name: sorted({str(into) if each == str(merged) else each for each in given})
            for name, given in territory.values.items()
        }
        if str(merged) in str(territory.values):
            territory.values = values
            territory.save(update_fields=["values"])


def _set_initial(key: str, item_id: UUID | None) -> None:
    name, wanted = f"{INITIAL}.{key}", str(item_id) if item_id else ""
    if setting(name, "") != wanted:
        keep_setting(name, wanted)


def _expect_reindex(key: str, item_id: UUID) -> None:
    """Records that say this choice in search say its new name soon."""
    for kind, field in fields_with(key):
        if field.search or field.name in kind.subtitle:
            send_on_commit("records.reindex_holders", kind.key, field.name, str(item_id))


def _refuse_older(rows: Sequence[ItemRow], stored: dict[UUID, PicklistItem]) -> None:
    for row in rows:
        item = stored.get(row.item_id) if row.item_id else None
        if row.item_id and (item is None or (row.was and row.was != mark_of(item))):
            raise Conflict(_("Somebody else changed this list in the meantime. Reload the page to see it."))


def _refuse_twins(rows: Sequence[ItemRow]) -> None:
    labels = [row.label.strip().casefold() for row in rows if row.label.strip()]
    if len(labels) != len(set(labels)):
        raise Conflict(_twins())


def _remove(key: str, items: Sequence[PicklistItem]) -> None:
    uses = uses_of(key) if items else {}
    for item in items:
        if uses.get(item.pk):
            message = _("“%(name)s” is chosen on %(count)d records. Retire it, or merge it into another.")
            raise DomainError(message % {"name": item.label, "count": uses[item.pk]})
        item.delete()


def _write(key: str, rows: Sequence[ItemRow], stored: dict[UUID, PicklistItem]) -> None:
    _free_labels_that_move(rows, stored)
    for position, row in enumerate(rows):
        item = (stored.get(row.item_id) if row.item_id else None) or PicklistItem(picklist=key)
        before = (item.label, item.tone, item.retired, item.position)
        item.label, item.retired, item.position = row.label.strip()[:80], row.retired, position
        item.tone = row.tone if row.tone in TONES else ""
        if before != (item.label, item.tone, item.retired, item.position):
            item.save()
    others = [each for pk, each in stored.items() if pk not in {row.item_id for row in rows}]
    for position, item in enumerate(others, len(rows)):
        PicklistItem.objects.filter(pk=item.pk).update(position=position)


def _free_labels_that_move(rows: Sequence[ItemRow], stored: dict[UUID, PicklistItem]) -> None:
    # Two rows may have swapped their labels, and the constraint looks at each statement.
    wanted = {row.label.strip()[:80]: row.item_id for row in rows}
    for item in stored.values():
        if wanted.get(item.label, item.pk) != item.pk:
            PicklistItem.objects.filter(pk=item.pk).update(label=str(item.pk))
