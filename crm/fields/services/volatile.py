"""Fields that depend on the day of today: worked out anew when the workspace's day turns.

Formulas that ask for it, and roll-ups of what lies in a period ("this month"). The hint of a workspace says when the
day turns; one without such fields is left alone.
"""

import datetime as dt

from core.clock import start_of_day, today
from core.records.filters import split_filter
from core.records.types import record_types
from core.tenancy.hints import Hints
from core.tenancy.scope import workspace_zone
from crm.fields.models import CustomField, FieldKind
from crm.fields.rules.definitions import COMPUTED_KINDS, filters_of
from crm.fields.rules.formulas import BadFormula, read_formula
from crm.fields.services.deriving import derive_everything

HINTS = Hints("volatile_fields", seconds=(20_000, 40_000))


def derive_volatile() -> int:
    """In the workspace at hand; how many records changed."""
    fields = CustomField.objects.filter(kind__in=COMPUTED_KINDS, retired_at=None)
    kinds = {each.record_type for each in fields if _is_volatile(each)} & {
        each.key for each in record_types()
    }
    changed = sum(derive_everything(key) for key in sorted(kinds))
    zone = workspace_zone()
    turns = start_of_day(today(zone) + dt.timedelta(days=1), zone)
    HINTS.set(turns.timestamp() if kinds else None)
    return changed


def _is_volatile(field: CustomField) -> bool:
    if field.kind == FieldKind.ROLL_UP:
        return any(split_filter(text)[1] == "period" for text in filters_of(field.options))
    try:
        return read_formula(field.options["text"]).volatile
    except BadFormula:
        return False
