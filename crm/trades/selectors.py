"""What a template would add to the workspace as it is."""

from dataclasses import dataclass
from typing import Any

from core.entitlements import Feature, allows
from core.records.types import RecordType, record_type
from core.tenancy.scope import current
from crm.customize.models import PicklistItem
from crm.customize.selectors import fields_with
from crm.opportunities.models import Pipeline
from crm.trades.rules.template import FieldPlan, NumberPlan, PipelinePlan, TradeTemplate
from crm.workspace.selectors.numbering import numbering_of
from tenants.people.workspace_settings import setting

KEY = "trade"


@dataclass(frozen=True, slots=True)
class Additions:
    """What is not there yet. lists: (key, its label, the new choices). kept_out: pipelines that the plan has no room
    for. numbering: (type, plan) of types that are not numbered. fields: (type, plan) of fields that it lacks."""

    lists: list[tuple[str, Any, list[tuple[Any, str]]]]
    pipelines: list[PipelinePlan]
    kept_out: list[PipelinePlan]
    numbering: list[tuple[RecordType, NumberPlan]]
    fields: list[tuple[RecordType, FieldPlan]]

    def __bool__(self) -> bool:
        return bool(self.lists or self.pipelines or self.numbering or self.fields)


def trade_of_workspace() -> str:
    """Key of the template that was chosen at sign-up or applied last; '' for the general one."""
    return str(setting(KEY, ""))


def additions_of(template: TradeTemplate) -> Additions:
    """Counted anew each time: nothing that is there is changed, renamed or switched off."""
    wanted = [each for each in template.pipelines if str(each.name).casefold() not in _pipeline_names()]
    room = _may_have_more_pipelines()
    return Additions(
        lists=[
            (key, _label(key), new)
            for key, choices in template.picklists.items()
            if (new := _new(key, choices))
        ],
        pipelines=wanted if room else [],
        kept_out=[] if room else wanted,
        numbering=[
            (record_type(key), plan) for key, plan in template.numbering.items() if numbering_of(key) is None
        ],
        fields=[
            (kind, plan)
            for plan in template.fields
            if str(plan.label).casefold() not in _labels(kind := record_type(plan.record_type))
        ],
    )


def _new(key: str, choices: tuple[tuple[Any, str], ...]) -> list[tuple[Any, str]]:
    known = {
        label.casefold()
        for label in PicklistItem.objects.filter(picklist=key).values_list("label", flat=True)
    }
    return [(label, tone) for label, tone in choices if str(label).casefold() not in known]


def _labels(kind: RecordType) -> set[str]:
    return {str(field.label).casefold() for field in kind.fields}


def _label(key: str) -> Any:
    fields = fields_with(key)
    return fields[0][1].label if fields else key


def _pipeline_names() -> set[str]:
    return {name.casefold() for name in Pipeline.objects.values_list("name", flat=True)}


def _may_have_more_pipelines() -> bool:
    """At sign-up nothing is known of a plan yet: a trial brings everything."""
    snapshot = current().snapshot
    return snapshot is None or not Pipeline.objects.exists() or allows(snapshot, Feature.PIPELINES)
