"""How a file is laid out: what the page shows of it, and what a person chose there."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.transfer.models import ImportJob
from crm.transfer.rules.delimiter import ONE_COLUMN
from crm.transfer.rules.encoding import LABELS
from crm.transfer.services.files import FileFacts
from crm.transfer.views.wording import number

Options = list[tuple[str, str, bool]]
_SHOWN_CELLS = 4


@dataclass(frozen=True)
class ShownLayout:
    """Options as (value, label, whether it holds). told: what was guessed, if it is worth a look."""

    sheets: Options
    headings: Options
    delimiters: Options
    encodings: Options
    told: str


@dataclass(frozen=True)
class QuotedLines:
    """Lines that are quoted as a whole. before: one of them, after: its cells when repaired."""

    title: str
    before: str
    after: list[str]
    repaired: bool


def layout_of(job: ImportJob) -> ShownLayout:
    facts = FileFacts(**job.facts)
    is_text = facts.kind == "csv"
    now_read = facts.sheets[0][0] if facts.sheets else 0
    return ShownLayout(
        sheets=[
            (str(place), f"{name} ({number(rows)})", place == now_read)
            for place, name, rows in sorted(facts.sheets)
        ],
        headings=_heading_rows(facts),
        delimiters=[(key, label, key == facts.delimiter) for key, label in _delimiters()] if is_text else [],
        encodings=[(key, label, key == facts.encoding) for key, label in LABELS.items()] if is_text else [],
        told=_told(facts),
    )


def quoted_lines_of(job: ImportJob) -> QuotedLines | None:
    """None when no line of the file is quoted as a whole."""
    facts = FileFacts(**job.facts)
    if not facts.quoted_lines:
        return None
    title = ngettext(
        "%(count)s line stands in quotation marks as a whole",
        "%(count)s lines stand in quotation marks as a whole",
        facts.quoted_lines,
    )
    before, after = facts.quoted_sample
    return QuotedLines(title % {"count": number(facts.quoted_lines)}, before, after, facts.unquote)


def chosen_layout(job: ImportJob, post: Mapping[str, str]) -> dict[str, Any]:
    """The changes that a form asks for. Raises Http404 for what it does not offer."""
    facts = FileFacts(**job.facts) if job.facts else None
    changes: dict[str, Any] = {}
    if encoding := post.get("encoding", ""):
        changes["encoding"] = _one_of(encoding, LABELS)
    if delimiter := post.get("delimiter", ""):
        changes["delimiter"] = _one_of(delimiter, dict(_delimiters()))
    if heading_row := post.get("heading_row", ""):
        rows = {"0", *(str(row) for row, _cells in facts.top)} if facts else {"0"}
        changes["heading_row"] = int(_one_of(heading_row, rows))
    if sheet := post.get("sheet", ""):
        changes["sheet"] = int(_one_of(sheet, {str(each[0]) for each in facts.sheets} if facts else ()))
        if facts and changes["sheet"] != facts.sheets[0][0]:
            # Another sheet has its headings somewhere else.
            changes["heading_row"] = None
    if unquote := post.get("unquote", ""):
        changes["unquote"] = _one_of(unquote, ("yes", "no")) == "yes"
    return changes


def _one_of(value: str, offered: Any) -> str:
    if value not in offered:
        raise Http404
    return value


def _delimiters() -> list[tuple[str, str]]:
    return [
        (",", _("Comma")),
        (";", _("Semicolon")),
        ("\t", _("Tab")),
        ("|", _("Bar |")),
        (ONE_COLUMN, _("None: one column")),
    ]


def _heading_rows(facts: FileFacts) -> Options:
    rows = [
        (
            str(row),
            f"{row}: {' · '.join([cell for cell in cells if cell][:_SHOWN_CELLS])}",
            row == facts.heading_row,
        )
        for row, cells in facts.top
    ]
    return [*rows, ("0", _("There are no headings"), not facts.heading_row)]


def _told(facts: FileFacts) -> str:
    words: dict[str, Any] = {"row": facts.heading_row, "count": len(facts.sheets)}
    sentences = []
    if len(facts.sheets) > 1:
        words |= {"sheet": facts.sheets[0][1], "rows": number(facts.sheets[0][2])}
        sentences.append(
            _("This file has %(count)d sheets with rows. “%(sheet)s” is read: %(rows)s rows.") % words
        )
    if facts.heading_row > 1:
        sentences.append(_("The headings stand in row %(row)d; what is above them is left out.") % words)
    elif facts.heading_row == 0:
        sentences.append(_("The first row is read as a record, not as headings."))
    return " ".join(sentences)
