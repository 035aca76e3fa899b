"""What a workspace says of single fields in a layout: needed, needed at some stages, shown only if."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.records.fields import Field

Conditions = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class FieldRule:
    """stages: values of the type's stage at which the field is needed. shown_if: as `Field.shown_if`."""

    required: bool = False
    stages: frozenset[str] = frozenset()
    shown_if: Conditions = ()


NO_RULE = FieldRule()


def rule_of(rules: Mapping[str, Any], field: Field) -> FieldRule:
    """What the stored rules say of a field; an own field that is needed says so itself."""
    stored = rules.get(field.name) or {}
    own = bool(field.path) and field.required
    if not stored and not own:
        return NO_RULE
    return FieldRule(
        required=own or bool(stored.get("required")),
        stages=frozenset(map(str, stored.get("stages", ()))),
        shown_if=conditions_of(stored),
    )


def conditions_of(stored: Mapping[str, Any]) -> Conditions:
    """Out of what is stored of a field."""
    return tuple(
        (str(each["field"]), tuple(map(str, each.get("values", ())))) for each in stored.get("shown_if", ())
    )


def find_circle(rules: Mapping[str, Sequence[tuple[str, Any]]]) -> list[str]:
    """Names of fields whose showing hangs on themselves, the first twice; empty when there is no circle."""
    for start in rules:
        trail = _trail(start, start, rules, [start])
        if trail:
            return trail
    return []


def _trail(
    start: str, name: str, rules: Mapping[str, Sequence[tuple[str, Any]]], path: list[str]
) -> list[str]:
    for other, _values in rules.get(name, ()):
        if other == start:
            return [*path, start]
        if other not in path and (found := _trail(start, other, rules, [*path, other])):
            return found
    return []
