"""What is worked out when a record is written: formulas, keys to sort by; and what the workspace demands of it."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from core.clock import today
from core.errors import DomainError
from core.outbox.sending import send_on_commit
from core.records.custom import laid_over, read_stored
from core.records.fields import Choice, Field, Reference
from core.records.text import sort_key
from core.records.types import RecordType, record_type
from core.tenancy.scope import workspace_zone
from crm.fields.rules.definitions import COMPUTED_KINDS, Definition
from crm.fields.rules.formulas import BadFormula, Formula, fitting, in_order, read_formula
from crm.fields.rules.layouts import FieldRule, rule_of
from crm.fields.services.roll_ups import follow, refresh, roll_ups_of, roll_ups_over

_BATCH = 500
_EMPTY: tuple[Any, ...] = (None, "", [])


def hooks_of(kind: RecordType, *, own: Sequence[Definition], rules: Mapping[str, Any]) -> dict[str, Any]:
    """The record type's hooks that its own fields and layout rules need."""
    return {
        "derive": partial(_derive, kind.key, tuple(own), ordered_formulas(own)),
        "demand": partial(_demand, kind.key, rules),
        "follow": lambda records, before: follow(kind.key, records=records, stored=before),
        "derive_many": partial(_derive_many, kind.key, tuple(own)),
    }


def _derive(
    kind_key: str, own: Sequence[Definition], formulas: Sequence[tuple[Definition, Formula]], record: Any
) -> None:
    """Fill `computed` of a record that is about to be written; roll-ups stay as they are."""
    changes = _sort_keys(own, record.custom)
    if formulas:
        values = values_for_formulas(record_type(kind_key), record)
        day = today(workspace_zone())
        for one, formula in formulas:
            values[one.name] = changes[one.key] = fitting(formula.value(values, day), one.options)
        changes |= _sort_keys(own, changes)
    record.computed = laid_over(record.computed, changes)


def _sort_keys(own: Iterable[Definition], values: Mapping[str, Any]) -> dict[str, Any]:
    texts = [one for one in own if one.key.startswith("t_") and one.sorted and one.key in values]
    return {f"s{one.key[1:]}": sort_key(values[one.key] or "") for one in texts}


def ordered_formulas(own: Iterable[Definition]) -> list[tuple[Definition, Formula]]:
    """Each behind those that it reads; without those that cannot be read (a newer release's) or close a circle."""
    found: dict[str, Formula] = {}
    of = {one.name: one for one in own if one.kind == "formula"}
    for one in of.values():
        try:
            formula = read_formula(one.options["text"])
            in_order({**found, one.name: formula})
        except BadFormula:
            continue
        found[one.name] = formula
    return [(of[name], found[name]) for name in in_order(found)]


def values_for_formulas(kind: RecordType, record: Any) -> dict[str, Any]:
    """By field name: what people choose by its label, what a record refers to by its id, the rest as it is."""
    return {field.name: _plain(field, field.value_of(record)) for field in kind.fields}


def _plain(field: Field, value: Any) -> Any:
    if isinstance(field, Choice) and field.picklist:
        several = value if isinstance(value, list) else [value]
        options = [field.option_of(each) for each in several if each not in _EMPTY]
        return ", ".join(str(option.label) for option in options if option) or None
    return str(value) if value and isinstance(field, Reference) else value


def _demand(kind_key: str, rules: Mapping[str, Any], record: Any, before: Mapping[str, Any] | None) -> None:
    """Raises DomainError naming the fields that the workspace wants filled and that are not.

    before: the attributes as stored, None for a new record. A field that was empty before its rule came may stay
    so while other fields change: an old record must not be stuck.
    """
    kind = record_type(kind_key)
    missing = {
        field.name: _("This is needed.")
        for field in kind.fields
        if _is_wanted(kind, field, rule_of(rules, field), record, before) and field.value_of(record) in _EMPTY
    }
    if missing:
        labels = ", ".join(str(kind.field(name).label) for name in missing)
        raise DomainError(_("Fill in: %(fields)s.") % {"fields": labels}, fields=missing)


def _is_wanted(
    kind: RecordType, field: Field, rule: FieldRule, record: Any, before: Mapping[str, Any] | None
) -> bool:
    if field.read_only or not (rule.required or rule.stages):
        return False
    if not field.is_shown(partial(kind.raw_of, record)):
        return False
    emptied = before is not None and read_stored(before, field.attribute) not in _EMPTY
    if rule.required and (before is None or emptied):
        return True
    stage = kind.by_name.get("stage")
    if not rule.stages or stage is None or str(stage.value_of(record)) not in rule.stages:
        return False
    return before is None or emptied or read_stored(before, stage.attribute) != stage.value_of(record)


def _derive_many(kind_key: str, own: Sequence[Definition], ids: Iterable[UUID]) -> None:
    """After a mass write that made no instances: what follows from these records, and roll-ups over their type."""
    if any(one.kind in COMPUTED_KINDS or one.sorted for one in own):
        refresh(kind_key, roll_ups=(), ids=ids)
    if roll_ups_over(kind_key):
        send_on_commit("fields.refresh_roll_ups", kind_key)


def derive_everything(kind_key: str) -> int:
    """Roll-ups, formulas and sort keys of every record of a type, the bin included; how many changed."""
    kind, roll_ups, changed = record_type(kind_key), roll_ups_of(kind_key), 0
    last: Any = None
    while True:
        rows: Any = kind.everything().order_by("pk")
        ids = list((rows.filter(pk__gt=last) if last else rows).values_list("pk", flat=True)[:_BATCH])
        if not ids:
            return changed
        with transaction.atomic():
            changed += refresh(kind_key, roll_ups=roll_ups, ids=ids)
        last = ids[-1]
