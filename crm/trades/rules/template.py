"""What a template of a trade is made of. Pure."""

from dataclasses import dataclass, field
from typing import Any

OPEN, WON, LOST = "open", "won", "lost"


@dataclass(frozen=True, slots=True)
class StagePlan:
    """outcome: open, won or lost."""

    name: Any
    percent: int
    outcome: str = OPEN


@dataclass(frozen=True, slots=True)
class PipelinePlan:
    """stages: the open ones in order, then the won one and the lost one."""

    name: Any
    stages: tuple[StagePlan, ...]


@dataclass(frozen=True, slots=True)
class NumberPlan:
    """See crm.workspace.rules.numbers."""

    pattern: str
    reset: str = "never"


@dataclass(frozen=True, slots=True)
class FieldPlan:
    """A field of the workspace's own. kind: of crm.fields.models.FieldKind. choices, unit: where it has some."""

    record_type: str
    kind: str
    label: Any
    choices: tuple[Any, ...] = ()
    unit: Any = ""


@dataclass(frozen=True, slots=True)
class TradeTemplate:
    """Ready settings for firms of one kind. Words are lazy: they are kept in the language of who opens the workspace.

    picklists: (label, tone) of the choices by the list's key; a list that is not named keeps the general ones.
    modules_off: keys of what such firms seldom need. numbering: by record type.
    """

    key: str
    label: Any
    note: Any
    icon: str
    pipelines: tuple[PipelinePlan, ...] = ()
    picklists: dict[str, tuple[tuple[Any, str], ...]] = field(default_factory=dict)
    fields: tuple[FieldPlan, ...] = ()
    modules_off: tuple[str, ...] = ()
    numbering: dict[str, NumberPlan] = field(default_factory=dict)


def pipeline(name: Any, *stages: tuple[Any, int], won: Any, lost: Any) -> PipelinePlan:
    """stages: (name, chance in percent) of the open ones."""
    closed = (StagePlan(won, 100, WON), StagePlan(lost, 0, LOST))
    return PipelinePlan(name, (*(StagePlan(label, percent) for label, percent in stages), *closed))


def plain(*labels: Any) -> tuple[tuple[Any, str], ...]:
    """Choices without a colour."""
    return tuple((label, "") for label in labels)
