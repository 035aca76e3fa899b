"""Timing two things in turn and comparing their medians."""

import json
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass
class Figure:
    """One measured figure. value and floor in `unit`; goal: largest good ratio (or value)."""

    name: str
    value: float
    floor: float | None
    goal: float | None
    unit: str = "ms"
    note: str = ""

    @property
    def ratio(self) -> float | None:
        return None if not self.floor else self.value / self.floor

    @property
    def met(self) -> bool | None:
        """None when there is no goal. Without a floor the goal is for the value itself."""
        if self.goal is None:
            return None
        measured = self.ratio if self.floor else self.value
        return measured is not None and measured <= self.goal


@dataclass
class Result:
    """What a bench gives back."""

    name: str
    figures: list[Figure] = field(default_factory=list)

    def as_json(self) -> str:
        rows = [asdict(each) | {"ratio": each.ratio, "met": each.met} for each in self.figures]
        return json.dumps({"name": self.name, "figures": rows})

    def as_text(self) -> str:
        lines = [self.name]
        for each in self.figures:
            floor = f"  floor {each.floor:10.2f}  ratio {each.ratio:6.2f}" if each.floor else " " * 33
            goal = "" if each.goal is None else f"  goal {each.goal:g} {'met' if each.met else 'MISSED'}"
            lines.append(f"  {each.name:34} {each.value:10.2f} {each.unit:4}{floor}{goal}  {each.note}")
        return "\n".join(lines)


def in_turn(
    product: Callable[[], Any], floor: Callable[[], Any], *, rounds: int = 40, warm_up: int = 5
) -> tuple[float, float]:
    """Medians in milliseconds of both, called alternately."""
    for _ in range(warm_up):
        product()
        floor()
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for call, into in zip((product, floor), times, strict=True):
            into.append(milliseconds(call))
    return statistics.median(times[0]), statistics.median(times[1])


def milliseconds(call: Callable[[], Any]) -> float:
    """How long one call takes."""
    start = time.perf_counter()
    call()
    return (time.perf_counter() - start) * 1000


def percentile(values: list[float], share: float) -> float:
    """The value below which `share` (0–1) of the values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
