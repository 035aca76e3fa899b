"""What a form looks like with a layout, before anybody stores it."""

from typing import Any

from core.records.types import RecordType
from crm.fields.models import FieldLayout
from crm.fields.services.layouts import LayoutLine
from web.records.inputs import build_form


def lines_of(kind: RecordType, layout: FieldLayout | None) -> list[LayoutLine]:
    """The layout as the lines of its form; below the last heading what is not shown."""
    lines: list[LayoutLine] = []
    placed: set[str] = set()
    for section in kind.layout:
        lines.append(LayoutLine(heading=str(section.label)))
        lines += [LayoutLine(field=name) for name in section.fields]
        placed |= set(section.fields)
    hidden = [
        each.name for each in kind.fields if each.name not in placed and (each.path or not each.read_only)
    ]
    return [*lines, LayoutLine(hidden=True), *(LayoutLine(field=name) for name in hidden)]


def preview_of(kind: RecordType) -> list[tuple[Any, list[Any]]]:
    """(heading, [(bound field or None, the record type's field)]) of an empty form."""
    form, _sections = build_form(kind, None, {})
    return [
        (
            section.label,
            [(form[name] if name in form.fields else None, kind.field(name)) for name in section.fields],
        )
        for section in kind.layout
    ]
