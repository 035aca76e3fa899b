"""Which fields the workspace has a use for. The others are hidden from everybody; what stands in them stays."""

from core.modules import modules_off, off_module_of_type
from core.records.fields import Field
from core.records.types import RecordType, current_type
from core.tenancy.scope import peek, remember


def fields_without_use(kind: RecordType) -> frozenset[str]:
    """Names of the fields that are hidden from everybody: they link to what belongs to a module that is off, or the
    workspace has no use for them. Worked out once a request."""
    if peek() is None:
        return frozenset()
    found: frozenset[str] = remember(f"records.without_use:{kind.key}", lambda: _without_use(kind))
    return found


def _without_use(kind: RecordType) -> frozenset[str]:
    # As declared: the type at hand may be one that was narrowed for somebody.
    declared = current_type(kind)
    off = bool(modules_off())
    return frozenset(
        each.name
        for each in declared.fields
        if (each.in_use is not None and not each.in_use())
        or (off and any(map(off_module_of_type, _types_behind(each))))
    )


def _types_behind(field: Field) -> tuple[str, ...]:
    """Keys of the types that a field links to or sums up."""
    target = getattr(field, "target", None)
    return (*(key for key, _name in field.covers), *((target().key,) if target is not None else ()))
