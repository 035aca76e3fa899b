"""From what is known of a field to the field itself, one maker a kind."""

from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

from core.records.fields import (
    Choice,
    Choices,
    Date,
    Field,
    Link,
    LongText,
    Mail,
    Moment,
    Money,
    Number,
    Percent,
    Person,
    Phone,
    Text,
    TimeOfDay,
    Web,
    YesNo,
)
from core.records.filters import split_filter
from core.records.types import declared_types, record_type
from crm.fields.rules.definitions import Definition, filters_of, picklist_key
from crm.fields.rules.formulas import BadFormula, read_formula

_ICONS = {
    "phone": "phone", "mail": "mail", "web": "globe", "address": "map-pin", "date": "calendar", "moment": "calendar",
    "money": "banknote", "person": "user", "number": "hash",
}  # fmt: skip
PickList = Callable[[str], dict[str, Any]]


def field_of(one: Definition, kind_key: str, choices: PickList) -> Field:
    """The field as lists, forms, files and the API know it. choices: what a Choice needs, by the key of its list."""
    common: dict[str, Any] = {
        "name": one.name,
        "label": one.label,
        "help": one.help,
        "required": one.required,
        "search": one.searched,
        "sort": one.sort_path if one.sorted else "",
        "path": one.path,
        "icon": _ICONS.get(one.kind, ""),
    }
    if one.kind in ("choice", "choices"):
        return _CHOOSING[one.kind](**common, **choices(picklist_key(kind_key, one.name)))
    if one.kind == "link":
        key = one.options["target"]
        # As declared: the workspace's types are being made at this moment.
        title = declared_types()[key].title if key in declared_types() else "name"
        related = one.options.get("related", True)
        return Link(**common, target=partial(record_type, key), title=title, related=related)
    if one.kind == "formula":
        return _formula(one, common)
    if one.kind == "roll_up":
        return _roll_up(one, common)
    return _PLAIN[one.kind](one, common)


def _formula(one: Definition, common: dict[str, Any]) -> Field:
    common |= {"read_only": True, "importable": False, "required": False}
    try:
        common["inputs"] = tuple(sorted(read_formula(one.options["text"]).names))
    except BadFormula:  # what a newer release could read
        common["inputs"] = ()
    return _PLAIN[one.options["result"]](one, common)


def _roll_up(one: Definition, common: dict[str, Any]) -> Field:
    options = one.options
    asked = (split_filter(text)[0] for text in filters_of(options))
    names = dict.fromkeys(filter(None, (options["through"], options.get("field"), *asked)))
    covers = tuple((options["of"], name) for name in names)
    common |= {"read_only": True, "importable": False, "required": False, "covers": covers}
    if one.options["function"] == "count":
        return Number(**common)
    return _PLAIN[one.options.get("result", "number")](one, common)


def _number(field_class: type[Number], one: Definition, common: dict[str, Any]) -> Field:
    options = one.options
    bounds: dict[str, Any] = {
        name: None if options.get(name) in (None, "") else Decimal(str(options[name]))
        for name in ("minimum", "maximum")
    }
    decimals = int(options.get("decimals", 2 if field_class is Money else 0))
    more: dict[str, Any] = (
        {"unit": f" {options['unit']}"} if options.get("unit") and field_class is Number else {}
    )
    return field_class(**common, **bounds, decimals=decimals, **more)


def _of(field_class: type[Field], **more: Any) -> Callable[[Definition, dict[str, Any]], Field]:
    return lambda one, common: field_class(**{**common, **more})


_PLAIN: dict[str, Callable[[Definition, dict[str, Any]], Field]] = {
    "text": _of(Text),
    "long_text": _of(LongText, width="wide"),
    "address": _of(LongText, width="wide", max_length=500),
    "number": partial(_number, Number),
    "money": partial(_number, Money),
    "percent": partial(_number, Percent),
    "date": _of(Date),
    "moment": _of(Moment),
    "time": _of(TimeOfDay),
    "yes_no": _of(YesNo),
    "person": _of(Person),
    "phone": _of(Phone),
    "mail": _of(Mail),
    "web": _of(Web),
}
_CHOOSING: dict[str, type[Choice]] = {"choice": Choice, "choices": Choices}
