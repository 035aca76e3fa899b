"""Formulas that ask for the day of today: worked out anew when the workspace's day turns.

The hint of a workspace says when that is; one without such formulas is left alone.
"""

import datetime as dt

from core.clock import start_of_day, today
from core.tenancy.hints import Hints
from crm.fields.models import CustomField, FieldKind
from crm.fields.rules.formulas import BadFormula, read_formula
from crm.fields.services.deriving import derive_everything

HINTS = Hints("volatile_fields", seconds=(20_000, 40_000))


def derive_volatile() -> int:
    """In the workspace at hand; how many records changed."""
    kinds = {each.record_type for each in _formulas() if _is_volatile(each)}
    changed = sum(derive_everything(key) for key in sorted(kinds))
    HINTS.set(start_of_day(today() + dt.timedelta(days=1)).timestamp() if kinds else None)
    return changed


def _formulas() -> list[CustomField]:
    return list(CustomField.objects.filter(kind=FieldKind.FORMULA, retired_at=None))


def _is_volatile(field: CustomField) -> bool:
    try:
        return read_formula(field.options["text"]).volatile
    except BadFormula:
        return False
