"""Which modules are on, and what would hide with one of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from core.entitlements import allows, plans_with
from core.modules import Module, dependents, module, modules, modules_off
from core.records.fields import Link
from core.records.models import SavedView
from core.records.types import RecordType, record_type, record_types
from core.tenancy.scope import current_snapshot
from tenants.people.workspace_settings import settings_under

TOPIC = "module"


@dataclass(frozen=True, slots=True)
class ModuleRow:
    """on: what the switch says. missing: labels of what it needs and that is off. plans: names of the plans that
    bring it, where the workspace's own does not; None where it does."""

    module: Module
    on: bool
    missing: list[Any]
    plans: list[str] | None


@dataclass(frozen=True, slots=True)
class Hidden:
    """What hides with a module and those that need it.

    records: (type, how many outside the bin, how many in it). fields: (type it is on, field, on how many records it
    says something). views: names of saved views of its types. filtered: of other views that filter or sort by such a
    field. also: the modules that go with it.
    """

    records: list[tuple[RecordType, int, int]]
    fields: list[tuple[RecordType, Link, int]]
    views: list[str]
    filtered: list[str]
    blocks: list[Any]
    also: list[Module]

    @property
    def api(self) -> list[str]:
        """Addresses of the API's resources."""
        return [f"/api/v1/{kind.slug}/" for kind, _living, _binned in self.records]


def modules_switched_off() -> list[str]:
    """Keys, as the workspace at hand has set them."""
    return [key for key, value in settings_under(TOPIC).items() if value is False]


def module_rows() -> list[ModuleRow]:
    """All modules, in the order of config's list."""
    off, switched = modules_off(), set(modules_switched_off())
    return [_row(each, each.key not in switched, off) for each in modules()]


def _row(each: Module, on: bool, off: Iterable[str]) -> ModuleRow:
    lacks = each.feature is not None and not allows(current_snapshot(), each.feature)
    return ModuleRow(
        module=each,
        on=on,
        missing=[module(key).label for key in each.needs if key in off],
        plans=plans_with(each.feature) if lacks and each.feature else None,
    )


def hidden_by(key: str) -> Hidden:
    """What hides when this module is switched off, counted now. One query a record type and field.

    Raises KeyError for an unknown module.
    """
    also = [each for each in dependents(key) if each.key not in modules_off()]
    gone = [module(key), *also]
    kinds = [record_type(name) for each in gone for name in each.record_types]
    fields = _links_to(kinds)
    return Hidden(
        records=[(kind, *_counts(kind)) for kind in kinds],
        fields=[(kind, link, _said(kind, link)) for kind, link in fields],
        views=list(
            SavedView.objects.filter(record_type__in=[k.key for k in kinds]).values_list("name", flat=True)
        ),
        filtered=_filtered(fields),
        blocks=[words for each in gone for words in each.blocks],
        also=also,
    )


def _counts(kind: RecordType) -> tuple[int, int]:
    living = kind.living().count()
    return living, kind.everything().count() - living


def _links_to(kinds: Sequence[RecordType]) -> list[tuple[RecordType, Link]]:
    keys = {kind.key for kind in kinds}
    return [
        (kind, link)
        for kind in record_types()
        for link in kind.links
        if kind.key not in keys and link.target().key in keys
    ]


def _said(kind: RecordType, link: Link) -> int:
    return int(kind.living().filter(**{f"{link.attribute}__isnull": False}).count())


def _filtered(fields: Sequence[tuple[RecordType, Link]]) -> list[str]:
    """Names of saved views that ask for one of the fields."""
    names: dict[str, set[str]] = {}
    for kind, link in fields:
        names.setdefault(kind.key, set()).add(link.name)
    views = SavedView.objects.filter(record_type__in=names)
    return [view.name for view in views if _asked_for(view.query) & names[view.record_type]]


def _asked_for(query: str) -> set[str]:
    found = set()
    for name, value in parse_qsl(query):
        if name == "f":
            found.add(value.partition(".")[0])
        elif name == "sort":
            found.add(value.lstrip("-"))
        elif name == "cols":
            found.update(value.split(","))
    return found
