"""A record type is declared once, in its room's records.py; all shared machinery reads the declaration."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol
from uuid import UUID

from django.db import models

from core.records.fields import Choice, Field, Group, Link, Person, Reference, Section


class Visible(Protocol):
    """A selector: the records that `to` may see, the bin excluded."""

    def __call__(self, *, to: Any) -> models.QuerySet[Any]: ...


class BulkPreparer(Protocol):
    """Completes one record of a mass write, as `prepare` and `check` do for an instance.

    values: by attribute, all of the record's, changed in place. before: what is stored, None for a new
    record. titles: of the records it links to, by the link's name, as far as the file named them.
    Raises DomainError when the values contradict each other.
    """

    def __call__(
        self, values: dict[str, Any], before: Mapping[str, Any] | None, titles: Mapping[str, str]
    ) -> None: ...


def nothing_to_prepare() -> BulkPreparer:
    """For types whose `prepare` and `check` leave plain values as they are."""
    return lambda values, before, titles: None


@dataclass(frozen=True)
class Verb:
    """Something a person does to records beyond the common create, edit, delete and restore.

    url_name: of a POST view taking the record's id. only_if: decides whether the record page offers it.
    """

    name: str
    label: Any
    icon: str
    url_name: str
    only_if: Callable[[Any], bool] = lambda record: True


@dataclass(frozen=True)
class Preset:
    """A view every workspace has from the start. query: the list's URL query."""

    name: Any
    query: str


@dataclass(frozen=True, eq=False)
class RecordType:
    """One kind of record. See docs/add-a-room.md for each part in use.

    key: its name in URLs' and API's data, 'account'. slug: its place in URLs, 'accounts'.
    title: the field that names a record. duplicate_key: attributes that make two rows the same record.
    columns: shown in a new list. layout: sections of form and record page. facts: fields in the page's head.
    visible: which records a person sees. may_change: whether they may change one of them.
    prepare: fills derived attributes before every write.
    check: raises DomainError when a record as a whole is not acceptable.
    bulk_prepare: both for mass writes that make no instances; called once a batch, so that what it needs is
    read once. A test compares the two ways.
    in_menu: whether a type that the workspace made has a place in the menu.
    counted: whether its records count against the plan's limit of records.
    guarded: whether roles decide who sees and changes them; everybody sees the people of the workspace.
    derive: fills what is worked out from a record, before each write. demand: raises DomainError for what the
    workspace wants filled; gets the stored attributes too, None for a new record. follow: called after a write with
    the records and what each had before. derive_many: stands for all of these after a mass write, by the ids.
    fixed: what the rows of this type have where types share a table; `living`, `everything` and `blank` know it.
    hangs_on: attributes with ids of records whose owner a hand-over follows, the nearest first; without any, the
    first link to a type with owners. finished: which records are over and may keep the name of somebody who left.
    order: default sort, '-' for descending. board_url: the same records as a board, where there is one.
    """

    key: str
    slug: str
    model: type[models.Model]
    label: Any
    label_plural: Any
    icon: str
    title: str
    fields: Sequence[Field]
    columns: Sequence[str]
    layout: Sequence[Section]
    visible: Visible
    order: str = ""
    owner: str = ""
    team: str = ""
    duplicate_key: Sequence[str] = ()
    subtitle: Sequence[str] = ()
    facts: Sequence[str] = ()
    presets: Sequence[Preset] = ()
    verbs: Sequence[Verb] = ()
    creatable: bool = True
    importable: bool = True
    timeline: bool = True
    counted: bool = True
    in_menu: bool = True
    guarded: bool = True
    hangs_on: Sequence[str] = ()
    finished: models.Q | None = None
    shortcut: str = ""
    board_url: str = ""
    list_template: str = "web/list.html"
    page_template: str = "web/record.html"
    may_change: Callable[[Any, Any], bool] = lambda user, record: True
    prepare: Callable[[Any], None] = lambda record: None
    check: Callable[[Any], None] = lambda record: None
    bulk_prepare: Callable[[], BulkPreparer] = nothing_to_prepare
    derive: Callable[[Any], None] = lambda record: None
    demand: Callable[[Any, Mapping[str, Any] | None], None] = lambda record, before: None
    follow: Callable[[Sequence[Any], Mapping[UUID, Mapping[str, Any]] | None], None] = (
        lambda records, before: None
    )
    derive_many: Callable[[Iterable[UUID]], None] = lambda ids: None
    page_context: Callable[[Any, Any], Mapping[str, Any]] = lambda request, record: {}
    fixed: Mapping[str, Any] = field(default_factory=dict)

    def living(self) -> models.QuerySet[Any]:
        """All records outside the bin, whoever may see them."""
        return self.model._default_manager.filter(**self.fixed)

    def everything(self) -> models.QuerySet[Any]:
        """All records, the bin included."""
        return self.model._base_manager.filter(**self.fixed)

    def blank(self, **values: Any) -> Any:
        """A new instance, not stored."""
        return self.model(**self.fixed, **values)

    @cached_property
    def by_name(self) -> Mapping[str, Field]:
        return {each.name: each for each in self.fields}

    @cached_property
    def searched(self) -> tuple[Field, ...]:
        return tuple(each for each in self.fields if each.search)

    @cached_property
    def editable(self) -> tuple[Field, ...]:
        return tuple(each for each in self.fields if not each.read_only)

    @cached_property
    def links(self) -> tuple[Link, ...]:
        return tuple(each for each in self.fields if isinstance(each, Link))

    @cached_property
    def people_fields(self) -> tuple[Person | Group, ...]:
        return tuple(each for each in self.fields if isinstance(each, Person | Group))

    @cached_property
    def choices(self) -> tuple[Choice, ...]:
        return tuple(each for each in self.fields if isinstance(each, Choice))

    @cached_property
    def table(self) -> str:
        return self.model._meta.db_table

    @cached_property
    def joins(self) -> tuple[str, ...]:
        """For `select_related`, so that showing a record's fields costs no further query."""
        return tuple(each.name for each in (*self.links, *self.people_fields) if not each.path)

    @cached_property
    def references(self) -> tuple[Reference, ...]:
        return tuple(each for each in self.fields if isinstance(each, Reference))

    @property
    def anchor_link(self) -> Link | None:
        """The first link to another type with owners: what its records hang on, where nothing else is said."""
        owned = (each for each in self.links if each.target().owner and each.target().key != self.key)
        return next(owned, None)

    @property
    def anchors(self) -> tuple[str, ...]:
        """See hangs_on."""
        link = None if self.hangs_on else self.anchor_link
        return (link.attribute,) if link is not None else tuple(self.hangs_on)

    def territory_lookup(self, name: str) -> str | None:
        """Where a territory finds the field that it is cut by: on the record, or on what it hangs on."""
        if name in self.by_name:
            return self.field(name).attribute
        for link in self.links:
            if not link.path and link.target().key != self.key and name in link.target().by_name:
                return f"{link.name}__{link.target().field(name).attribute}"
        return None

    def field(self, name: str) -> Field:
        """Raises KeyError when there is none."""
        return self.by_name[name]

    def raw_of(self, record: Any, name: str) -> str:
        """What an edit of a field of a loaded record starts from; '' where there is no such field."""
        return self.field(name).raw_of(record) if name in self.by_name else ""

    def url_of(self, record_id: UUID | str) -> str:
        return f"/{self.slug}/{record_id}/"

    @property
    def list_url(self) -> str:
        return f"/{self.slug}/"

    def title_of(self, record: Any) -> str:
        return str(getattr(record, self.title))


_types: dict[str, RecordType] = {}
_shape: Callable[[Mapping[str, RecordType]], Mapping[str, RecordType]] = lambda declared: declared  # noqa: E731


def use_record_types(
    types: Iterable[RecordType],
    shape: Callable[[Mapping[str, RecordType]], Mapping[str, RecordType]] = lambda declared: declared,
    forget: Callable[[], None] = lambda: None,
) -> None:
    """Called once at start with config's visible list. Raises ValueError when two share a key or slug.

    shape: gives the declared types as the workspace at hand has them, with its own fields and layouts; asked each
    time, so it must remember its answer, and give the same objects while nothing changes. forget: after that may
    have changed in another way than through its own services (an undo).
    """
    global _shape, _forget
    _shape, _forget = shape, forget
    _types.clear()
    slugs: set[str] = set()
    for record_type in types:
        if record_type.key in _types or record_type.slug in slugs:
            raise ValueError(f"record type {record_type.key!r} is declared twice")
        _types[record_type.key] = record_type
        slugs.add(record_type.slug)


_forget: Callable[[], None] = lambda: None  # noqa: E731


def declared_types() -> Mapping[str, RecordType]:
    """By key, as the rooms declare them, whatever the workspace at hand adds."""
    return _types


def record_types() -> tuple[RecordType, ...]:
    """All record types of the workspace at hand, in the order of config's list."""
    return tuple(_shape(_types).values())


def record_type(key: str) -> RecordType:
    """As the workspace at hand has it. Raises KeyError for an unknown key."""
    return _shape(_types)[key]


def current_type(kind: RecordType) -> RecordType:
    """The same type as the workspace at hand has it; one that is not registered stays itself."""
    return _shape(_types).get(kind.key, kind)


def declared_type(kind: RecordType) -> RecordType:
    """The same type as its room declares it; one that a workspace made stays itself."""
    return _types.get(kind.key, kind)


def type_of(record: models.Model) -> RecordType:
    """The record type of an instance. Raises KeyError."""
    for each in record_types():
        if isinstance(record, each.model) and all(getattr(record, n) == v for n, v in each.fixed.items()):
            return each
    raise KeyError(type(record).__name__)


def forget_choices() -> None:
    """Options and fields that came or went with an undo are remembered nowhere."""
    _forget()
    for each in record_types():
        for choice in each.choices:
            choice.forget()


def incoming_links(target: RecordType) -> list[tuple[RecordType, Link]]:
    """Which types refer to `target` and want to be listed on its page."""
    return [
        (each, link)
        for each in record_types()
        for link in each.links
        if link.related and link.target().key == target.key
    ]


def mentions_of(target: RecordType) -> list[tuple[RecordType, Link]]:
    """Which types are found by the title of the `target` they refer to, or say it beside their own."""
    return [
        (each, link)
        for each in record_types()
        for link in each.links
        if (link.search or link.name in each.subtitle) and link.target().key == target.key
    ]
