"""Shaping pipelines: stages in order, their names and chances."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import IntegrityError
from django.utils.translation import gettext as _

from core.entitlements import Feature, require
from core.errors import Conflict, DomainError
from core.history.context import change
from crm.opportunities.models import Opportunity, Outcome, Pipeline, Stage
from crm.opportunities.services.stages import forget_stages

_CLOSED_FROM = 1000  # positions of won and lost, behind every open stage


@dataclass(frozen=True, slots=True)
class StageRow:
    """One line of the form. stage_id: None for a new stage. An empty name removes the stage."""

    stage_id: UUID | None
    name: str
    probability_percent: int
    outcome: str


def save_pipeline(pipeline: Pipeline | None, *, name: str, rows: Sequence[StageRow], by: Any) -> UUID:
    """Write a pipeline with its stages in the order of `rows`; returns the batch.

    Raises DomainError when a rule refuses it, Conflict when a name is there twice.
    """
    if pipeline is None and Pipeline.objects.exists():
        require(Feature.PIPELINES)
    kept = [row for row in rows if row.name.strip()]
    _check(name, kept)
    label = _("Changed the pipeline “%(name)s”") % {"name": name.strip()}
    try:
        with change(label=label, by=by) as entry:
            pipeline = pipeline or Pipeline(position=Pipeline.objects.count())
            pipeline.name = name.strip()[:80]
            pipeline.save()
            _remove_others(pipeline, {row.stage_id for row in kept if row.stage_id})
            for place, row in enumerate(kept, 1):
                _save_stage(pipeline, row, place)
    except IntegrityError:
        raise Conflict(_("Two pipelines, or two stages of one, cannot have the same name."))
    forget_stages()
    return entry.batch


def archive_pipeline(pipeline: Pipeline, *, by: Any) -> UUID:
    """No longer offered; its opportunities stay. Raises DomainError for the last one, or while any is open."""
    if not Pipeline.objects.filter(archived=False).exclude(pk=pipeline.pk).exists():
        raise DomainError(_("One pipeline must remain."))
    if Opportunity.objects.filter(pipeline=pipeline, outcome=Outcome.OPEN).exists():
        raise DomainError(_("Move its open opportunities to another pipeline first."))
    with change(label=_("Archived the pipeline “%(name)s”") % {"name": pipeline.name}, by=by) as entry:
        pipeline.archived = True
        pipeline.save(update_fields=["archived"])
    forget_stages()
    return entry.batch


def restore_pipeline(pipeline: Pipeline, *, by: Any) -> UUID:
    """Offered again, behind the others. Raises NotInPlan where the plan has room for one only."""
    require(Feature.PIPELINES)
    with change(label=_("Restored the pipeline “%(name)s”") % {"name": pipeline.name}, by=by) as entry:
        pipeline.archived, pipeline.position = False, Pipeline.objects.count()
        pipeline.save(update_fields=["archived", "position"])
    forget_stages()
    return entry.batch


def put_pipeline_first(pipeline: Pipeline, *, by: Any) -> UUID:
    """The first is where new opportunities begin, and what the board opens with."""
    with change(label=_("Put the pipeline “%(name)s” first") % {"name": pipeline.name}, by=by) as entry:
        others = Pipeline.objects.select_for_update().exclude(pk=pipeline.pk)
        for position, each in enumerate([pipeline, *others]):
            if each.position != position:
                each.position = position
                each.save(update_fields=["position"])
    forget_stages()
    return entry.batch


def _check(name: str, rows: Sequence[StageRow]) -> None:
    if not name.strip():
        raise DomainError(_("Give the pipeline a name."), fields={"name": _("This is needed.")})
    outcomes = [row.outcome for row in rows]
    if Outcome.OPEN not in outcomes:
        raise DomainError(_("A pipeline needs at least one open stage."))
    if outcomes.count(Outcome.WON) != 1 or Outcome.LOST not in outcomes:
        raise DomainError(_("A pipeline needs one stage for what is won, and one for what is lost."))
    if any(not 0 <= row.probability_percent <= 100 for row in rows):
        raise DomainError(_("A probability lies between 0 and 100."))


def _remove_others(pipeline: Pipeline, kept: set[UUID]) -> None:
    gone = pipeline.stages.exclude(pk__in=kept)
    standing = Opportunity.everything.filter(stage__in=gone).values_list("stage__name", flat=True).first()
    if standing:
        message = _("Opportunities stand in “%(stage)s”. Move them before you remove it.")
        raise DomainError(message % {"stage": standing})
    gone.delete()


def _save_stage(pipeline: Pipeline, row: StageRow, place: int) -> None:
    stage = pipeline.stages.filter(pk=row.stage_id).first() if row.stage_id else None
    outcome_before = stage.outcome if stage else row.outcome
    if stage and outcome_before != row.outcome and Opportunity.everything.filter(stage=stage).exists():
        raise DomainError(
            _("“%(stage)s” holds opportunities: what it means cannot change.") % {"stage": stage}
        )
    stage = stage or Stage(pipeline=pipeline)
    stage.name, stage.outcome = row.name.strip()[:80], row.outcome
    stage.position = place if row.outcome == Outcome.OPEN else _CLOSED_FROM + place
    stage.probability_percent = {Outcome.WON: 100, Outcome.LOST: 0}.get(
        Outcome(row.outcome), row.probability_percent
    )
    stage.save()
