"""A file's rows, read, resolved and matched, into the staging table; and what was found on the way.

The same for the dry run and for the run: the dry run keeps the findings, the run the staged rows.
Works through the file in blocks, so that memory does not grow with it.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from core.clock import now
from core.errors import DomainError
from core.records.custom import flat, packed
from core.records.fields import Field, Link
from core.records.parsing import Unreadable
from core.records.text import sort_key
from core.records.types import RecordType, record_type
from crm.transfer.models import Existing, ImportJob
from crm.transfer.rules.cells import HowWritten, factor_of
from crm.transfer.rules.guessing import FIRST_NAME, LAST_NAME
from crm.transfer.rules.rows import join_name, record_id_of
from crm.transfer.services.files import FileFacts, read_rows, wrong_length
from crm.transfer.services.findings import Findings, Notice
from crm.transfer.services.matching import Matcher, stored_columns
from crm.transfer.services.resolving import FieldReader, UnknownValue, reader_for, refers_to_own_kind
from crm.transfer.sql import stage_rows
from crm.workspace.selectors.formats import family_name_first
from tenants.people.models import User

BLOCK_ROWS = 2_000
_NEVER_COMPARED = {"created_at", "updated_at", "stage_since"}


@dataclass
class Row:
    """One row on its way. values: by attribute, only what the file says. titles: of linked records."""

    number: int
    cells: list[str]
    values: dict[str, Any] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    later: dict[str, str] = field(default_factory=dict)
    problems: list[tuple[str, str]] = field(default_factory=list)
    pending: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """A mapped column. attribute: what it fills; parts of a name have no reader."""

    index: int
    target: str
    field: Field | None
    reader: FieldReader | None


class Staging:
    """One pass over a job's file. on_block(rows read) is called after each block and may raise."""

    def __init__(self, job: ImportJob, path: Path, *, keep: bool) -> None:
        self.job, self.path, self.keep = job, path, keep
        self.kind: RecordType = record_type(job.record_type)
        self.facts = FileFacts(**job.facts)
        self.written_as = HowWritten(**job.reading)
        self.title_columns = _title_columns(job, self.kind)
        self.columns = self._columns()
        self.matcher = Matcher(self.kind)
        self.prepare = self.kind.bulk_prepare()
        self.base = flat(new_record_defaults(self.kind, job))
        self.written: set[str] = set()
        self.staged = 0
        self._teams: dict[UUID, UUID | None] = {}

    def run(self, findings: Findings, on_block: Callable[[int], None]) -> None:
        """Raises BadFile when the file cannot be read after all."""
        rows = read_rows(self.path, self.facts)
        read = 0
        while block := list(islice(rows, BLOCK_ROWS)):
            read += len(block)
            findings.last_row = block[-1][0]
            self._take([Row(number, cells) for number, cells in block], findings)
            on_block(read)

    def _take(self, rows: list[Row], findings: Findings) -> None:
        for row in rows:
            if sentence := wrong_length(row.cells, self.facts):
                row.problems.append((_("Cells"), sentence))
        sound = [row for row in rows if not row.problems]
        self._read(sound, findings)
        sound = [row for row in sound if not row.problems]
        existing = self.matcher.match([row.values for row in sound])
        staged = []
        for row, before in zip(sound, existing, strict=True):
            self._say_twice(row, before)
            if not row.problems:
                staged += self._stage(row, before, findings)
        for row in rows:
            if row.problems:
                findings.bad_row(row.number, row.cells, row.problems)
        if self.keep:
            stage_rows(self.job.id, staged)
        self.staged += len(staged)

    def _read(self, rows: list[Row], findings: Findings) -> None:
        for column in self.columns:
            if column.reader:
                column.reader.prepare({row.cells[column.index] for row in rows} - {""})
        for row in rows:
            for column in self.columns:
                text = row.cells[column.index]
                if text and column.reader and column.field:
                    self._read_cell(row, column.field, column.reader, text, findings)
            self._name(row)

    def _read_cell(self, row: Row, target: Field, reader: FieldReader, text: str, findings: Findings) -> None:
        try:
            found = reader.read(text)
        except Unreadable as error:
            if self.written_as.leave_unreadable:
                findings.notice(target, Notice.UNREADABLE, text)
            else:
                row.problems.append((str(target.label), str(error)))
            return
        except UnknownValue as unknown:
            for each in (unknown.text, *unknown.further):
                findings.unknown(target, each)
            row.pending |= unknown.pending
            return
        for each in found.unknown:
            findings.unknown(target, each)
        if found.several:
            findings.notice(target, Notice.SEVERAL, text)
        if found.later:
            row.later[target.attribute] = found.later
        elif found.value not in (None, "", []):
            row.values[target.attribute] = found.value
            if isinstance(target, Link):
                row.titles[target.name] = found.title

    def _name(self, row: Row) -> None:
        """The title from its parts, and its sort key."""
        parts = {column.target: row.cells[column.index] for column in self.columns if column.field is None}
        title = self.kind.title
        if parts and not row.values.get(title):
            row.values[title] = _joined(parts)[:200]
        if row.values.get(title) and "name_key" in self.base:
            row.values["name_key"] = sort_key(row.values[title])

    def _say_twice(self, row: Row, before: Mapping[str, Any] | None) -> None:
        earlier = self.matcher.seen_before(row.values, row.number, before["id"] if before else None)
        if earlier is not None:
            row.problems.append((_("Duplicates"), _("The same as row %(number)d.") % {"number": earlier}))

    def _stage(self, row: Row, before: dict[str, Any] | None, findings: Findings) -> list[Any]:
        """The staged row, as a list of one, or nothing when there is nothing to write."""
        try:
            if before is None:
                return self._stage_new(row, findings)
            return self._stage_existing(row, before, findings)
        except DomainError as error:
            row.problems.append((_label_of(self.kind, error), str(error)))
            return []

    def _stage_new(self, row: Row, findings: Findings) -> list[Any]:
        values = {**self.base, **row.values}
        self._own(row, values)
        self.prepare(values, None, row.titles)
        self._finish(values)
        changed = {name: value for name, value in values.items() if value != self.base.get(name)}
        values["id"] = changed["id"] = record_id_of(self.job.id, self.job.created_at, row.number)
        findings.count("new")
        return [(row.number, "n", changed["id"], packed(changed), row.later)]

    def _stage_existing(self, row: Row, before: dict[str, Any], findings: Findings) -> list[Any]:
        if self.job.existing == Existing.SKIP:
            findings.count("skip")
            return []
        before = flat(before)
        after = dict(before)
        for name, value in row.values.items():
            if self.job.existing == Existing.UPDATE or before.get(name) in (None, ""):
                after[name] = value
        self.prepare(after, before, row.titles)
        self._finish(after, before)
        changed = {name: value for name, value in after.items() if value != before.get(name)}
        if not set(changed) - _NEVER_COMPARED and not row.pending:
            findings.count("unchanged")
            return [(row.number, "-", before["id"], {}, row.later)] if row.later else []
        if "updated_at" in after:
            changed["updated_at"] = now()
        changed = packed(changed)
        self.written.update(changed)
        findings.count("update")
        return [(row.number, "u", before["id"], changed, row.later)]

    def _finish(self, values: dict[str, Any], before: Mapping[str, Any] | None = None) -> None:
        """The sort key of a name that was derived, and what must not be empty; what was empty before may be."""
        if values.get("name_key") == "" and values[self.kind.title]:
            values["name_key"] = sort_key(values[self.kind.title])
        for each in self.kind.fields:
            empty = values.get(each.attribute) in (None, "", [])
            if each.required and empty and (before is None or before.get(each.attribute) not in (None, "")):
                message = _("“%(label)s” is needed.") % {"label": each.label}
                raise DomainError(message, fields={each.name: message})

    def _own(self, row: Row, values: dict[str, Any]) -> None:
        """A new record belongs to who imports it unless the file has owners; the team is the owner's."""
        mapped = set(self.job.mapping.values())
        if self.kind.owner and self.kind.owner not in mapped:
            values[f"{self.kind.owner}_id"] = self.job.created_by_id
        owner = values.get(f"{self.kind.owner}_id") if self.kind.owner else None
        if self.kind.team and owner and not values[f"{self.kind.team}_id"]:
            values[f"{self.kind.team}_id"] = self._team_of(owner)

    def _team_of(self, person: UUID) -> UUID | None:
        if person not in self._teams:
            self._teams[person] = User.objects.filter(pk=person).values_list("team_id", flat=True).first()
        return self._teams[person]

    def _columns(self) -> list[Column]:
        in_file = self._titles_in_file()
        columns = []
        for index, target in sorted((int(index), target) for index, target in self.job.mapping.items()):
            found = self.kind.by_name.get(target)
            factor = factor_of(self.facts.headings[index])
            reader = None
            if found:
                reader = reader_for(self.kind, found, self.written_as, self.job.answers, in_file, factor)
            columns.append(Column(index, target, found, reader))
        return columns

    def _titles_in_file(self) -> frozenset[str]:
        """Sort keys of the records that this file brings; read ahead only when rows refer to each other."""
        fields = (self.kind.by_name.get(target) for target in self.job.mapping.values())
        if not any(each and refers_to_own_kind(self.kind, each) for each in fields):
            return frozenset()
        return frozenset(sort_key(_title(cells, self.title_columns)) for _n, cells in self._sound_rows())

    def _sound_rows(self) -> Iterator[tuple[int, list[str]]]:
        return (row for row in read_rows(self.path, self.facts) if not wrong_length(row[1], self.facts))


def new_record_defaults(kind: RecordType, job: ImportJob) -> dict[str, Any]:
    """What a new record has in every column before the file says more."""
    base: dict[str, Any] = {}
    for column in kind.model._meta.concrete_fields:
        if column.attname in stored_columns(kind):
            base[column.attname] = None if column.primary_key else column.get_default()
    moment = now()
    base |= {name: moment for name in ("created_at", "updated_at", "stage_since") if name in base}
    if "created_by_id" in base:
        base["created_by_id"] = job.created_by_id
    return base | dict(kind.fixed)


def _title_columns(job: ImportJob, kind: RecordType) -> dict[str, int]:
    return {
        target: int(index)
        for index, target in job.mapping.items()
        if target in (kind.title, FIRST_NAME, LAST_NAME)
    }


def _title(cells: list[str], columns: Mapping[str, int]) -> str:
    """The title as a row will have it; its columns are the field's own or the two parts of a name."""
    part = {target: cells[index] for target, index in columns.items()}
    whole = next((text for target, text in part.items() if target not in (FIRST_NAME, LAST_NAME)), "")
    return whole or _joined(part)


def _joined(parts: Mapping[str, str]) -> str:
    first, last = parts.get(FIRST_NAME, ""), parts.get(LAST_NAME, "")
    return join_name(first, last, family_first=family_name_first())


def _label_of(kind: RecordType, error: DomainError) -> str:
    name = next(iter(error.fields), "")
    return str(kind.by_name[name].label) if name in kind.by_name else _("Row")
