"""Settings → Pipelines."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.errors import DomainError
from core.ids import read_uuid, read_whole
from crm.opportunities.models import Outcome, Pipeline
from crm.opportunities.selectors.opportunities import archived_pipelines, pipelines, standing_in
from crm.opportunities.services.pipelines import (
    StageRow,
    archive_pipeline,
    put_pipeline_first,
    restore_pipeline,
    save_pipeline,
)
from tenants.people.rights import require_administrator
from web.answers import go

_BLANK = StageRow(None, "", 50, Outcome.OPEN)


@require_safe
@login_required
def pipelines_settings(request: HttpRequest) -> HttpResponse:
    """Every pipeline with its stages."""
    user: Any = request.user
    require_administrator(user)
    counts = standing_in()
    context = {
        "title": _("Pipelines"),
        "pipelines": [
            (pipeline, [(stage, counts.get(stage.pk, 0)) for stage in pipeline.stages.all()])
            for pipeline in pipelines()
        ],
        "archived": archived_pipelines(),
    }
    return render(request, "crm/opportunities/pipelines.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def pipeline_edit(request: HttpRequest, pipeline_id: UUID | None = None) -> HttpResponse:
    """One pipeline as a form: a line a stage, a few blank lines for new ones."""
    user: Any = request.user
    require_administrator(user)
    pipeline = get_object_or_404(Pipeline, pk=pipeline_id, archived=False) if pipeline_id else None
    problem = ""
    rows = _stored(pipeline)
    name = pipeline.name if pipeline else ""
    if request.method == "POST":
        rows, name = _read(request.POST), request.POST.get("name", "")
        try:
            batch = save_pipeline(pipeline, name=name, rows=rows, by=user)
        except DomainError as error:
            problem = str(error)
        else:
            return go(request, "/settings/pipelines/", _("Saved"), batch=batch)
    context = {
        "title": pipeline.name if pipeline else _("New pipeline"),
        "name": name,
        "rows": rows if pipeline else [_BLANK, *rows],
        "blank": _BLANK,
        "outcomes": Outcome.choices,
        "problem": problem,
    }
    return render(request, "crm/opportunities/pipeline.html", context, status=422 if problem else 200)


@require_POST
@login_required
def pipeline_archive(request: HttpRequest, pipeline_id: UUID) -> HttpResponse:
    user: Any = request.user
    require_administrator(user)
    pipeline = get_object_or_404(Pipeline, pk=pipeline_id, archived=False)
    batch = archive_pipeline(pipeline, by=user)
    return go(
        request, "/settings/pipelines/", _("Archived “%(name)s”") % {"name": pipeline.name}, batch=batch
    )


@require_POST
@login_required
def pipeline_restore(request: HttpRequest, pipeline_id: UUID) -> HttpResponse:
    """Offered again."""
    user: Any = request.user
    require_administrator(user)
    pipeline = get_object_or_404(Pipeline, pk=pipeline_id, archived=True)
    batch = restore_pipeline(pipeline, by=user)
    return go(
        request, "/settings/pipelines/", _("Restored “%(name)s”") % {"name": pipeline.name}, batch=batch
    )


@require_POST
@login_required
def pipeline_first(request: HttpRequest, pipeline_id: UUID) -> HttpResponse:
    """Where new opportunities begin."""
    user: Any = request.user
    require_administrator(user)
    pipeline = get_object_or_404(Pipeline, pk=pipeline_id, archived=False)
    batch = put_pipeline_first(pipeline, by=user)
    return go(request, "/settings/pipelines/", _("Saved"), batch=batch)


def _stored(pipeline: Pipeline | None) -> list[StageRow]:
    if pipeline is None:
        return [StageRow(None, _("Won"), 100, Outcome.WON), StageRow(None, _("Lost"), 0, Outcome.LOST)]
    return [
        StageRow(stage.pk, stage.name, stage.probability_percent, stage.outcome)
        for stage in pipeline.stages.all()
    ]


def _read(data: QueryDict) -> list[StageRow]:
    """Parallel lists of the form's lines; what is malformed counts as new or 0."""
    lines = zip(
        data.getlist("stage"),
        data.getlist("stage-name"),
        data.getlist("probability"),
        data.getlist("outcome"),
        strict=False,
    )
    return [
        StageRow(
            read_uuid(stage_id),
            name,
            _whole(percent.strip()),
            outcome if outcome in Outcome.values else Outcome.OPEN,
        )
        for stage_id, name, percent, outcome in lines
    ]


def _whole(text: str) -> int:
    """Nothing is 0; what is no number is none that would do."""
    found = read_whole(text or "0")
    return -1 if found is None else found
