"""Filters of a list: written in the URL as `f=<field>.<operator>.<value>`, shown as chips."""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.clock import start_of_day, today
from core.records.fields import Choice, Choices, Field, Group, Moment, Showing, YesNo
from core.records.parsing import Unreadable
from core.records.periods import PERIODS, period
from core.records.types import RecordType

OPERATORS = {
    "contains": gettext_lazy("contains"),
    "is": gettext_lazy("is"),
    "any": gettext_lazy("is any of"),
    "all": gettext_lazy("has all of"),
    "none": gettext_lazy("has none of"),
    "me": gettext_lazy("is me"),
    "my_team": gettext_lazy("is in my team"),
    "gte": gettext_lazy("at least"),
    "lte": gettext_lazy("at most"),
    "period": gettext_lazy("in"),
    "empty": gettext_lazy("is empty"),
    "filled": gettext_lazy("is filled"),
}
WITHOUT_VALUE = frozenset({"me", "my_team", "empty", "filled"})
_MOST_VALUES = 50


class BadFilter(ValueError):
    """A filter that this record type cannot apply; its message is a sentence for the user."""


@dataclass(frozen=True, slots=True)
class Filter:
    """value: as in the URL; several values of `any` are separated by commas."""

    field: Field
    operator: str
    value: str = ""

    @property
    def as_query(self) -> str:
        """The text behind `f=`."""
        return f"{self.field.name}.{self.operator}.{self.value}"

    def describe(self, name_of: Callable[[Field, str], str]) -> str:
        """'Stage is any of Won, Lost'. name_of: how an id of a linked record or person is called."""
        words = [str(self.field.label), str(OPERATORS[self.operator])]
        if self.operator == "period":
            words.append(str(PERIODS[self.value][0]))
        elif self.operator in ("any", "all", "none"):
            words.append(", ".join(name_of(self.field, each) for each in self.value.split(",")))
        elif self.operator not in WITHOUT_VALUE:
            words.append(self._shown_value())
        return " ".join(words)

    def _shown_value(self) -> str:
        if isinstance(self.field, YesNo):
            return _("Yes") if self.value == "yes" else _("No")
        try:
            value = self.field.parse(self.value)
        except Unreadable:
            return self.value
        return self.field.text((value,), Showing()) if not isinstance(self.field, Choice) else self.value


def split_filter(text: str) -> tuple[str, str, str]:
    """'stage.any.1,2' → ('stage', 'any', '1,2'), whether there are such a field and operator or not."""
    name, _dot, rest = text.partition(".")
    operator, _dot, value = rest.partition(".")
    return name, operator, value


def read_filter(record_type: RecordType, text: str) -> Filter:
    """Raises BadFilter when field, operator or value do not fit."""
    name, operator, value = split_filter(text)
    field = record_type.by_name.get(name)
    if field is None or not field.filterable:
        raise BadFilter(_("There is no field “%(name)s” to filter by.") % {"name": name[:40]})
    if operator not in field.operators:
        raise BadFilter(_("“%(label)s” cannot be filtered that way.") % {"label": field.label})
    found = Filter(field, operator, value)
    condition(found, me=None)
    return found


def conditions(filters: Iterable[Filter], *, me: Any) -> Q:
    """All filters together. me: the viewer's id."""
    result = Q()
    for each in filters:
        result &= condition(each, me=me)
    return result


def condition(each: Filter, *, me: Any) -> Q:
    """One filter as a Q. Raises BadFilter when its value cannot be read."""
    build = _BUILDERS[each.operator]
    try:
        return build(each, me)
    except Unreadable as error:
        raise BadFilter(f"{each.field.label}: {error}")


def _contains(each: Filter, me: Any) -> Q:
    return Q(**{f"{each.field.attribute}__icontains": each.value})


def _is(each: Filter, me: Any) -> Q:
    value = each.field.parse(each.value)
    lookup = "iexact" if isinstance(value, str) else "exact"
    if value is False and each.field.nullable:  # nobody has said yes
        return ~Q(**{each.field.attribute: True}) | _empty(each, me)
    return Q(**{f"{each.field.attribute}__{lookup}": value}) if value is not None else _empty(each, me)


def _any(each: Filter, me: Any) -> Q:
    parts = [part for part in each.value.split(",") if part][:_MOST_VALUES]
    if not parts:
        raise BadFilter(_("Choose at least one value for “%(label)s”.") % {"label": each.field.label})
    if isinstance(each.field, Choices):
        return _holding(each, parts, Q.OR)
    return Q(**{f"{each.field.attribute}__in": [each.field.parse(part) for part in parts]})


def _all(each: Filter, me: Any) -> Q:
    return _holding(each, [part for part in each.value.split(",") if part][:_MOST_VALUES], Q.AND)


def _none(each: Filter, me: Any) -> Q:
    return ~_any(each, me) | _empty(each, me)


def _holding(each: Filter, parts: list[str], connector: str) -> Q:
    """Records whose list of values has one of these, or each of these."""
    wanted = [value for part in parts for value in each.field.parse(part)]
    if not wanted:
        raise BadFilter(_("Choose at least one value for “%(label)s”.") % {"label": each.field.label})
    return Q(*map(each.field.having, wanted), _connector=connector)


def _me(each: Filter, me: Any) -> Q:
    return Q(**{each.field.attribute: me})


def _my_team(each: Filter, me: Any) -> Q:
    """Of a person or a team: the asker's team, as it is now."""
    people = get_user_model()._default_manager
    mine = people.filter(pk=me, team__isnull=False).values("team_id")
    if each.field.path:  # a value that nothing can be joined to
        return Q(
            **{f"{each.field.attribute}__in": list(people.filter(team__in=mine).values_list("pk", flat=True))}
        )
    name = each.field.attribute if isinstance(each.field, Group) else f"{each.field.name}__team_id"
    return Q(**{f"{name}__in": mine})


def _bound(lookup: str) -> Callable[[Filter, Any], Q]:
    def build(each: Filter, me: Any) -> Q:
        value = each.field.parse(each.value)
        if value is None:
            raise BadFilter(_("Give a value for “%(label)s”.") % {"label": each.field.label})
        if isinstance(each.field, Moment) and lookup == "lte" and value.time() == dt.time():
            value += dt.timedelta(days=1)
            return Q(**{f"{each.field.attribute}__lt": value})
        return Q(**{f"{each.field.attribute}__{lookup}": value})

    return build


def _period(each: Filter, me: Any) -> Q:
    if each.value not in PERIODS:
        raise BadFilter(_("“%(text)s” is not a period.") % {"text": each.value[:40]})
    first, last = period(each.value, today())
    name = each.field.attribute
    if not isinstance(each.field, Moment):
        return Q(**{f"{name}__gte": first, f"{name}__lte": last})
    upper = Q(**{f"{name}__lt": start_of_day(last + dt.timedelta(days=1))})
    return upper if first == dt.date.min else Q(**{f"{name}__gte": start_of_day(first)}) & upper


def _empty(each: Filter, me: Any) -> Q:
    name = each.field.attribute
    return Q(**{f"{name}__isnull": True}) if each.field.nullable else Q(**{name: ""})


def _filled(each: Filter, me: Any) -> Q:
    return ~_empty(each, me)


_BUILDERS: dict[str, Callable[[Filter, Any], Q]] = {
    "contains": _contains,
    "is": _is,
    "any": _any,
    "all": _all,
    "none": _none,
    "me": _me,
    "my_team": _my_team,
    "gte": _bound("gte"),
    "lte": _bound("lte"),
    "period": _period,
    "empty": _empty,
    "filled": _filled,
}
