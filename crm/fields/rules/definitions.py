"""What is known of a workspace's own field, and the names and keys it gets."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from core.records.custom import COMPUTED, CUSTOM
from core.records.text import sort_key

# How each kind is kept (core.records.custom); a formula as its result is.
_LETTERS = {
    "text": "t", "long_text": "t", "phone": "t", "mail": "t", "web": "t", "address": "t",
    "number": "n", "money": "n", "percent": "n", "roll_up": "n",
    "date": "d", "moment": "m", "time": "h", "yes_no": "b", "choice": "i", "choices": "l", "link": "i", "person": "i",
}  # fmt: skip
RESULTS = ("number", "money", "percent", "text", "date", "yes_no")
COMPUTED_KINDS = ("formula", "roll_up")
TEXT_KINDS = ("text", "long_text", "phone", "mail", "web", "address")
SORTABLE_KINDS = (
    "text",
    "number",
    "money",
    "percent",
    "date",
    "moment",
    "time",
    "phone",
    "mail",
    "web",
    *COMPUTED_KINDS,
)
ROLL_UPS = ("count", "sum", "average", "least", "most")
PREFIX = "c_"
_LONGEST_NAME = 26


@dataclass(frozen=True, slots=True)
class Definition:
    """A field as it was read: see models.CustomField. sorted: whether its index stands."""

    name: str
    key: str
    kind: str
    label: str
    help: str = ""
    required: bool = False
    searched: bool = False
    sorted: bool = False
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """The lookup of its values."""
        return path_of(self.kind, self.key)

    @property
    def sort_path(self) -> str:
        """What lists are sorted by: texts by a folded key that is kept beside them."""
        return f"computed__s{self.key[1:]}" if self.key.startswith("t_") else self.path


@dataclass(frozen=True, slots=True)
class TypeDefinition:
    """A record type that the workspace made: see models.CustomType."""

    key: str
    slug: str
    label: str
    label_plural: str
    icon: str = "package"
    title_label: str = ""
    has_stages: bool = False
    in_menu: bool = True


def stage_list(key: str) -> str:
    """The key of the list of choices that the stages of a type are."""
    return f"{key}-stage"


def slug_for(label: str, taken: set[str]) -> str:
    """'x-vehicles' for “Vehicles”, 'x-che-liang' for 车辆; numbered when it is taken."""
    plain = unicodedata.normalize("NFKD", sort_key(label)).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:22].rstrip("-") or "records"
    found, number = f"x-{slug}", 2
    while found in taken:
        found, number = f"x-{slug}-{number}", number + 1
    return found


def picklist_key(kind_key: str, name: str) -> str:
    """Of the list of choices that a field has."""
    return f"{kind_key}-{name}"[:40]


def letter_of(kind: str, options: dict[str, Any]) -> str:
    """How values of a field are kept. Raises KeyError for a kind that is none."""
    return _LETTERS[options.get("result", "text") if kind == "formula" else kind]


def path_of(kind: str, key: str) -> str:
    """The lookup of a field's values."""
    return f"{COMPUTED if kind in COMPUTED_KINDS else CUSTOM}__{key}"


def filters_of(options: Mapping[str, Any]) -> list[str]:
    """What a roll-up is narrowed by, each as in a list's address."""
    return QueryDict(options.get("query", "")).getlist("f")


def name_for(label: str, taken: set[str]) -> str:
    """'c_warranty_until' for “Warranty until”, 'c_bao_xiu_qi' for 保修期; numbered when it is taken."""
    plain = unicodedata.normalize("NFKD", sort_key(label)).encode("ascii", "ignore").decode()
    slug = (
        re.sub(r"[^a-z0-9]+", "_", plain.lower()).strip("_")[: _LONGEST_NAME - len(PREFIX)].rstrip("_")
        or "field"
    )
    name, number = f"{PREFIX}{slug}", 2
    while name in taken:
        name, number = f"{PREFIX}{slug}_{number}", number + 1
    return name
