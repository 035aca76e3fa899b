"""Applying a template: at sign-up to an empty workspace, later to one that is in use."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import Max
from django.utils.translation import gettext as _

from core.clock import now
from core.errors import DomainError
from core.history.context import change
from core.records.types import RecordType, record_type
from crm.customize.models import PicklistItem
from crm.customize.services.opening import first_picklists, make_picklists
from crm.customize.services.picklists import add_option, forget_options
from crm.fields.models import FieldKind
from crm.fields.rules.definitions import picklist_key
from crm.fields.services.making import FieldForm, make_field
from crm.opportunities.models import Pipeline, Stage
from crm.opportunities.services.opening import make_first_pipeline
from crm.opportunities.services.stages import forget_stages
from crm.trades.rules.catalog import template_of
from crm.trades.rules.template import OPEN, FieldPlan, NumberPlan, PipelinePlan, TradeTemplate
from crm.trades.selectors import KEY, additions_of
from crm.workspace.rules.numbers import Numbering
from crm.workspace.selectors.numbering import TOPIC as NUMBERING
from crm.workspace.selectors.numbering import as_stored
from tenants.people.rights import require_administrator
from tenants.people.workspace_settings import keep_setting


def make_first_shape(owner: Any, trade: str) -> None:
    """In a new workspace: lists and pipelines, of the trade where one was chosen. Inside sign-up's transaction."""
    template = template_of(trade)
    if template is None:
        make_picklists(first_picklists())
        make_first_pipeline(owner)
        return
    make_picklists(first_picklists() | {key: list(choices) for key, choices in template.picklists.items()})
    _make_pipelines(template.pipelines)
    for key, plan in template.numbering.items():
        _number(key, plan)
    _make_fields([(record_type(plan.record_type), plan) for plan in template.fields], owner)
    for key in template.modules_off:
        keep_setting(f"module.{key}", False)
    keep_setting(KEY, template.key)


def apply_template(key: str, *, by: Any) -> UUID:
    """Add what is missing; nothing that is there changes. The batch, which can be undone.

    Raises NotAllowed, DomainError when there is no such template or nothing to add.
    """
    require_administrator(by)
    template = template_of(key)
    if template is None:
        raise DomainError(_("There is no such template."))
    with change(label=_("Applied the template “%(name)s”") % {"name": template.label}, by=by) as entry:
        _add(template, by)
    forget_stages()
    return entry.batch


def _add(template: TradeTemplate, by: Any) -> None:
    additions = additions_of(template)
    if not additions:
        raise DomainError(_("Everything of this template is here already."))
    for key, _label, choices in additions.lists:
        last = PicklistItem.objects.filter(picklist=key).aggregate(last=Max("position"))["last"] or 0
        for place, (label, tone) in enumerate(choices, last + 1):
            PicklistItem.objects.create(picklist=key, label=str(label), tone=tone, position=place)
        forget_options(key)
    _make_pipelines(additions.pipelines)
    for kind, plan in additions.numbering:
        _number(kind.key, plan)
    _make_fields(additions.fields, by)
    keep_setting(KEY, template.key)


def _make_fields(plans: Sequence[tuple[RecordType, FieldPlan]], by: Any) -> None:
    for kind, plan in plans:
        form = FieldForm(str(plan.label), options={"unit": str(plan.unit)})
        made, _batch = make_field(kind, FieldKind(plan.kind), given=form, by=by)
        for label in plan.choices:
            add_option(picklist_key(kind.key, made.name), str(label))


def _make_pipelines(plans: Sequence[PipelinePlan]) -> None:
    for place, plan in enumerate(plans, Pipeline.objects.count()):
        made = Pipeline.objects.create(name=str(plan.name), position=place)
        Stage.objects.bulk_create(
            Stage(
                pipeline=made,
                name=str(stage.name),
                position=number if stage.outcome == OPEN else 1000 + number,
                probability_percent=stage.percent,
                outcome=stage.outcome,
            )
            for number, stage in enumerate(plan.stages, 1)
        )
    forget_stages()


def _number(key: str, plan: NumberPlan) -> None:
    numbering = Numbering(plan.pattern, plan.reset, since=now().isoformat())
    keep_setting(f"{NUMBERING}.{key}", as_stored(numbering))
