"""Which ready templates a sign-up offers. What they do stands in rooms above; this floor knows only how they look."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

GENERAL = "general"


@dataclass(frozen=True, slots=True)
class TradeChoice:
    """One of the form's choices. stages: of its first pipeline, as a picture of what it brings: (name, outcome)."""

    key: str
    label: Any
    note: Any
    icon: str
    stages: tuple[tuple[Any, str], ...] = ()


_choices: list[TradeChoice] = []


def use_trades(choices: Sequence[TradeChoice]) -> None:
    """config's visible list; the first is chosen when nothing is said."""
    _choices[:] = choices


def trade_choices() -> list[TradeChoice]:
    """In the order of the form."""
    return list(_choices)


def known_trade(key: str) -> str:
    """The key itself, or the general one for a key that is none of the choices."""
    return key if key in {each.key for each in _choices} else GENERAL
