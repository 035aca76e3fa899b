"""Rows of a list as HTML: one formatter a view definition instead of a template a cell.

Five hundred cells through templates cost more than everything else of a list page together; here each
column's `html` is called directly and every value is escaped by it.
"""

from collections.abc import Callable, Sequence
from html import escape
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core.records.fields import Field, Person, Showing
from core.records.types import RecordType
from web.faces import named_face

# On a phone a row becomes a card: title, a figure at the upper right, then two lines; the rest is left out.
_CARD_PLACES = ("sub", "meta")


def row_formatter(
    kind: RecordType, columns: Sequence[Field], showing: Showing, *, pickable: bool
) -> Callable[[Sequence[Any]], str]:
    """rows are (id, *select values of the columns); gives one <tr>."""
    cells = _cells(kind, columns, showing)
    base = f"/{kind.slug}/"
    select = escape(_("Select"))

    def row(values: Sequence[Any]) -> str:
        record_id = values[0]
        at = 1
        parts = [f'<tr data-row="{record_id}">']
        if pickable:
            title = escape(columns[0].text(values[1 : 1 + len(columns[0].select)], showing))
            parts.append(
                f'<td class="pick"><input type="checkbox" class="cb" name="pick" value="{record_id}"'
                f' aria-label="{select} {title}"></td>'
            )
        for width, opening, format_cell, is_lead in cells:
            shown = format_cell(values[at : at + width])
            if is_lead:
                shown = f'<a class="link" data-row-link href="{base}{record_id}/">{shown or "—"}</a>'
            parts.append(f"{opening}{shown}</td>")
            at += width
        parts.append("</tr>")
        return "".join(parts)

    return row


def rows_html(
    kind: RecordType,
    columns: Sequence[Field],
    rows: Sequence[Sequence[Any]],
    showing: Showing,
    *,
    pickable: bool,
) -> SafeString:
    """All rows of a page."""
    row = row_formatter(kind, columns, showing, pickable=pickable)
    return SafeString("".join(map(row, rows)))


def _cells(
    kind: RecordType, columns: Sequence[Field], showing: Showing
) -> list[tuple[int, str, Callable[..., Any], bool]]:
    """(number of values, opening tag, format, whether it links to the record) for each column."""
    places = iter(_CARD_PLACES)
    figure_taken = False
    cells = []
    for number, column in enumerate(columns):
        is_lead = number == 0
        if is_lead:
            place = "lead"
        elif column.align_end and not figure_taken:
            place, figure_taken = "fig r", True
        else:
            place = next(places, "hide-s") + (" r" if column.align_end else "")
        if is_lead:
            format_cell = _plain_of(column, showing)
        elif isinstance(column, Person):
            format_cell = _faced()
        else:
            format_cell = column.cell(showing)
        cells.append((len(column.select), f'<td class="{place}">', format_cell, is_lead))
    return cells


def _faced() -> Callable[[Sequence[Any]], str]:
    """A person's cell: few people own all the rows of a page, each is drawn once."""
    drawn: dict[Any, str] = {}

    def cell(values: Sequence[Any]) -> str:
        person_id, name = values
        if person_id not in drawn:
            drawn[person_id] = named_face(person_id, name or "")
        return drawn[person_id]

    return cell


def _plain_of(column: Field, showing: Showing) -> Callable[[Sequence[Any]], str]:
    """The lead cell is a link to the record itself, so its text carries no link of its own."""

    def plain(values: Sequence[Any]) -> str:
        text = column.text(values, showing)
        return f"<bdi>{escape(text)}</bdi>" if text else ""

    return plain
