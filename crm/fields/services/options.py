"""What a kind of field needs beyond a label, read from a form and checked against the record types there are."""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from core.errors import DomainError
from core.ids import read_whole
from core.records.fields import Link, Number
from core.records.filters import BadFilter, read_filter
from core.records.parsing import Unreadable, read_number
from core.records.types import RecordType, record_types
from crm.fields.models import CustomField, FieldKind
from crm.fields.rules.definitions import RESULTS, ROLL_UPS
from crm.fields.rules.formulas import BadFormula, Formula, in_order, read_formula

_MOST_DECIMALS = 6


def checked_options(
    kind: RecordType, field_kind: FieldKind, *, given: Mapping[str, Any], name: str
) -> dict[str, Any]:
    """The options as they are stored. name: of the field that is changed, '' for a new one. Raises DomainError."""
    check = _CHECKS.get(field_kind)
    return check(kind, given, name) if check else {}


def _refuse(name: str, message: str) -> DomainError:
    return DomainError(message, fields={name: message})


def _number(kind: RecordType, given: Mapping[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = {"decimals": _decimals(given), "unit": str(given.get("unit", "")).strip()[:12]}
    for bound in ("minimum", "maximum"):
        found[bound] = _bound(given, bound)
    if None not in (found["minimum"], found["maximum"]) and Decimal(found["minimum"]) > Decimal(
        found["maximum"]
    ):
        raise _refuse("maximum", _("The largest value is below the smallest."))
    return found


def _money(kind: RecordType, given: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {**_number(kind, given, name), "decimals": 2, "unit": ""}


def _decimals(given: Mapping[str, Any]) -> int:
    found = read_whole(str(given.get("decimals", "") or 0))
    if found is None or found > _MOST_DECIMALS:
        raise _refuse("decimals", _("Between 0 and %(most)d.") % {"most": _MOST_DECIMALS})
    return found


def _bound(given: Mapping[str, Any], name: str) -> str | None:
    text = str(given.get(name) or "").strip()
    if not text:
        return None
    try:
        return format(read_number(text), "f")
    except Unreadable as error:
        raise _refuse(name, str(error))


def _link(kind: RecordType, given: Mapping[str, Any], name: str) -> dict[str, Any]:
    target = str(given.get("target", ""))
    if target not in {each.key for each in record_types()}:
        raise _refuse("target", _("Choose which records it refers to."))
    return {"target": target, "related": given.get("related", True) not in (False, "", "no")}


def _formula(kind: RecordType, given: Mapping[str, Any], name: str) -> dict[str, Any]:
    text = _with_names(kind, str(given.get("text", "")).strip())
    result = str(given.get("result", ""))
    if result not in RESULTS:
        raise _refuse("result", _("Choose what the formula gives."))
    try:
        formula = read_formula(text)
        unknown = formula.names - set(kind.by_name)
        if unknown:
            raise BadFormula(_("There is no field “%(name)s”.") % {"name": sorted(unknown)[0][:60]})
        formulas = {
            each.name: read_formula(each.options["text"])
            for each in CustomField.objects.filter(
                record_type=kind.key, kind=FieldKind.FORMULA, retired_at=None
            )
            if each.name != name
        }
        in_order({**formulas, name or "*": formula})
        _refuse_sums_below(kind, {**formulas, name: formula})
    except BadFormula as error:
        raise _refuse("text", str(error))
    return {"text": text, "result": result, "decimals": _decimals({"decimals": given.get("decimals", 2)})}


def _refuse_sums_below(kind: RecordType, formulas: Mapping[str, Formula]) -> None:
    """Raises BadFormula where a formula that a roll-up reads would be made of another roll-up."""
    read = {
        name for each in record_types() for one in each.fields for key, name in one.covers if key == kind.key
    }
    inputs = {name: formula.names for name, formula in formulas.items()}
    for name in read & set(formulas):
        if _is_made_of_sums(kind, name, inputs):
            message = _("“%(name)s” is summed up elsewhere, so it cannot be made of a roll-up.")
            raise BadFormula(message % {"name": kind.field(name).label})


def _is_made_of_sums(kind: RecordType, name: str, inputs: Mapping[str, Iterable[str]]) -> bool:
    """Whether a field is a roll-up or worked out from one: no write of a record tells that it changed."""
    known, waiting = {name}, [name]
    while waiting:
        at = waiting.pop()
        if at in kind.by_name and kind.field(at).covers:
            return True
        further = set(inputs.get(at, ())) - known
        known |= further
        waiting += further
    return False


def _refuse_sums(below: RecordType, name: str, said_of: str) -> None:
    inputs = {each.name: each.inputs for each in below.fields}
    if _is_made_of_sums(below, name, inputs):
        message = _("“%(name)s” is itself made of a roll-up: a roll-up cannot follow it.")
        raise _refuse(said_of, message % {"name": below.field(name).label})


def _with_names(kind: RecordType, text: str) -> str:
    """Fields may be called by their label in square brackets: [Annual revenue] becomes annual_revenue."""
    for field in sorted(kind.fields, key=lambda each: -len(str(each.label))):
        text = text.replace(f"[{field.label}]", field.name)
    return text


def _roll_up(kind: RecordType, given: Mapping[str, Any], name: str) -> dict[str, Any]:
    of, _dot, through = str(given.get("through", "")).partition(".")
    below = next((each for each in record_types() if each.key == of), None)
    link = below.by_name.get(through) if below else None
    if below is None or not isinstance(link, Link) or link.target().key != kind.key:
        raise _refuse("through", _("Choose which records are summed up."))
    function = str(given.get("function", ""))
    if function not in ROLL_UPS:
        raise _refuse("function", _("Choose how they are summed up."))
    found: dict[str, Any] = {"of": of, "through": through, "function": function, "query": ""}
    if function != "count":
        found |= _summed(below, function, str(given.get("field", "")))
    found["query"] = _query(below, str(given.get("query", "")))
    return found


def _summed(below: RecordType, function: str, name: str) -> dict[str, Any]:
    field = below.by_name.get(name)
    if not isinstance(field, Number):
        raise _refuse("field", _("Choose a field that holds numbers."))
    _refuse_sums(below, name, "field")
    return {
        "field": name,
        "result": field.kind,
        "decimals": max(field.decimals, 2 if function == "average" else 0),
    }


def _query(below: RecordType, query: str) -> str:
    """A list's address or its query: only what it filters by is kept."""
    kept = QueryDict(mutable=True)
    for text in QueryDict(query.partition("?")[2] or query).getlist("f"):
        try:
            asked = read_filter(below, text)
        except BadFilter as error:
            raise _refuse("query", str(error))
        _refuse_sums(below, asked.field.name, "query")
        if asked.operator in ("me", "my_team"):
            raise _refuse("query", _("A roll-up is the same for everybody: “me” cannot be asked for."))
        kept.appendlist("f", text)
    return kept.urlencode()


_CHECKS: dict[str, Callable[[RecordType, Mapping[str, Any], str], dict[str, Any]]] = {
    FieldKind.NUMBER: _number,
    FieldKind.MONEY: _money,
    FieldKind.PERCENT: _number,
    FieldKind.LINK: _link,
    FieldKind.FORMULA: _formula,
    FieldKind.ROLL_UP: _roll_up,
}
