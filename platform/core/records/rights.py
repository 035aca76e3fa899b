"""What a person may do with records: asked here and nowhere else.

Who has which rights is worked out above (tenants.people); this module says what they mean. A record type is asked
through `within` (rows in a query), `may` (one record), `require` (or an error) and `as_seen_by` (which of its fields
are shown and can be written). Lists, counts, search, timeline, palette, export, reports, API and mass edits all come
through these, so that a right that is taken away is gone everywhere at the next request.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.entitlements import may_write
from core.errors import DomainError, NotAllowed
from core.modules import ModuleOff, off_module_of_type
from core.records.in_use import fields_without_use
from core.records.models import RecordShare
from core.records.types import record_types

if TYPE_CHECKING:
    from core.records.fields import Section
    from core.records.types import RecordType

ANY_TYPE = "*"
"""Stands for every record type that a role says nothing of, also those of later rooms."""


class Verb(StrEnum):
    """What is done to records. Files are imported by administrators."""

    SEE = "see"
    CREATE = "create"
    EDIT = "edit"
    DELETE = "delete"
    ASSIGN = "assign"
    MASS_EDIT = "mass_edit"
    EXPORT = "export"


class Scope(StrEnum):
    """To which records a verb reaches.

    OWN: one's own and what was shared. TEAM: also those of one's team and of teams that one leads. BELOW: also those
    of the teams below them.
    """

    NONE = "none"
    OWN = "own"
    TEAM = "team"
    BELOW = "below"
    ALL = "all"


class FieldAccess(StrEnum):
    """What is allowed with one field."""

    HIDDEN = "hidden"
    READ = "read"
    WRITE = "write"


VERB_WORDS = {
    Verb.SEE: pgettext_lazy("right", "See"),
    Verb.CREATE: pgettext_lazy("right", "Create"),
    Verb.EDIT: pgettext_lazy("right", "Edit"),
    Verb.DELETE: pgettext_lazy("right", "Delete"),
    Verb.ASSIGN: pgettext_lazy("right", "Assign"),
    Verb.MASS_EDIT: pgettext_lazy("right", "Mass edit"),
    Verb.EXPORT: pgettext_lazy("right", "Export"),
}
SCOPE_WORDS = {
    Scope.NONE: pgettext_lazy("scope", "None"),
    Scope.OWN: pgettext_lazy("scope", "Own"),
    Scope.TEAM: pgettext_lazy("scope", "Team"),
    Scope.BELOW: pgettext_lazy("scope", "Team and below"),
    Scope.ALL: pgettext_lazy("scope", "All"),
}
ACCESS_WORDS = {
    FieldAccess.HIDDEN: gettext_lazy("Hidden"),
    FieldAccess.READ: gettext_lazy("Read"),
    FieldAccess.WRITE: gettext_lazy("Read and write"),
}
_RANKS = {scope: rank for rank, scope in enumerate(Scope)}


def narrower(one: Scope, other: Scope) -> Scope:
    """The one of two scopes that reaches less far."""
    return one if _RANKS[one] <= _RANKS[other] else other


@dataclass(frozen=True, slots=True)
class Territory:
    """What somebody sees beside what the role lets them see.

    values: ids of options by the field they are of; a record belongs to it when each of these fields has one.
    """

    values: Mapping[str, frozenset[UUID]]


_MOST_SHARED = 5_000


@dataclass(frozen=True, slots=True)
class Rights:
    """Of one person. everything: nothing is asked.

    scopes: {record type: {verb: scope}}. fields: {record type: {field: access}}; what is not named can be written.
    own_teams: the person's and those they lead. teams_below: these, and the teams below them.
    """

    person_id: UUID | None
    everything: bool = False
    scopes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    fields: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    own_teams: frozenset[UUID] = frozenset()
    teams_below: frozenset[UUID] = frozenset()
    territories: tuple[Territory, ...] = ()
    _shares: dict[str, dict[UUID, bool]] = field(default_factory=dict, init=False, compare=False, repr=False)

    def shared(self, kind: "RecordType", *, to_edit: bool) -> list[UUID]:
        """Records of the type that were shared with the person or their teams; read once, whatever is asked.

        Apart from the rows that they widen: as a literal list the database can join it with the index on the owner.
        """
        if not self._shares:
            subjects = [self.person_id, *self.own_teams]
            rows = RecordShare.objects.filter(subject_id__in=subjects).order_by("created_at")
            for key, record_id, may_edit in rows.values_list("record_type", "record_id", "may_edit")[
                :_MOST_SHARED
            ]:
                of_type = self._shares.setdefault(key, {})
                of_type[record_id] = may_edit or of_type.get(record_id, False)
            self._shares.setdefault("", {})  # looked, though there was nothing
        return [pk for pk, may_edit in self._shares.get(kind.key, {}).items() if may_edit or not to_edit]

    def scope(self, kind: "RecordType", verb: Verb) -> Scope:
        """Nothing can be done to what cannot be seen; of a type without owners one sees all or nothing.

        What belongs to a module that is off is there for nobody but the product itself.
        """
        if self.person_id is not None and off_module_of_type(kind.key):
            return Scope.NONE
        if self.everything or not kind.guarded:
            return Scope.ALL
        given = self.scopes_of_key(kind.key)
        seen = _read_scope(given.get(Verb.SEE))
        if not kind.owner and seen != Scope.NONE:
            seen = Scope.ALL
        reached = narrower(_read_scope(given.get(verb)), seen) if verb != Verb.SEE else seen
        if verb == Verb.CREATE:  # what is not there yet has no owner to measure by
            return Scope.NONE if reached == Scope.NONE else Scope.ALL
        # Nobody's own: what reaches to one's own only reaches to none of these.
        return reached if kind.owner or reached == Scope.ALL else Scope.NONE

    def access(self, kind: "RecordType", name: str) -> FieldAccess:
        """Of one field. A record's title is always shown: something must stand for it."""
        if self.person_id is not None and name in fields_without_use(kind):
            return FieldAccess.HIDDEN
        given = {} if self.everything or not kind.guarded else self.fields.get(kind.key, {})
        if not self._may_know(kind, name):
            return FieldAccess.HIDDEN
        found = given.get(name, FieldAccess.WRITE)
        access = FieldAccess(found) if found in set(FieldAccess) else FieldAccess.HIDDEN
        if access == FieldAccess.HIDDEN and (name == kind.title or kind.field(name).required):
            return FieldAccess.READ
        return access

    def _may_know(self, kind: "RecordType", name: str) -> bool:
        """Of what is worked out: only who sees all that goes into it, also of the records that it sums up."""
        plain = name not in kind.by_name or not (kind.field(name).inputs or kind.field(name).covers)
        if self.everything or not kind.guarded or plain:
            return True
        types = {each.key: each for each in record_types()} | {kind.key: kind}
        asked = (kind.key, name)
        known, waiting = {asked}, [asked]
        while waiting:
            key, of = waiting.pop()
            if (key, of) != asked and self.fields.get(key, {}).get(of) == FieldAccess.HIDDEN:
                return False
            field = types[key].by_name.get(of) if key in types else None
            if field is None:
                continue
            if any(self.scopes_of_key(below).get(Verb.SEE) != Scope.ALL for below, _name in field.covers):
                return False
            further = {*((key, each) for each in field.inputs), *field.covers} - known
            known |= further
            waiting += further
        return True

    def scopes_of_key(self, key: str) -> Mapping[str, str]:
        """What is said of a type, by verb."""
        return self.scopes.get(key) or self.scopes.get(ANY_TYPE) or {}

    def shows(self, kind: "RecordType", *names: str) -> bool:
        """Whether every one of these fields may be read."""
        return all(self.access(kind, name) != FieldAccess.HIDDEN for name in names)


def _read_scope(text: str | None) -> Scope:
    """What a newer release stored and this one does not know allows nothing."""
    return Scope(text) if text in set(Scope) else Scope.NONE


EVERYTHING = Rights(None, everything=True)
_provider: Callable[[Any], Rights] = lambda person: EVERYTHING  # noqa: E731


def use_rights(provider: Callable[[Any], Rights]) -> None:
    """config's choice: who works a person's rights out."""
    global _provider
    _provider = provider


def rights_of(person: Any) -> Rights:
    """Worked out once a request and person. None: the product itself, which may do everything."""
    if person is None:
        return EVERYTHING
    known: Rights | None = person.__dict__.get("_rights")
    if known is None:
        known = person.__dict__["_rights"] = _provider(person)
    return known


def within(rows: QuerySet[Any], kind: "RecordType", *, to: Any, verb: Verb = Verb.SEE) -> QuerySet[Any]:
    """Those of the rows of this type that `to` may see, or do `verb` to."""
    rights = rights_of(to)
    scope = rights.scope(kind, verb)
    if scope == Scope.ALL:
        return rows
    if scope == Scope.NONE:
        return rows.none()
    return rows.filter(_reach(kind, rights, scope, verb))


def _reach(kind: "RecordType", rights: Rights, scope: Scope, verb: Verb) -> Q:
    reach = Q(**{f"{kind.owner}_id": rights.person_id})
    teams = {Scope.TEAM: rights.own_teams, Scope.BELOW: rights.teams_below}.get(scope, frozenset())
    if teams and kind.team:
        reach |= Q(**{f"{kind.team}_id__in": sorted(teams)})
    elif teams:
        reach |= Q(**{f"{kind.owner}__team_id__in": sorted(teams)})
    looking = verb in (Verb.SEE, Verb.EXPORT)
    if looking or verb == Verb.EDIT:
        reach |= Q(pk__in=rights.shared(kind, to_edit=not looking))
    if looking:
        for territory in rights.territories:
            reach |= _in_territory(kind, territory)
    return reach


def _in_territory(kind: "RecordType", territory: Territory) -> Q:
    """By the record's own fields, or by those of the record that it hangs on."""
    found = Q()
    for name, values in territory.values.items():
        lookup = kind.territory_lookup(name)
        if lookup is None:
            return Q(pk__in=[])
        found &= Q(**{f"{lookup}__in": sorted(values)})
    return found if territory.values else Q(pk__in=[])


def is_offered_new(person: Any, kind: "RecordType") -> bool:
    """Whether a page offers to make one: the person may, and the workspace is not read-only for want of payment."""
    return kind.creatable and may(person, kind, Verb.CREATE) and may_write()


def may(person: Any, kind: "RecordType", verb: Verb, record: Any = None) -> bool:
    """Whether the person may do this to the record; without one, whether to any.

    No query where the scope is all or nothing, or the record is the person's own.
    """
    rights = rights_of(person)
    scope = rights.scope(kind, verb)
    if record is None or scope in (Scope.ALL, Scope.NONE):
        return scope != Scope.NONE
    if getattr(record, f"{kind.owner}_id") == rights.person_id:
        return True
    everything = kind.everything().filter(pk=record.pk)
    return within(everything, kind, to=person, verb=verb).exists()


def require(person: Any, kind: "RecordType", verb: Verb) -> None:
    """Raises NotAllowed when the person may do this to no record of the type, ModuleOff when nobody may now."""
    if not may(person, kind, verb):
        raise _refused(kind, verb)


def require_within(person: Any, kind: "RecordType", verb: Verb, ids: Iterable[UUID]) -> None:
    """Raises NotAllowed unless the person may do this to each of the records."""
    require(person, kind, verb)
    if rights_of(person).scope(kind, verb) == Scope.ALL:
        return
    wanted = set(ids)
    rows = kind.everything().filter(pk__in=wanted)
    if within(rows, kind, to=person, verb=verb).count() != len(wanted):
        raise NotAllowed(_refusal(kind, verb))


def _refused(kind: "RecordType", verb: Verb) -> DomainError:
    module = off_module_of_type(kind.key)
    return ModuleOff(module) if module else NotAllowed(_refusal(kind, verb))


def _refusal(kind: "RecordType", verb: Verb) -> str:
    words = {"types": kind.label_plural}
    return {
        Verb.SEE: _("Your role does not let you see these %(types)s."),
        Verb.CREATE: _("Your role does not let you create %(types)s."),
        Verb.EDIT: _("You may see this, but not change it."),
        Verb.DELETE: _("Your role does not let you delete these %(types)s."),
        Verb.ASSIGN: _("Your role does not let you give these %(types)s to somebody else."),
        Verb.MASS_EDIT: _("Your role does not let you change several %(types)s at once."),
        Verb.EXPORT: _("Your role does not let you export %(types)s."),
    }[verb] % words


def require_shown(person: Any, kind: "RecordType", *names: str) -> None:
    """For a page that is made of these fields. Raises NotAllowed when one of them is hidden, or the type is."""
    require(person, kind, Verb.SEE)
    if not rights_of(person).shows(kind, *names):
        raise NotAllowed(_("Your role does not let you see the figures that this page is made of."))


def holds_fields_back(person: Any, kind: "RecordType") -> bool:
    """Whether anything is said of the type's single fields: by the person's role, or for everybody."""
    if person is not None and fields_without_use(kind):
        return True
    rights = rights_of(person)
    return kind.guarded and not rights.everything and bool(rights.fields.get(kind.key))


def require_fields(person: Any, kind: "RecordType", attributes: Iterable[str]) -> None:
    """Raises NotAllowed naming a field among these attributes that the person may not write."""
    if not holds_fields_back(person, kind):
        return
    rights, wanted = rights_of(person), set(attributes)
    for each in kind.fields:
        if {each.attribute, each.api_name} & wanted and rights.access(kind, each.name) != FieldAccess.WRITE:
            message = _("Your role does not let you change “%(field)s”.") % {"field": each.label}
            raise NotAllowed(message, fields={each.name: message})


def as_seen_by(kind: "RecordType", person: Any) -> "RecordType":
    """The type as it is to this person: hidden fields are not there, some cannot be written.

    The very type itself for whoever may write all of it.
    """
    rights = rights_of(person)
    off = fields_without_use(kind) if person is not None else frozenset()
    if not off and (rights.everything or not kind.guarded):
        return kind
    given = {
        *off,
        *rights.fields.get(kind.key, ()),
        *(each.name for each in kind.fields if each.inputs or each.covers),
    }
    held = tuple(sorted((n, rights.access(kind, n)) for n in given if n in kind.by_name))
    held = tuple(each for each in held if each[1] != FieldAccess.WRITE)
    return _narrowed(kind, held) if held else kind


def without_unused(kind: "RecordType") -> "RecordType":
    """The type without the fields that are hidden from everybody."""
    held = tuple((name, FieldAccess.HIDDEN) for name in sorted(fields_without_use(kind)))
    return _narrowed(kind, held) if held else kind


@lru_cache(maxsize=512)
def _narrowed(kind: "RecordType", held: Sequence[tuple[str, FieldAccess]]) -> "RecordType":
    """held: fields that are hidden or can only be read. One object for one answer, since pages compare types."""
    hidden = {name for name, access in held if access == FieldAccess.HIDDEN}
    read = {name for name, access in held if access == FieldAccess.READ}

    def kept(names: Iterable[str]) -> list[str]:
        return [name for name in names if name not in hidden]

    layout: list[Section] = [replace(section, fields=tuple(kept(section.fields))) for section in kind.layout]
    return replace(
        kind,
        fields=[
            replace(each, read_only=True) if each.name in read else each
            for each in kind.fields
            if each.name not in hidden
        ],
        columns=kept(kind.columns),
        layout=[section for section in layout if section.fields],
        subtitle=kept(kind.subtitle),
        facts=kept(kind.facts),
    )
