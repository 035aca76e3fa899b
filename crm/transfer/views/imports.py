"""Pages of an import: upload, map, check, run, result. One address shows where the import stands."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.entitlements import Feature, against, against_growth
from core.errors import DomainError
from core.records.rights import Verb, may
from core.records.types import record_types
from crm.transfer.models import Existing, ImportJob, ImportState
from crm.transfer.rules.cells import HowWritten
from crm.transfer.selectors import running_imports, visible_imports
from crm.transfer.services import endings, jobs, mapping
from crm.transfer.services.answers import Answer, Do
from crm.transfer.services.jobs import refuse_strangers
from crm.transfer.services.sheets import BadFile
from crm.transfer.views import layouts, wording
from web.answers import go
from web.shell import Place
from web.uploads import uploaded_file

_LISTED = 100


@require_safe
@login_required
def import_list(request: HttpRequest) -> HttpResponse:
    """All imports of the workspace, newest first."""
    refuse_strangers(request.user)
    found = visible_imports(to=request.user)[:_LISTED]
    kinds = {kind.key: kind for kind in record_types()}
    rows = [
        {
            "job": job,
            "kind": kinds.get(job.record_type),
            "tone": wording.tone_of(job),
            "result": wording.result_of(job),
            "may_undo": job.state in jobs.FINISHED and bool(job.created or job.updated),
        }
        for job in found
    ]
    context = {"rows": rows, "locked": against(Feature.IMPORT) or against_growth()}
    return render(request, "crm/transfer/import_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def new_import(request: HttpRequest) -> HttpResponse:
    """Choose what, choose the file. `?type=account` chooses the first."""
    refuse_strangers(request.user)
    kinds = [kind for kind in record_types() if kind.importable and may(request.user, kind, Verb.SEE)]
    chosen = request.POST.get("type") or request.GET.get("type") or kinds[0].key
    kind = next((each for each in kinds if each.key == chosen), None)
    if kind is None:
        raise Http404
    context: dict[str, Any] = {"kinds": kinds, "chosen": chosen, "steps": _steps()}
    context["locked"] = against(Feature.IMPORT) or against_growth()
    if request.method != "POST":
        return render(request, "crm/transfer/import_new.html", context)
    try:
        job = jobs.start_import(kind=kind, upload=uploaded_file(request, "file"), by=request.user)
    except DomainError as error:
        context["error"] = str(error)
        template = "_upload.html" if request.htmx else "import_new.html"
        return render(request, f"crm/transfer/{template}", context, status=422)
    return go(request, _url(job))


@require_safe
@login_required
def import_page(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """Where the import stands. `?step=map` goes back to the mapping."""
    job = _visible(request, job_id)
    if wording.is_working(job):
        return _show(request, job, "import_progress.html", step=_step_of(job))
    if job.state == ImportState.MAPPING or (
        job.state == ImportState.CHECKED and request.GET.get("step") == "map"
    ):
        return _show(request, job, "import_map.html", step=2, **_mapping(job))
    if job.state == ImportState.CHECKED:
        return _show(request, job, "import_check.html", step=3, **_checked(request, job))
    return _show(request, job, "import_result.html", step=5, **_result(job))


@require_safe
@login_required
def progress(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """The job as it asks for itself; once it is over, the page of what comes next."""
    job = _visible(request, job_id)
    if not wording.is_working(job):
        response = HttpResponse(status=204)
        response.headers["HX-Redirect"] = _url(job)
        return response
    return render(request, "crm/transfer/_job.html", {"job": wording.progress_of(job)})


@require_POST
@login_required
def save_mapping(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """What a person chose; then the dry run."""
    job = _visible(request, job_id)
    jobs.refuse_unless(job, {ImportState.MAPPING, ImportState.CHECKED})
    columns = mapping.columns_of(job)
    targets = {column.index: request.POST.get(f"column-{column.index}", "") for column in columns}
    existing = request.POST.get("existing", "")
    if existing not in Existing.values:
        existing = job.existing
    try:
        mapping.set_mapping(
            job,
            targets=targets,
            existing=existing,
            written=HowWritten(
                day_first=request.POST.get("dates") == "day",
                comma_decimal=request.POST.get("decimals") == "comma",
                fractions=request.POST.get("shares") == "fractions",
                leave_unreadable=request.POST.get("unreadable") == "empty",
            ),
        )
    except DomainError as error:
        job.mapping = {str(index): target for index, target in targets.items() if target}
        return _show(request, job, "import_map.html", step=2, error=str(error), status=422, **_mapping(job))
    jobs.start_check(job, by=request.user)
    return go(request, _url(job))


@require_POST
@login_required
def save_layout(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """Read the file again as a person says: another sheet, row of headings, encoding, separator; repaired."""
    job = _visible(request, job_id)
    changes = layouts.chosen_layout(job, request.POST)
    try:
        jobs.change_layout(job, changes=changes, by=request.user)
    except BadFile as error:
        job.refresh_from_db()
        return _show(request, job, "import_map.html", step=2, error=str(error), status=422, **_mapping(job))
    return go(request, _url(job))


@require_POST
@login_required
def save_answers(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """Decisions about unknown values: pairs of `text` and `decision`."""
    job = _visible(request, job_id)
    pairs = zip(request.POST.getlist("text"), request.POST.getlist("decision"), strict=False)
    decisions = {text: _answer(decision) for text, decision in pairs if decision}
    if rest := request.POST.get("rest"):
        unknown = job.findings.get("unknown", {}).get(request.POST.get("field", ""), [])
        decisions = {row[0]: _answer(rest) for row in unknown}
    jobs.answer(job, field=request.POST.get("field", ""), decisions=decisions, by=request.user)
    return go(request, _url(job))


@require_POST
@login_required
def run(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """Write the rows."""
    job = _visible(request, job_id)
    jobs.start_run(job, by=request.user)
    return go(request, _url(job))


@require_POST
@login_required
def cancel(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """Stop after the portion at hand."""
    job = _visible(request, job_id)
    endings.ask_to_cancel(job, by=request.user)
    job.refresh_from_db()
    if not wording.is_working(job):
        return go(request, _url(job))
    return render(request, "crm/transfer/_job.html", {"job": wording.progress_of(job)})


@require_POST
@login_required
def discard(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """Forget an import that has written nothing."""
    jobs.discard(_visible(request, job_id), by=request.user)
    return go(request, "/import/", _("The file is forgotten. Nothing was imported."))


@require_POST
@login_required
def undo(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """Take the whole import back."""
    job = _visible(request, job_id)
    jobs.start_undo(job, by=request.user)
    return go(request, _url(job))


@require_safe
@login_required
def error_file(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """The rows that could not be imported, each with its reason."""
    job = _visible(request, job_id)
    if not wording.has_error_file(job):
        raise Http404
    name = f"{job.file_name.rsplit('.', 1)[0]}-errors.csv"
    return FileResponse(
        jobs.error_path(job).open("rb"), as_attachment=True, filename=name, content_type="text/csv"
    )


def _visible(request: HttpRequest, job_id: UUID) -> Any:
    refuse_strangers(request.user)
    return get_object_or_404(visible_imports(to=request.user), pk=job_id)


def _url(job: ImportJob) -> str:
    return f"/import/{job.id}/"


def _steps() -> list[str]:
    return [_("Upload"), _("Map"), _("Check"), _("Run")]


def _step_of(job: ImportJob) -> int:
    return {ImportState.READING: 1, ImportState.CHECKING: 3}.get(ImportState(job.state), 4)


def _answer(decision: str) -> Answer:
    if decision in (Do.MAKE.value, Do.EMPTY.value):
        return Answer(Do(decision))
    return Answer(Do.MAP, decision)


def _show(
    request: HttpRequest, job: ImportJob, template: str, *, status: int = 200, **context: Any
) -> HttpResponse:
    shown = {
        "import": job,
        "title": wording.title_of(job),
        "crumb": Place(_("Import"), "/import/", "upload"),
        "steps": _steps(),
        "job": wording.progress_of(job),
        **context,
    }
    return render(request, f"crm/transfer/{template}", shown, status=status)


def _mapping(job: ImportJob) -> dict[str, Any]:
    targets = mapping.offered_targets(_kind(job))
    columns = mapping.columns_of(job)
    return {
        "columns": columns,
        "mapped": sum(bool(column.target) for column in columns),
        "targets": targets,
        "facts": wording.facts_of(job),
        "existing_choices": [(value, label, value == job.existing) for value, label in Existing.choices],
        "ambiguous": mapping.ambiguous_dates(job),
        "ambiguous_numbers": mapping.ambiguous_numbers(job),
        "has_dates": mapping.has_dates(job),
        "has_numbers": mapping.has_numbers(job),
        "has_shares": mapping.has_shares(job),
        "layout": layouts.layout_of(job),
        "quoted": layouts.quoted_lines_of(job),
    }


def _checked(request: HttpRequest, job: ImportJob) -> dict[str, Any]:
    return {
        **_mapping(job),
        "sums": wording.sums_of(job),
        "bar": wording.bar_of(job),
        "unknown": wording.unknown_of(job),
        "reasons": [(about, wording.number(count)) for about, count in job.findings.get("reasons", [])],
        "bad": job.findings.get("bad", []),
        "notices": wording.notices_of(job),
        "writable": wording.number(wording.writable_rows(job)),
        "writable_rows": wording.writable_rows(job),
        "may_run": wording.writable_rows(job) > 0,
        "has_errors": wording.has_error_file(job),
        "running": [wording.progress_of(each) for each in running_imports(to=request.user, but=job)],
    }


def _result(job: Any) -> dict[str, Any]:
    counts = job.findings.get("counts", {})
    figures = [
        (_("Created"), wording.number(job.created or 0)),
        (_("Updated"), wording.number(job.updated or 0)),
        (_("Unchanged"), wording.number(counts.get("unchanged", 0) + counts.get("skip", 0))),
        (_("Left out"), wording.number(counts.get("error", 0))),
    ]
    return {
        "figures": figures,
        "kind": _kind(job),
        "tone": wording.tone_of(job),
        "has_errors": wording.has_error_file(job),
        "may_undo": job.state in jobs.FINISHED and bool(job.created or job.updated),
        "may_discard": job.state in jobs.FINISHED and not (job.created or job.updated),
        "report": {name: wording.number(n) for name, n in job.undo_report.get("counts", {}).items()},
        "kept": job.undo_report.get("kept", []),
    }


def _kind(job: ImportJob) -> Any:
    return next(kind for kind in record_types() if kind.key == job.record_type)
