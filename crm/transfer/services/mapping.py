"""Which column goes where: guessed, corrected by a person, remembered for the next file of the type."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.utils.translation import gettext as _

from core.errors import Conflict, DomainError
from core.records.fields import Field
from core.records.parsing import could_be_two_dates, dates_are_day_first
from core.records.rights import without_unused
from core.records.types import RecordType, record_type
from crm.transfer.models import Existing, ImportJob, ImportState
from crm.transfer.rules.cells import HowWritten, are_dotted, are_fractions, factor_of
from crm.transfer.rules.guessing import (
    FIRST_NAME,
    LAST_NAME,
    decimal_comma,
    guess_mapping,
    importable_fields,
    name_parts,
    plain,
    undecided_numbers,
)
from crm.transfer.services.files import FileFacts
from crm.transfer.services.findings import is_error_heading
from tenants.people.models import WorkspaceSetting

_DATES = {"date", "moment"}
_SHARES = {"percent"}
_NUMBERS = {"number", "percent", "money"}
_MOST_REMEMBERED = 500


@dataclass(frozen=True, slots=True)
class Column:
    """A line of the mapping table. percent: how sure the guess was; None when a person chose.

    factor: what numbers are multiplied with, as the heading says.
    """

    index: int
    heading: str
    samples: list[str]
    target: str
    percent: int | None
    factor: int


def guess(job: ImportJob) -> None:
    """Fill mapping and reading of a job whose file has just been read. Does not save."""
    kind = without_unused(record_type(job.record_type))
    facts = FileFacts(**job.facts)
    headings = ["" if is_error_heading(text) else text for text in facts.headings]
    guesses = guess_mapping(kind, headings, facts.samples, _remembered(kind))
    job.mapping = {str(index): each.target for index, each in guesses.items()}
    job.facts["sure"] = {str(index): each.percent for index, each in guesses.items()}
    dates, shares = _samples(job, kind, _DATES), _samples(job, kind, _SHARES)
    written = HowWritten(
        day_first=dates_are_day_first(dates) or are_dotted(dates),
        comma_decimal=facts.kind == "csv" and decimal_comma(_samples(job, kind, _NUMBERS)),
        fractions=are_fractions(shares),
    )
    job.reading = asdict(written)


def set_mapping(job: ImportJob, *, targets: Mapping[int, str], existing: str, written: HowWritten) -> None:
    """What a person chose. Raises DomainError when a field is chosen twice, or a needed one is missing."""
    kind = record_type(job.record_type)
    known = dict(offered_targets(kind))
    chosen = {index: target for index, target in targets.items() if target in known}
    for target in chosen.values():
        if list(chosen.values()).count(target) > 1:
            raise DomainError(_("Two columns go into “%(field)s”.") % {"field": known[target]})
    if not chosen:
        raise DomainError(_("Choose a field for at least one column."))
    _refuse_missing(kind, set(chosen.values()))
    job.mapping = {str(index): target for index, target in chosen.items()}
    job.reading = asdict(written)
    job.existing = Existing(existing)
    job.findings, job.staged = {}, None
    job.state = ImportState.MAPPING
    save_while_editable(job, ["mapping", "reading", "existing", "findings", "staged", "state"])
    _remember(kind, FileFacts(**job.facts).headings, chosen)


def save_while_editable(job: ImportJob, fields: Sequence[str]) -> None:
    """Save these fields of a job that nobody runs. Raises Conflict when it is further on than the page knew."""
    editable = ImportJob.objects.filter(pk=job.pk, state__in=[ImportState.MAPPING, ImportState.CHECKED])
    if not editable.update(**{name: getattr(job, name) for name in fields}):
        raise Conflict(_("This import is already further on. Reload to see it."))


def columns_of(job: ImportJob) -> list[Column]:
    """All columns of the file with what they go into."""
    facts = FileFacts(**job.facts)
    return [
        Column(
            index,
            heading,
            samples[:2],
            job.mapping.get(str(index), ""),
            facts.sure.get(str(index)),
            factor_of(heading) if _target_kind(job, index) in _NUMBERS else 1,
        )
        for index, (heading, samples) in enumerate(zip(facts.headings, facts.samples, strict=True))
    ]


def _target_kind(job: ImportJob, index: int) -> str:
    field = record_type(job.record_type).by_name.get(job.mapping.get(str(index), ""))
    return field.kind if field else ""


def offered_targets(kind: RecordType) -> list[tuple[str, str]]:
    """(target, label) of all that a column may go into."""
    targets = [(field.name, str(field.label)) for field in importable_fields(without_unused(kind))]
    if name_parts(kind):
        targets[1:1] = [(FIRST_NAME, _("First name")), (LAST_NAME, _("Last name"))]
    return targets


def ambiguous_dates(job: ImportJob) -> list[str]:
    """Samples of dates that could be read two ways, to ask about; empty when there is nothing to ask."""
    samples = _samples(job, record_type(job.record_type), _DATES)
    return [text for text in samples if could_be_two_dates([text])][:3] if could_be_two_dates(samples) else []


def ambiguous_numbers(job: ImportJob) -> list[str]:
    """Samples of numbers that could be read two ways, to ask about. A workbook's numbers are numbers."""
    if job.facts["kind"] != "csv":
        return []
    return undecided_numbers(_samples(job, record_type(job.record_type), _NUMBERS))[:3]


def has_dates(job: ImportJob) -> bool:
    return bool(_samples(job, record_type(job.record_type), _DATES))


def has_numbers(job: ImportJob) -> bool:
    return bool(_samples(job, record_type(job.record_type), _NUMBERS))


def has_shares(job: ImportJob) -> bool:
    return bool(_samples(job, record_type(job.record_type), _SHARES))


def _samples(job: ImportJob, kind: RecordType, kinds: set[str]) -> list[str]:
    """The samples of all columns that go into fields of these kinds."""
    found: list[str] = []
    for index, target in job.mapping.items():
        field: Field | None = kind.by_name.get(target)
        if field is not None and field.kind in kinds:
            found += job.facts["samples"][int(index)]
    return found


def _refuse_missing(kind: RecordType, chosen: set[str]) -> None:
    if name_parts(kind) and chosen & {FIRST_NAME, LAST_NAME}:
        chosen = chosen | {kind.title}
    for field in importable_fields(kind):
        if field.required and field.name not in chosen:
            raise DomainError(_("No column goes into “%(field)s”, which is needed.") % {"field": field.label})


def _setting_key(kind: RecordType) -> str:
    return f"import_mapping:{kind.key}"


def _remembered(kind: RecordType) -> dict[str, str]:
    setting = WorkspaceSetting.objects.filter(key=_setting_key(kind)).first()
    return dict(setting.value) if setting else {}


def _remember(kind: RecordType, headings: Sequence[str], chosen: Mapping[int, str]) -> None:
    """By heading, so that the next file may have its columns in another order."""
    kept: dict[str, Any] = _remembered(kind)
    kept |= {plain(heading): chosen.get(index, "") for index, heading in enumerate(headings)}
    newest = dict(list(kept.items())[-_MOST_REMEMBERED:])
    WorkspaceSetting.objects.update_or_create(key=_setting_key(kind), defaults={"value": newest})
