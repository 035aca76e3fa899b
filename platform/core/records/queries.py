"""Nested questions about records: and, or, not, fields of linked records, and whether others refer to them.

Written as JSON in the address (`w=…`), so that list, board, file, saved view and API take the same object:

    "stage.any.customer"                            a filter of the type's own (core.records.filters)
    "account>tier.any.<id>"                         a filter of the record that a link leads to
    {"all": [node, …]}  {"any": [node, …]}  {"not": node}
    {"has": "opportunity.account", "where": node}   records of another type refer here, and meet their own question
    {"no": "opportunity.account", "where": node}    none does

What is asked of linked records counts only those that the asker may see: a question must not tell of others.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import orjson
from django.db.models import BooleanField, Case, Exists, OuterRef, Q, UUIDField, Value, When
from django.db.models.fields.json import KT, KeyTextTransform
from django.db.models.functions import Cast
from django.db.models.lookups import Exact
from django.utils.translation import gettext as _

from core.records.custom import column_of, key_of
from core.records.fields import Link
from core.records.filters import BadFilter, Filter, condition, read_filter
from core.records.rights import Verb, as_seen_by, may
from core.records.types import RecordType, record_types

LONGEST = 6_000
_DEEPEST, _MOST_PARTS = 6, 60


@dataclass(frozen=True, slots=True)
class Test:
    """A filter of the record itself, or of the one that `links` lead to."""

    links: tuple[Link, ...]
    filter: Filter

    @property
    def as_json(self) -> Any:
        return "".join(f"{link.name}>" for link in self.links) + self.filter.as_query


@dataclass(frozen=True, slots=True)
class Group:
    """join: 'all' or 'any'."""

    join: str
    parts: tuple["Node", ...]

    @property
    def as_json(self) -> Any:
        return {self.join: [part.as_json for part in self.parts]}


@dataclass(frozen=True, slots=True)
class Negation:
    part: "Node"
    join: ClassVar[str] = "not"

    @property
    def as_json(self) -> Any:
        return {"not": self.part.as_json}


@dataclass(frozen=True, slots=True)
class Referring:
    """Whether records of another type refer here through `link`. wanted: True for some, False for none."""

    other: RecordType
    link: Link
    wanted: bool
    where: "Node | None"

    @property
    def as_json(self) -> Any:
        found: dict[str, Any] = {"has" if self.wanted else "no": f"{self.other.key}.{self.link.name}"}
        return found | ({"where": self.where.as_json} if self.where else {})


Node = Test | Group | Negation | Referring


def read_query(kind: RecordType, text: str, *, to: Any) -> Node:
    """A question out of an address, with the fields that `to` may see. Raises BadFilter with a sentence."""
    if len(text) > LONGEST:
        raise BadFilter(_("This question is too long."))
    try:
        given = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise BadFilter(_("This question cannot be read."))
    node = _read(kind, given, to, 1)
    if sum(1 for _part in parts_of(node)) > _MOST_PARTS:
        raise BadFilter(_("This question has too many parts."))
    return node


def write_query(node: Node) -> str:
    """What `read_query` reads back."""
    return orjson.dumps(node.as_json).decode()


def parts_of(node: Node) -> Iterator[Node]:
    """The node and all below it."""
    yield node
    if isinstance(node, Group):
        for part in node.parts:
            yield from parts_of(part)
    elif isinstance(node, Negation):
        yield from parts_of(node.part)
    elif isinstance(node, Referring) and node.where is not None:
        yield from parts_of(node.where)


def _read(kind: RecordType, given: Any, to: Any, depth: int) -> Node:
    if depth > _DEEPEST:
        raise BadFilter(_("This question is nested too deeply."))
    if isinstance(given, str):
        return _read_test(kind, given, to)
    if not isinstance(given, Mapping):
        raise BadFilter(_("This question cannot be read."))
    for join in ("all", "any"):
        if isinstance(given.get(join), list) and given[join]:
            return Group(join, tuple(_read(kind, part, to, depth + 1) for part in given[join]))
    if "not" in given:
        return Negation(_read(kind, given["not"], to, depth + 1))
    for word, wanted in (("has", True), ("no", False)):
        if isinstance(given.get(word), str):
            return _read_referring(kind, given, given[word], wanted, to, depth)
    raise BadFilter(_("This question cannot be read."))


def _read_test(kind: RecordType, text: str, to: Any) -> Test:
    *names, rest = text.split(">") if ">" in text.partition(".")[0] else [text]
    links: list[Link] = []
    for name in names:
        link = kind.by_name.get(name)
        if not isinstance(link, Link) or len(links) == 2:
            raise BadFilter(_("There is no field “%(name)s” to filter by.") % {"name": name[:40]})
        links.append(link)
        kind = _seen(link.target().key, to)
    return Test(tuple(links), read_filter(kind, rest))


def _read_referring(
    kind: RecordType, given: Mapping[str, Any], named: str, wanted: bool, to: Any, depth: int
) -> Referring:
    key, _dot, name = named.partition(".")
    other = _seen(key, to)
    link = other.by_name.get(name)
    if not isinstance(link, Link) or link.target().key != kind.key:
        raise BadFilter(_("No records refer here in that way."))
    where = given.get("where")
    return Referring(other, link, wanted, _read(other, where, to, depth + 1) if where else None)


def _seen(key: str, to: Any) -> RecordType:
    """The type as the asker sees it. Raises BadFilter for one that is not there, or not for them."""
    found = next((kind for kind in record_types() if kind.key == key), None)
    if found is None or not may(to, found, Verb.SEE):
        raise BadFilter(_("There are no such records here."))
    return as_seen_by(found, to)


def question(node: Node, *, to: Any) -> Q:
    """The condition on the records that were asked about."""
    if isinstance(node, Test):
        return _test(node, to)
    if isinstance(node, Group):
        return Q(
            *[question(part, to=to) for part in node.parts], _connector=Q.AND if node.join == "all" else Q.OR
        )
    if isinstance(node, Negation):
        # Neither true nor false, of an empty value, is no yes: then the denial holds.
        holds = Case(
            When(question(node.part, to=to), then=Value(True)),
            default=Value(False),
            output_field=BooleanField(),
        )
        return Q(Exact(holds, Value(False)))
    rows = _referring_rows(node, to)
    return Q(Exists(rows)) if node.wanted else ~Q(Exists(rows))


def _test(node: Test, to: Any) -> Q:
    found = condition(node.filter, me=to.pk)
    for link in reversed(node.links):
        rows = link.target().visible(to=to).order_by().filter(found)
        found = Q(Exists(rows.filter(pk=_id_of(link))))
    return found


def _id_of(link: Link) -> Any:
    """The id that a link of the record outside holds."""
    if not link.path:
        return OuterRef(link.attribute)
    return Cast(KeyTextTransform(key_of(link.path), OuterRef(column_of(link.path))), UUIDField())


def _referring_rows(node: Referring, to: Any) -> Any:
    rows = node.other.visible(to=to).order_by()
    if node.where is not None:
        rows = rows.filter(question(node.where, to=to))
    if not node.link.path:
        return rows.filter(**{node.link.attribute: OuterRef("pk")})
    return rows.alias(refers_to=Cast(KT(node.link.path), UUIDField())).filter(refers_to=OuterRef("pk"))
