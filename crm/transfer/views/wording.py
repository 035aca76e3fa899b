"""What the pages of an import show, in words and figures."""

from dataclasses import dataclass
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.utils import formats
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.clock import now
from core.records.fields import Choice, Field, Group, Link, Person
from core.records.types import RecordType, record_type
from crm.transfer.models import ImportJob, ImportState
from crm.transfer.rules.delimiter import ONE_COLUMN
from crm.transfer.rules.encoding import LABELS
from crm.transfer.services import mapping
from crm.transfer.services.answers import Do, answer_for, can_make
from crm.transfer.services.files import FileFacts
from crm.transfer.services.findings import Notice
from crm.transfer.services.jobs import error_path
from crm.transfer.services.sweeping import WORKING

_SHOWN_UNKNOWN = 50
_SHOWN_NEAR = 6
_SENTENCES = {
    ImportState.READING: lambda: _("The file is being read."),
    ImportState.CHECKING: lambda: _("Nothing is written yet: rows are read and compared."),
    ImportState.RUNNING: lambda: _("Rows are written in portions; each is whole or not there."),
    ImportState.UNDOING: lambda: _("Created records go, changed ones get their former values back."),
}
_TONES = {
    ImportState.DONE: "green",
    ImportState.FAILED: "red",
    ImportState.CANCELLED: "amber",
    ImportState.RUNNING: "blue",
    ImportState.CHECKING: "blue",
    ImportState.UNDOING: "blue",
}


@dataclass(frozen=True)
class UnknownValue:
    """A line of the unknown values. choices: (decision, label); chosen: the decision that holds."""

    text: str
    count: str
    rows: int
    choices: list[tuple[str, str]]
    chosen: str


@dataclass(frozen=True)
class UnknownField:
    """All unknown values of a field. near: those that look like something known, which one click accepts."""

    field: Field
    title: str
    meaning: str
    tone: str
    source: str
    values: list[UnknownValue]
    hidden: int
    make_all: str
    near: list["NearValue"]


@dataclass(frozen=True)
class NearValue:
    """An unknown value and what it looks like. decision: that answers it with `title`; rows, count: as above."""

    text: str
    count: str
    rows: int
    decision: str
    title: str


def number(value: int) -> str:
    return formats.number_format(value, use_l10n=True, force_grouping=True)


def tone_of(job: ImportJob) -> str:
    return _TONES.get(ImportState(job.state), "")


def title_of(job: ImportJob) -> str:
    return _("Import %(type)s") % {"type": record_type(job.record_type).label_plural}


def facts_of(job: ImportJob) -> list[tuple[str, str, str]]:
    """(label, icon, value) about the file."""
    facts = FileFacts(**job.facts)
    mapped = len(job.mapping)
    columns = (
        _("%(count)d, all mapped") % {"count": mapped}
        if mapped == len(facts.headings)
        else _("%(mapped)d of %(count)d mapped") % {"mapped": mapped, "count": len(facts.headings)}
    )
    rows = [
        (_("Rows in the file"), "table-2", number(job.total)),
        (_("Columns"), "columns-3", columns),
        (_("Size"), "hard-drive", filesizeformat(job.size_bytes)),
    ]
    if facts.kind == "csv":
        rows.append((_("Encoding"), "file-text", LABELS.get(facts.encoding, facts.encoding)))
        delimiter = {"\t": _("Tab"), ONE_COLUMN: _("None: one column")}.get(facts.delimiter, facts.delimiter)
        rows.append((_("Separator"), "columns-3", delimiter))
    else:
        rows.append((_("Format"), "file-text", "Excel"))
    if facts.sheets:
        rows.append((_("Sheet"), "table-2", facts.sheets[0][1]))
    if mapping.has_dates(job):
        order = (
            _("Day first where unclear") if job.reading.get("day_first") else _("Month first where unclear")
        )
        rows.append((_("Dates"), "calendar", order))
    return rows


def progress_of(job: ImportJob) -> dict[str, Any]:
    """What the kit's job component shows; see templates/cotton/job.html."""
    state = {
        ImportState.DONE: "done",
        ImportState.UNDONE: "done",
        ImportState.FAILED: "failed",
        ImportState.CANCELLED: "cancelled",
    }.get(ImportState(job.state), "running")
    undoing = job.state == ImportState.UNDOING
    sentence = _SENTENCES.get(ImportState(job.state), lambda: job.message)()
    return {
        "url": f"/import/{job.id}/progress/",
        "title": job.file_name,
        "icon": "file-spreadsheet",
        "done": job.done,
        "total": 0 if undoing else job.total,
        "percent": "" if undoing or not job.total else f"{100 * job.done // job.total}%",
        "figures": [] if undoing else _figures(job),
        "state": state,
        "sentence": _("Stopping after the portion at hand.") if job.cancel_asked else sentence,
        "cancel_url": "" if undoing or job.cancel_asked else f"/import/{job.id}/cancel/",
    }


def _figures(job: ImportJob) -> list[tuple[str, str]]:
    rows = f"{number(job.done)} / {number(job.total)}" if job.total else "–"
    seconds = (now() - job.started_at).total_seconds() if job.started_at else 0
    rate = job.done / seconds if seconds >= 1 else 0
    told = _("%(count)s rows/s") % {"count": number(round(rate))} if rate else "–"
    return [(_("Rows"), rows), (_("Rate"), told), (_("Left"), _left(job, rate))]


def _left(job: ImportJob, rate: float) -> str:
    if not rate or job.done >= job.total:
        return "–"
    seconds = round((job.total - job.done) / rate) + 1
    if seconds < 90:
        return _("about %(count)d s") % {"count": seconds}
    return _("about %(count)d min") % {"count": round(seconds / 60)}


def sums_of(job: ImportJob) -> list[dict[str, Any]]:
    """The figures of the dry run: number, word, tone of the dot, caption."""
    kind, counts = record_type(job.record_type), job.findings.get("counts", {})
    types = {"type": kind.label_plural}
    lines = [
        ("new", _("new"), "blue", capfirst(_("%(type)s to create") % types)),
        ("update", _("update"), "teal", _("Matched and different") % types),
        ("unchanged", _("unchanged"), "", _("Matched and the same")),
        ("skip", _("skipped"), "", _("Matched, left alone")),
        ("error", _("to fix"), "amber", _("Left out until mended")),
    ]
    always = {"new", "update", "error"}
    return [
        {"count": number(counts.get(key, 0)), "word": word, "dot": dot, "caption": caption}
        for key, word, dot, caption in lines
        if key in always or counts.get(key)
    ]


def bar_of(job: ImportJob) -> list[dict[str, Any]]:
    """Rectangles of the bar over the sums, in thousandths of its width."""
    counts = job.findings.get("counts", {})
    total = sum(counts.values()) or 1
    at, rectangles = 0.0, []
    for key, cls in (("new", "a"), ("update", "b"), ("unchanged", "d"), ("skip", "d"), ("error", "c")):
        width = 1000 * counts.get(key, 0) / total
        if width:
            # A hairline between the parts, none behind the last.
            gap = 2 if at + width < 999 else 0
            rectangles.append({"cls": cls, "x": f"{at:.2f}", "width": f"{max(width - gap, 1):.2f}"})
        at += width
    return rectangles


def writable_rows(job: ImportJob) -> int:
    counts = job.findings.get("counts", {})
    return counts.get("new", 0) + counts.get("update", 0)


def unknown_of(job: ImportJob) -> list[UnknownField]:
    """What has to be decided, field by field."""
    kind = record_type(job.record_type)
    return [
        _unknown_field(kind, kind.field(name), rows, job)
        for name, rows in job.findings.get("unknown", {}).items()
        if name in job.mapping.values()
    ]


def _unknown_field(kind: RecordType, field: Field, rows: list[Any], job: ImportJob) -> UnknownField:
    values = [_unknown_value(field, text, count, found, job) for text, count, found in rows[:_SHOWN_UNKNOWN]]
    source = f"/{field.target().slug}/pick/" if isinstance(field, Link) else ""
    making = all(answer_for(field, row[0], job.answers).do is Do.MAKE for row in rows)
    return UnknownField(
        field=field,
        title=_unknown_title(field, len(rows)),
        meaning=_meaning(field) if making else "",
        tone="blue" if making else "amber",
        source=source,
        values=values,
        hidden=max(0, len(rows) - _SHOWN_UNKNOWN),
        make_all=_make_all(field) if can_make(field) else "",
        near=_near(values, rows),
    )


def _near(values: list[UnknownValue], rows: list[Any]) -> list[NearValue]:
    """The first few whose best suggestion is not what is going to happen anyway."""
    found = [
        NearValue(value.text, value.count, value.rows, *suggestions[0])
        for value, (_text, _count, suggestions) in zip(values, rows, strict=False)
        if suggestions and value.chosen != suggestions[0][0]
    ]
    return found[:_SHOWN_NEAR]


def _make_all(field: Field) -> str:
    if isinstance(field, Link):
        return _("Create all under %(type)s") % {"type": capfirst(field.target().label_plural)}
    return _("Make all")


def _meaning(field: Field) -> str:
    """What happens to unknown values when nobody decides otherwise."""
    if isinstance(field, Person):
        return _("They become placeholders: without mail and seat, to be invited later.")
    if isinstance(field, Group | Link):
        return _("They are made with the import.")
    return _("They are added to the choices with the import.")


def _unknown_title(field: Field, count: int) -> str:
    if isinstance(field, Person):
        text = ngettext(
            "%(count)d person is not in this workspace", "%(count)d people are not in this workspace", count
        )
    elif isinstance(field, Group):
        text = ngettext("%(count)d team is new", "%(count)d teams are new", count)
    elif isinstance(field, Choice):
        text = ngettext(
            "%(count)d value of “%(field)s” is new", "%(count)d values of “%(field)s” are new", count
        )
    else:
        text = ngettext(
            "%(count)d value of “%(field)s” is not known",
            "%(count)d values of “%(field)s” are not known",
            count,
        )
    return text % {"count": count, "field": field.label}


def _unknown_value(field: Field, text: str, count: int, found: list[Any], job: ImportJob) -> UnknownValue:
    answer = answer_for(field, text, job.answers)
    choices = [(decision, title) for decision, title in found]
    if can_make(field):
        choices.append((Do.MAKE.value, _making(field)))
    choices.append((Do.EMPTY.value, _("Leave empty")))
    return UnknownValue(
        text, number(count), count, choices, answer.id if answer.do is Do.MAP else answer.do.value
    )


def _making(field: Field) -> str:
    if isinstance(field, Link):
        return _("Create it under %(type)s") % {"type": capfirst(field.target().label_plural)}
    if isinstance(field, Person):
        return _("Make a placeholder")
    return _("Make the team") if isinstance(field, Group) else _("Add to the choices")


def notices_of(job: ImportJob) -> list[tuple[str, str]]:
    """(sentence, a cell of the file) about what was read otherwise than it stands there."""
    kind, told = record_type(job.record_type), []
    for name, notice, count, sample in job.findings.get("notices", []):
        words = {"field": kind.field(name).label, "count": number(count)}
        if notice == Notice.SEVERAL:
            sentence = ngettext(
                "“%(field)s”: %(count)s cell holds several values; the first is taken.",
                "“%(field)s”: %(count)s cells hold several values; the first is taken.",
                count,
            )
        else:
            sentence = ngettext(
                "“%(field)s”: %(count)s value cannot be read and stays empty.",
                "“%(field)s”: %(count)s values cannot be read and stay empty.",
                count,
            )
        told.append((sentence % words, sample))
    return told


def has_error_file(job: ImportJob) -> bool:
    return bool(job.stored) and bool(job.findings.get("counts", {}).get("error")) and error_path(job).exists()


def is_working(job: ImportJob) -> bool:
    return job.state in WORKING


def result_of(job: ImportJob) -> str:
    """One line for the list: what came of it."""
    if job.state == ImportState.UNDONE:
        return _("%(count)s records taken out again") % {
            "count": number(job.undo_report["counts"]["deleted"])
        }
    if job.state in (ImportState.DONE, ImportState.CANCELLED, ImportState.FAILED, ImportState.RUNNING):
        parts = [_("%(count)s created") % {"count": number(getattr(job, "created", 0) or 0)}]
        parts.append(_("%(count)s updated") % {"count": number(getattr(job, "updated", 0) or 0)})
        if errors := job.findings.get("counts", {}).get("error"):
            parts.append(_("%(count)s left out") % {"count": number(errors)})
        return " · ".join(parts)
    return ngettext("%(count)s row", "%(count)s rows", job.total) % {"count": number(job.total)}
