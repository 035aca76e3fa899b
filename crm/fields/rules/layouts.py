"""What a workspace says of single fields in a layout: needed, needed at some stages, shown only if."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.records.fields import Field


@dataclass(frozen=True, slots=True)
class Condition:
    """The field has one of these values, as `Field.raw` writes them; none at all: the field is filled."""

    field: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FieldRule:
    """stages: values of the type's stage at which the field is needed. shown_if: all of these hold."""

    required: bool = False
    stages: frozenset[str] = frozenset()
    shown_if: tuple[Condition, ...] = ()


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
        shown_if=tuple(
            Condition(str(each["field"]), tuple(map(str, each.get("values", ()))))
            for each in stored.get("shown_if", ())
        ),
    )


def is_shown(rule: FieldRule, raw_of: Callable[[str], str]) -> bool:
    """raw_of: the raw text of a field of the record by its name."""
    return all(_holds(each, raw_of(each.field)) for each in rule.shown_if)


def _holds(condition: Condition, raw: str) -> bool:
    if not condition.values:
        return bool(raw)
    return bool(_parts(raw) & set(condition.values))


def _parts(raw: str) -> set[str]:
    """A list of choices is written with commas; no other value that a condition names holds one."""
    return {raw, *raw.split(",")}


def check_circles(rules: Mapping[str, Sequence[Condition]]) -> list[str]:
    """The names of fields whose showing hangs on themselves, in order; empty when there is no circle."""
    for start in rules:
        path, waiting = [start], [each.field for each in rules[start]]
        seen: set[str] = set()
        while waiting:
            name = waiting.pop()
            if name == start:
                return [*path, start]
            if name not in seen:
                seen.add(name)
                path.append(name)
                waiting += [each.field for each in rules.get(name, ())]
    return []
