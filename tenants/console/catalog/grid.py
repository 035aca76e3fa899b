"""Prices typed as a grid: one line a currency, a cell for each interval and role. What was typed is never lost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import DomainError
from core.money import CURRENCIES
from tenants.console.catalog.amounts import read_amount, write_amount

_MOST_ROWS = 60
_EMPTY_ROWS = 2


@dataclass(frozen=True, slots=True)
class Column:
    """role: '' where an interval has one amount only."""

    interval: str
    role: str
    label: object

    @property
    def name(self) -> str:
        return f"{self.interval}_{self.role}" if self.role else self.interval


PLAN_COLUMNS = (
    Column("month", "base", gettext_lazy("A month, with the included seats")),
    Column("month", "seat", gettext_lazy("A month, each further seat")),
    Column("year", "base", gettext_lazy("A year, with the included seats")),
    Column("year", "seat", gettext_lazy("A year, each further seat")),
)
ADD_ON_COLUMNS = (
    Column("month", "", gettext_lazy("A month, each")),
    Column("year", "", gettext_lazy("A year, each")),
)


@dataclass(slots=True)
class Cell:
    """name: of the field; value: as typed; error: '' when it can be read."""

    name: str
    label: object
    value: str = ""
    error: str = ""


@dataclass(slots=True)
class Row:
    name: str
    currency: str
    cells: list[Cell]
    error: str = ""

    @property
    def is_empty(self) -> bool:
        return not any(cell.value.strip() for cell in self.cells)


@dataclass(slots=True)
class Grid:
    """rows with what was typed, or the prices to begin with. choices: currencies to offer."""

    columns: Sequence[Column]
    rows: list[Row] = field(default_factory=list)
    error: str = ""

    @property
    def choices(self) -> list[str]:
        return sorted({*CURRENCIES, *(row.currency for row in self.rows if row.currency)})

    @property
    def has_errors(self) -> bool:
        return bool(self.error) or any(
            row.error or any(cell.error for cell in row.cells) for row in self.rows
        )


def grid_of(
    columns: Sequence[Column], prices: Mapping[tuple[str, str], Sequence[int]], *, suggested: str = "USD"
) -> Grid:
    """A line for each currency of the prices, and two empty ones. suggested: the first line where there are none."""
    currencies = sorted({currency for currency, _interval in prices}) or [suggested]
    grid = Grid(columns)
    for number, currency in enumerate([*currencies, *[""] * _EMPTY_ROWS]):
        row = _row(columns, number, currency)
        for column, cell in zip(columns, row.cells, strict=True):
            pair = prices.get((currency, column.interval))
            if pair is not None:
                same = [each for each in columns if each.interval == column.interval]
                cell.value = write_amount(pair[same.index(column)], currency)
        grid.rows.append(row)
    return grid


def read_grid(
    columns: Sequence[Column], typed: Mapping[str, str]
) -> tuple[Grid, dict[tuple[str, str], tuple[int, ...]]]:
    """(the grid with errors at its cells, the prices that could be read). A line without amounts is left out."""
    grid, prices = Grid(columns), {}
    for number in range(_MOST_ROWS):
        row = _row(columns, number, typed.get(f"currency_{number}", "").strip().upper()[:3])
        if f"currency_{number}" not in typed:
            break
        for cell in row.cells:
            cell.value = typed.get(cell.name, "")[:40]
        grid.rows.append(row)
        if row.is_empty:
            continue
        prices.update(_read_row(grid, row))
    if not prices and not grid.has_errors:
        grid.error = _("Give at least one price.")
    return grid, prices


def _row(columns: Sequence[Column], number: int, currency: str) -> Row:
    return Row(
        f"currency_{number}", currency, [Cell(f"{each.name}_{number}", each.label) for each in columns]
    )


def _read_row(grid: Grid, row: Row) -> dict[tuple[str, str], tuple[int, ...]]:
    if not row.currency:
        row.error = _("Choose the currency of this line.")
        return {}
    if any(row.currency == other.currency and not other.is_empty for other in grid.rows[:-1]):
        row.error = _("%(currency)s has a line already.") % {"currency": row.currency}
        return {}
    read: dict[str, list[int]] = {}
    intervals = dict.fromkeys(column.interval for column in grid.columns)
    for interval in intervals:
        cells = [
            cell for column, cell in zip(grid.columns, row.cells, strict=True) if column.interval == interval
        ]
        # An interval is sold with all its amounts or not at all: an empty cell beside a full one is a slip.
        if any(cell.value.strip() for cell in cells):
            read[interval] = [_read_cell(cell, row.currency) for cell in cells]
    return {(row.currency, interval): tuple(minors) for interval, minors in read.items()}


def _read_cell(cell: Cell, currency: str) -> int:
    if not cell.value.strip():
        cell.error = _("Write 0 if this costs nothing.")
        return 0
    try:
        return read_amount(cell.value, currency)
    except DomainError as error:
        cell.error = str(error)
        return 0
