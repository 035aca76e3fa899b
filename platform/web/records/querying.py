"""The builder of nested questions: groups of conditions on own, linked and referring records.

Rows come from the form in the order in which they stand; the server draws what each needs, so that the same page
works with and without scripts. What is deeper than the page can show is kept as it is and said in words.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson
from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.ids import read_int
from core.records.fields import Choice, Field, Reference, YesNo
from core.records.filters import OPERATORS, WITHOUT_VALUE, BadFilter
from core.records.lists import read_request
from core.records.periods import PERIODS
from core.records.queries import Group, Negation, Node, Referring, Test, read_query
from core.records.rights import Verb, as_seen_by, may
from core.records.types import RecordType, current_type, incoming_links, record_type
from web.answers import go
from web.pickers import SearchedMultiple, SearchedSelect
from web.records.inputs import Picker, choices_of, form_field, picker_url, text_in, title_of_id
from web.records.narrowing import address, page_asked_from
from web.shell import Place

_MOST_ROWS = 30


@dataclass(frozen=True, slots=True)
class Row:
    """One condition. group: from 0. subject: 'f:<field>', 'f:<link>><field>', 'has:<type>.<link>', 'no:…'.

    inner: it narrows the referring records of the row above. value: as in an address.
    """

    group: int
    subject: str
    operator: str = ""
    value: str = ""
    inner: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """top, joins: 'all' or 'any', between groups and inside each. negated: groups that must not hold."""

    rows: tuple[Row, ...]
    top: str = "all"
    joins: tuple[str, ...] = ("all",)
    negated: frozenset[int] = frozenset()


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def build_query(request: HttpRequest, kind: RecordType) -> HttpResponse:
    """The builder over the list's question; applied, the list opens with it. Every other button draws it anew."""
    wanted = read_request(kind, request.GET, to=request.user)
    form, problem = _form_of(wanted.where), ""
    if request.method == "POST":
        form = _changed(_read(request.POST), request.POST)
        if "apply" in request.POST:
            try:
                given = _json_of(kind, form, request.user)
                node = read_query(kind, given, to=request.user) if given else None
                return go(request, address(page_asked_from(kind, request), wanted.query_with(where=node)))
            except BadFilter as error:
                problem = str(error)
    context = _context(request, kind, form or Form((Row(0, ""),)), problem)
    context["too_deep"] = form is None
    part = bool(getattr(request, "htmx", False)) and request.method == "POST"
    template = "web/_query.html" if part else "web/query.html"
    return render(request, template, context, status=422 if problem and not part else 200)


def _read(data: QueryDict) -> Form:
    rows = []
    lists = (data.getlist(name) for name in ("group", "subject", "inner", "row"))
    for group, subject, inner, number in zip(*lists, strict=False):
        place = _place(group) or 0
        operator, value = data.get(f"operator-{number}", ""), text_in(data, f"value-{number}")
        if operator == "period":
            value = data.get(f"period-{number}", "")
        rows.append(Row(place, subject[:120], operator[:12], value[:500], inner == "1"))
    count = max((row.group for row in rows), default=0) + 1
    joins = tuple("any" if data.get(f"join-{n}") == "any" else "all" for n in range(count))
    negated = frozenset(n for n in range(count) if data.get(f"not-{n}"))
    return Form(tuple(rows[:_MOST_ROWS]), "any" if data.get("top") == "any" else "all", joins, negated)


def _place(text: str) -> int | None:
    """Of a group or row that a form can have."""
    found = read_int(text)
    return found if found is not None and found < _MOST_ROWS else None


def _changed(form: Form, data: QueryDict) -> Form:
    """What the pressed button does: `add` to a group, `inside` a row, `remove` a row, `group-more`."""
    rows = list(form.rows)
    if "group-more" in data:
        place = len(form.joins)
        return replace(form, rows=(*rows, Row(place, "")), joins=(*form.joins, "all"))
    for word, change in (("add", _add), ("inside", _add_inside), ("remove", _remove)):
        pressed = _place(data.get(word, ""))
        if pressed is not None:
            change(rows, pressed)
    return replace(form, rows=tuple(rows[:_MOST_ROWS]) or (Row(0, ""),))


def _add(rows: list[Row], group: int) -> None:
    last = max((n for n, row in enumerate(rows) if row.group == group), default=len(rows) - 1)
    rows.insert(last + 1, Row(group, ""))


def _add_inside(rows: list[Row], number: int) -> None:
    if number < len(rows):
        rows.insert(number + 1, Row(rows[number].group, "", inner=True))


def _remove(rows: list[Row], number: int) -> None:
    if number >= len(rows):
        return
    end = number + 1
    while not rows[number].inner and end < len(rows) and rows[end].inner:
        end += 1  # what narrowed it goes along
    del rows[number:end]


def _json_of(kind: RecordType, form: Form, to: Any) -> str:
    """The form as a question's text, '' for none. Raises BadFilter for a row that is not finished."""
    groups: list[Any] = []
    for number, join in enumerate(form.joins):
        parts = list(_parts(kind, [row for row in form.rows if row.group == number and row.subject], to))
        if parts:
            whole: Any = parts[0] if len(parts) == 1 else {join: parts}
            groups.append({"not": whole} if number in form.negated else whole)
    if not groups:
        return ""
    return orjson.dumps(groups[0] if len(groups) == 1 else {form.top: groups}).decode()


def _parts(kind: RecordType, rows: Sequence[Row], to: Any) -> Iterator[Any]:
    for place, row in enumerate(rows):
        if row.inner:
            continue
        word, _colon, name = row.subject.partition(":")
        if word == "f":
            yield f"{name}.{row.operator}.{row.value}"
            continue
        inside = []
        for each in rows[place + 1 :]:
            if not each.inner:
                break
            inside.append(f"{each.subject.partition(':')[2]}.{each.operator}.{each.value}")
        where: dict[str, Any] = {"where": {"all": inside}} if inside else {}
        yield {word: name, **where}


def _form_of(node: Node | None) -> Form | None:
    """The rows of a question; None when it is nested more deeply than they can say."""
    if node is None:
        return Form((Row(0, ""),))
    top, groups = "all", [node]
    if isinstance(node, Group) and any(isinstance(part, Group | Negation) for part in node.parts):
        top, groups = node.join, list(node.parts)
    rows: list[Row] = []
    joins: list[str] = []
    negated: set[int] = set()
    for number, group in enumerate(groups):
        if isinstance(group, Negation):
            negated.add(number)
            group = group.part
        parts = group.parts if isinstance(group, Group) else (group,)
        joins.append(group.join if isinstance(group, Group) else "all")
        for part in parts:
            found = _rows_of(part, number)
            if found is None:
                return None
            rows += found
    return Form(tuple(rows), top, tuple(joins), frozenset(negated))


def _rows_of(node: Node, group: int) -> list[Row] | None:
    if isinstance(node, Test):
        name = "".join(f"{link.name}>" for link in node.links) + node.filter.field.name
        return [Row(group, f"f:{name}", node.filter.operator, node.filter.value)]
    if not isinstance(node, Referring):
        return None
    rows = [Row(group, f"{'has' if node.wanted else 'no'}:{node.other.key}.{node.link.name}")]
    inside: Sequence[Node] = ()
    if node.where is not None:
        inside = (
            node.where.parts if isinstance(node.where, Group) and node.where.join == "all" else (node.where,)
        )
    for part in inside:
        if not isinstance(part, Test):
            return None
        [row] = _rows_of(part, group) or [Row(group, "")]
        rows.append(replace(row, inner=True))
    return rows


def _context(request: HttpRequest, kind: RecordType, form: Form, problem: str) -> dict[str, Any]:
    title = _("Question about %(types)s") % {"types": kind.label_plural}
    drawn = [_drawn(kind, form.rows, number, request.user) for number in range(len(form.rows))]
    return {
        "title": title,
        "crumb": Place(str(kind.label_plural).capitalize(), kind.list_url, kind.icon),
        "action": request.get_full_path(),
        "problem": problem,
        "top": form.top,
        "groups": [
            {
                "number": number,
                "join": join,
                "negated": number in form.negated,
                "rows": [row for row in drawn if row["row"].group == number],
            }
            for number, join in enumerate(form.joins)
        ],
        "cancel_url": kind.list_url,
    }


def _drawn(kind: RecordType, rows: Sequence[Row], number: int, user: Any) -> dict[str, Any]:
    row = rows[number]
    about = kind
    if row.inner:
        above = next(each for each in reversed(rows[:number]) if not each.inner) if number else row
        about = _type_below(above, user) or kind
    field = _field_of(about, row.subject, user)
    operators = [(name, OPERATORS[name]) for name in field.operators] if field else []
    operator = row.operator if row.operator in dict(operators) else (operators[0][0] if operators else "")
    return {
        "row": row,
        "number": number,
        "subjects": _subjects(about, user, inner=row.inner),
        "operators": operators,
        "operator": operator,
        "control": _control(field, operator, row.value, number) if field else "",
        "may_narrow": row.subject.startswith(("has:", "no:")),
    }


def _type_below(row: Row, user: Any) -> RecordType | None:
    key = row.subject.partition(":")[2].partition(".")[0]
    try:
        return as_seen_by(record_type(key), user)
    except KeyError:
        return None


def _field_of(kind: RecordType, subject: str, user: Any) -> Field | None:
    word, _colon, name = subject.partition(":")
    if word != "f":
        return None
    link_name, above, rest = name.partition(">")
    if above:
        link = kind.by_name.get(link_name)
        if link is None or not hasattr(link, "target"):
            return None
        kind, name = as_seen_by(current_type(link.target()), user), rest
    found = kind.by_name.get(name)
    return found if found is not None and found.filterable else None


def _subjects(kind: RecordType, user: Any, *, inner: bool) -> list[tuple[str, list[tuple[str, str]]]]:
    """Groups of what a condition may be about: own fields, those of linked records, records that refer here."""
    own = [(f"f:{each.name}", str(each.label)) for each in kind.fields if each.filterable]
    groups = [(str(kind.label).capitalize(), own)]
    for link in kind.links:
        target = as_seen_by(current_type(link.target()), user)
        if may(user, target, Verb.SEE):
            fields = [
                (f"f:{link.name}>{each.name}", f"{link.label}: {each.label}")
                for each in target.fields
                if each.filterable
            ]
            groups.append((str(link.label), fields))
    if not inner:
        groups += _referring(kind, user)
    return groups


def _referring(kind: RecordType, user: Any) -> list[tuple[str, list[tuple[str, str]]]]:
    found = []
    for other, link in incoming_links(kind):
        if may(user, other, Verb.SEE) and link.name in as_seen_by(other, user).by_name:
            words = {"types": str(other.label_plural), "link": str(link.label)}
            choices = [
                (f"has:{other.key}.{link.name}", _("there are %(types)s (%(link)s)") % words),
                (f"no:{other.key}.{link.name}", _("there are no %(types)s (%(link)s)") % words),
            ]
            found.append((str(other.label_plural).capitalize(), choices))
    return found


def _control(field: Field, operator: str, value: str, number: int) -> Any:
    """The bound control of a row's value; '' where the operator needs none."""
    if operator in WITHOUT_VALUE:
        return ""
    form = forms.Form()
    name = f"value-{number}"
    if operator == "period":
        name = f"period-{number}"
        form.fields[name] = forms.ChoiceField(choices=[(key, label) for key, (label, _f) in PERIODS.items()])
        form.initial = {name: value}
    elif isinstance(field, Choice):
        form.fields[name] = forms.MultipleChoiceField(
            choices=choices_of(field)[1:], widget=SearchedMultiple(field.label)
        )
        form.initial = {name: value.split(",")}
    elif isinstance(field, Reference):
        shown = title_of_id(field, value)
        form.fields[name] = forms.CharField(
            widget=Picker(source=picker_url(field), label=str(field.label), shown=shown)
        )
        form.initial = {name: value}
    elif isinstance(field, YesNo):
        form.fields[name] = forms.ChoiceField(choices=choices_of(field), widget=SearchedSelect(field.label))
        form.initial = {name: value}
    else:
        form.fields[name] = form_field(field)
        form.initial = {name: value}
    form.fields[name].required = False  # a row that is not finished is told of, not marked before
    form.fields[name].widget.attrs["aria-label"] = str(field.label)
    return form[name]
