"""How forms and pages of a record type are laid out, and what is said of single fields there."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from core.clock import now
from core.errors import DomainError
from core.history.context import change
from core.records.fields import Section
from core.records.types import RecordType, declared_type
from crm.fields.models import FieldLayout
from crm.fields.rules.layouts import Conditions, find_circle, rule_of
from crm.fields.services.making import lock_layout, move_fields
from crm.fields.services.shaping import forget_shape, laid_out

MOST_SECTIONS = 30


@dataclass(frozen=True, slots=True)
class LayoutLine:
    """A line of the layout's form: a heading, or a field below it. hidden: the heading of what is not shown."""

    field: str = ""
    heading: str = ""
    hidden: bool = False


def sections_from(kind: RecordType, lines: Sequence[LayoutLine]) -> list[dict[str, Any]]:
    """As they are stored. Raises DomainError for too many, and for a needed field that would be hidden."""
    declared = {str(section.label): place for place, section in enumerate(declared_type(kind).layout)}
    sections: list[dict[str, Any]] = []
    hidden: list[str] = []
    seen: set[str] = set()
    in_hidden = False
    for line in lines:
        if not line.field:
            in_hidden = line.hidden
            if not line.hidden:
                heading = " ".join(line.heading.split())[:60] or _("Details")
                of = {"of": declared[heading]} if heading in declared else {}
                sections.append({"label": heading, "fields": [], **of})
        elif line.field in kind.by_name and line.field not in seen:
            seen.add(line.field)
            if in_hidden:
                hidden.append(line.field)
            elif sections:
                sections[-1]["fields"].append(line.field)
            else:
                sections.append({"label": _("Details"), "fields": [line.field]})
    _refuse(kind, sections, hidden)
    return [*sections, {"label": "", "fields": [], "hidden": hidden}]


def _refuse(kind: RecordType, sections: list[dict[str, Any]], hidden: list[str]) -> None:
    if len(sections) > MOST_SECTIONS:
        raise DomainError(_("A form has at most %(count)d sections.") % {"count": MOST_SECTIONS})
    needed = [name for name in hidden if kind.field(name).required or name == kind.title]
    if needed:
        label = kind.field(needed[0]).label
        raise DomainError(_("“%(field)s” is needed and cannot be hidden.") % {"field": label})


def laid_out_as(kind: RecordType, sections: Sequence[dict[str, Any]]) -> RecordType:
    """The type with a layout that is not stored, to be looked at."""
    own = [each.name for each in kind.fields if each.path]
    layout: list[Section] = laid_out(
        declared_type(kind).layout, own=own, sections=sections, known=set(kind.by_name)
    )
    return replace(kind, layout=layout)


def save_layout(kind: RecordType, lines: Sequence[LayoutLine], *, by: Any) -> UUID:
    """The batch, which can be undone. Raises DomainError."""
    sections = sections_from(kind, lines)
    with change(label=_("Changed the layout of %(types)s") % {"types": kind.label_plural}, by=by) as entry:
        layout = _locked(kind)
        layout.sections, layout.updated_at = sections, now()
        layout.save()
        move_fields(kind, [name for section in sections for name in section["fields"]])
    forget_shape()
    return entry.batch


def reset_layout(kind: RecordType, *, by: Any) -> UUID:
    """As the product declares it, with the workspace's own fields below; what is said of fields stays. The batch."""
    with change(label=_("Reset the layout of %(types)s") % {"types": kind.label_plural}, by=by) as entry:
        layout = _locked(kind)
        layout.sections, layout.updated_at = [], now()
        layout.save()
    forget_shape()
    return entry.batch


def save_rule(
    kind: RecordType,
    name: str,
    *,
    required: bool,
    stages: Sequence[str],
    shown_if: Conditions,
    by: Any,
) -> UUID:
    """What is said of one field; the batch. Raises DomainError for fields that are not there, and for circles."""
    stored: dict[str, Any] = {}
    if required:
        stored["required"] = True
    if stages:
        stored["stages"] = list(stages)
    if shown_if:
        stored["shown_if"] = [{"field": other, "values": list(values)} for other, values in shown_if]
    with change(label=_("Changed what is asked of a field"), by=by) as entry:
        layout = _locked(kind)
        rules = (
            {**layout.rules, name: stored} if stored else {k: v for k, v in layout.rules.items() if k != name}
        )
        _refuse_rules(kind, rules, name)
        if rules != layout.rules:
            layout.rules, layout.updated_at = rules, now()
            layout.save()
    forget_shape()
    return entry.batch


def _refuse_rules(kind: RecordType, rules: dict[str, Any], name: str) -> None:
    shown = {each.name: rule_of(rules, each).shown_if for each in kind.fields}
    known = set(kind.by_name)
    if any(other not in known for other, _values in shown.get(name, ())):
        raise DomainError(
            _("There is no such field here."), fields={"shown_if": _("There is no such field here.")}
        )
    circle = find_circle(shown)
    if circle:
        labels = " → ".join(str(kind.field(each).label) for each in circle)
        message = _("Whether these are shown hangs on each other: %(circle)s.") % {"circle": labels}
        raise DomainError(message, fields={"shown_if": message})


def _locked(kind: RecordType) -> FieldLayout:
    """Held; what others remember of it goes at the commit."""
    forget_shape()
    return lock_layout(kind.key)
