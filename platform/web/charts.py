"""Geometry of the server-drawn charts: pure functions from figures to shapes.

Plots live in a box of 100 by 100 units, y downwards, stretched by the page to its room; words and figures are
text beside the box and never stretched. Coordinates are strings, so that no locale puts a comma into them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

SERIES_COLOURS = 6
TICKS = 4


@dataclass(frozen=True)
class Figure:
    """One figure to draw: `value` gives its length, `shown` is the formatted text, `href` what it opens."""

    label: str
    value: Decimal | int
    shown: str
    href: str = ""
    note: str = ""


@dataclass(frozen=True)
class Bar:
    """A figure with its bar: where it begins and how wide it is, in units of the box."""

    figure: Figure
    start: str
    width: str
    series: int = 0


@dataclass(frozen=True)
class Column:
    """A figure with its column: left edge, top, width and height, in units of the box."""

    figure: Figure
    x: str
    y: str
    width: str
    height: str


@dataclass(frozen=True)
class Tick:
    """A line across the plot: its height in the box, and its text."""

    y: str
    shown: str


@dataclass(frozen=True)
class Plot:
    """Columns or a line between its axes. `line` and `area` are SVG paths, empty for columns."""

    figures: tuple[Figure, ...]
    ticks: tuple[Tick, ...]
    columns: tuple[Column, ...] = ()
    line: str = ""
    area: str = ""

    @property
    def axis(self) -> list[str]:
        """Labels below the plot: all of few, else the first, the middle and the last."""
        labels = [figure.label for figure in self.figures]
        if len(labels) <= 12:
            return labels
        return [labels[0], labels[len(labels) // 2], labels[-1]]

    @property
    def opens(self) -> bool:
        """Whether a click on a column opens a list."""
        return any(column.figure.href for column in self.columns)

    @property
    def axis_is_thinned(self) -> bool:
        return len(self.figures) > 12


def bars(figures: Sequence[Figure]) -> list[Bar]:
    """Lying bars from the left; the longest fills the box. Negative figures have no length."""
    top = max((figure.value for figure in figures), default=0)
    return [Bar(figure, "0", _number(_share(figure.value, top))) for figure in figures]


def funnel(figures: Sequence[Figure]) -> list[Bar]:
    """Bars in the middle of the box, so that their narrowing shows."""
    top = max((figure.value for figure in figures), default=0)
    shares = [_share(figure.value, top) for figure in figures]
    return [
        Bar(figure, _number((100 - share) / 2), _number(share))
        for figure, share in zip(figures, shares, strict=True)
    ]


def share_of_whole(figures: Sequence[Figure], gap: Decimal = Decimal("0.4")) -> list[Bar]:
    """One bar cut into the parts of a whole, left to right, with a `gap` of units between parts."""
    parts = [figure for figure in figures if figure.value > 0]
    whole = sum((Decimal(figure.value) for figure in parts), Decimal(0))
    room = 100 - gap * max(len(parts) - 1, 0)
    cut: list[Bar] = []
    start = Decimal(0)
    for place, figure in enumerate(parts):
        width = Decimal(figure.value) / whole * room
        cut.append(Bar(figure, _number(start), _number(width), place % SERIES_COLOURS))
        start += width + gap
    return cut


def columns(figures: Sequence[Figure], tick_text: Callable[[Decimal], str]) -> Plot:
    """Standing columns from zero. `tick_text` formats the figures of the upright axis."""
    top = nice_top(figures)
    slot = Decimal(100) / max(len(figures), 1)
    drawn = tuple(
        Column(
            figure,
            x=_number(slot * place + slot * Decimal("0.15")),
            y=_number(100 - _share(figure.value, top)),
            width=_number(slot * Decimal("0.7")),
            height=_number(_share(figure.value, top)),
        )
        for place, figure in enumerate(figures)
    )
    return Plot(tuple(figures), _ticks(top, tick_text), columns=drawn)


def line(figures: Sequence[Figure], tick_text: Callable[[Decimal], str]) -> Plot:
    """A line over the figures, evenly spaced, with the area below it."""
    top = nice_top(figures)
    points = _points([_share(figure.value, top) for figure in figures])
    return Plot(tuple(figures), _ticks(top, tick_text), line=_path(points), area=_area(points))


@dataclass(frozen=True)
class Spark:
    """A small line without axes, in a box of 100 by 100."""

    line: str
    area: str


def spark(values: Sequence[Decimal | int | float]) -> Spark:
    """The run of some values between their own least and greatest; flat in the middle when all are equal."""
    exact = [Decimal(str(value)) for value in values]
    least, most = min(exact, default=Decimal(0)), max(exact, default=Decimal(0))
    span = most - least
    heights = [(value - least) / span * 90 + 5 if span else Decimal(50) for value in exact]
    points = _points(heights)
    return Spark(_path(points), _area(points))


def nice_top(figures: Sequence[Figure]) -> Decimal:
    """The end of the upright axis: the least of 1, 2, 4, 5, 8 or 10 times a power of ten that holds all."""
    greatest = Decimal(max((figure.value for figure in figures), default=0))
    if greatest <= 0:
        return Decimal(TICKS)
    power = Decimal(10) ** greatest.adjusted()
    step = (greatest / power).quantize(Decimal("0.000001"), ROUND_CEILING)
    return next(Decimal(nice) * power for nice in (1, 2, 4, 5, 8, 10) if step <= nice)


def _ticks(top: Decimal, tick_text: Callable[[Decimal], str]) -> tuple[Tick, ...]:
    # From the top down, as the axis is written.
    steps = range(TICKS, -1, -1)
    return tuple(Tick(_number(100 - Decimal(100) * k / TICKS), tick_text(top * k / TICKS)) for k in steps)


def _share(value: Decimal | int, top: Decimal | int) -> Decimal:
    if not top or value <= 0:
        return Decimal(0)
    return Decimal(value) / Decimal(top) * 100


def _points(heights: Sequence[Decimal]) -> list[tuple[str, str]]:
    gap = Decimal(100) / max(len(heights) - 1, 1)
    return [(_number(gap * place), _number(100 - height)) for place, height in enumerate(heights)]


def _path(points: Sequence[tuple[str, str]]) -> str:
    return " ".join(f"{'L' if place else 'M'}{x} {y}" for place, (x, y) in enumerate(points))


def _area(points: Sequence[tuple[str, str]]) -> str:
    if not points:
        return ""
    return f"{_path(points)} L{points[-1][0]} 100 L{points[0][0]} 100 Z"


def _number(value: Decimal) -> str:
    return f"{Decimal(value).quantize(Decimal('0.01')).normalize():f}"
