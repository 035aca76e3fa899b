"""Stages and pipelines as choices of a field: cached for the tenant."""

from collections.abc import Sequence

from django.core.cache import cache
from django.db import transaction
from django.db.models import Max

from core.records.fields import Option
from core.tenancy.scope import forget, remember
from crm.opportunities.models import Outcome, Pipeline, Stage
from crm.opportunities.selectors.opportunities import stages

_KEY = "opportunities:stages"
_PIPELINES = "opportunities:pipelines"
_TTL_SECONDS = 300
_TONES = {Outcome.WON: "green", Outcome.LOST: "red", Outcome.OPEN: ""}
_WON_WORDS = {"won", "closed won", "赢单", "成交", "已成交"}
_LOST_WORDS = {"lost", "closed lost", "输单", "丢单", "失败"}


def stage_options() -> Sequence[Option]:
    """'Won', or 'Renewals: Won' where there are several pipelines."""
    return remember(_KEY, _stage_options)


def _stage_options() -> Sequence[Option]:
    rows = cache.get(_KEY)
    if rows is None:
        found = list(stages())
        several = len({stage.pipeline_id for stage in found}) > 1
        rows = [
            (
                str(stage.pk),
                f"{stage.pipeline.name}: {stage.name}" if several else stage.name,
                _TONES[Outcome(stage.outcome)],
            )
            for stage in found
        ]
        cache.set(_KEY, rows, _TTL_SECONDS)
    return [Option(*row) for row in rows]


def pipeline_options() -> Sequence[Option]:
    return remember(_PIPELINES, _pipeline_options)


def _pipeline_options() -> Sequence[Option]:
    return [Option(str(each.pk), each.name) for each in Pipeline.objects.filter(archived=False)]


def add_stage(name: str) -> str:
    """A stage that an import brought along: before the closed ones of the first pipeline."""
    word = name.strip().casefold()
    outcome = Outcome.WON if word in _WON_WORDS else Outcome.LOST if word in _LOST_WORDS else Outcome.OPEN
    pipeline = Pipeline.objects.filter(archived=False).order_by("position").first()
    if pipeline is None:
        pipeline = Pipeline.objects.create(name="Sales")
    last_open = pipeline.stages.filter(outcome=Outcome.OPEN).aggregate(last=Max("position"))["last"] or 0
    stage, _created = Stage.objects.get_or_create(
        pipeline=pipeline,
        name=name.strip()[:80],
        defaults={
            "outcome": outcome,
            "position": last_open + 1 if outcome == Outcome.OPEN else 1000,
            "probability_percent": {Outcome.WON: 100, Outcome.LOST: 0}.get(outcome, 50),
        },
    )
    forget_stages()
    return str(stage.pk)


def forget_stages() -> None:
    """After a change to pipelines or stages."""
    cache.delete(_KEY)
    forget(_KEY)
    forget(_PIPELINES)
    transaction.on_commit(lambda: cache.delete(_KEY))
