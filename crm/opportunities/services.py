"""What hangs on writing opportunities."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from core.clock import now, today
from core.errors import DomainError
from core.records.writing import Written, update_record
from crm.opportunities.models import Opportunity, Outcome, Stage
from crm.opportunities.rules import closing_day, default_name
from crm.opportunities.selectors import first_pipeline, visible_opportunities


def prepare_opportunity(opportunity: Opportunity) -> None:
    """Before every write: a stage, what follows from it, and a name."""
    if opportunity.stage_id is None:
        opportunity.stage = _first_stage()
    stage = opportunity.stage
    before = Opportunity.everything.filter(pk=opportunity.pk).values_list("stage_id", flat=True).first()
    if before != stage.pk:
        opportunity.stage_since = now()
    opportunity.pipeline_id, opportunity.outcome = stage.pipeline_id, stage.outcome
    opportunity.closed_on = closing_day(stage.outcome, opportunity.closed_on, today())
    if opportunity.opened_on is None:
        opportunity.opened_on = today()
    if not opportunity.name:
        account = opportunity.account.name if opportunity.account_id else ""
        product = opportunity.product.name if opportunity.product_id else ""
        opportunity.name = default_name(account, product, opportunity.reference) or _("New opportunity")


def check_opportunity(opportunity: Opportunity) -> None:
    """Raises DomainError when the dates contradict each other."""
    opened, closed = opportunity.opened_on, opportunity.closed_on
    if opened and closed and closed < opened:
        message = _("It cannot be closed before it was opened.")
        raise DomainError(message, fields={"closed_on": message})


def move_opportunity(
    opportunity_id: UUID,
    *,
    to_stage: UUID,
    position: float | None = None,
    lost_reason_id: UUID | None = None,
    by: Any,
) -> Written:
    """Put it into a stage, at a place in its column.

    Raises DomainError, Opportunity.DoesNotExist.
    """
    from crm.opportunities.records import OPPORTUNITY

    stage = Stage.objects.filter(pk=to_stage).first()
    if stage is None:
        raise DomainError(_("This stage is gone. Reload the board."))
    opportunity = visible_opportunities(to=by).get(pk=opportunity_id)
    values: dict[str, Any] = {"stage_id": stage.pk, "stage": stage}
    if position is not None:
        values["board_position"] = position
    if stage.outcome == Outcome.LOST and lost_reason_id:
        values["lost_reason_id"] = lost_reason_id
    label = _("Moved “%(title)s” to %(stage)s") % {"title": opportunity.name, "stage": stage.name}
    return update_record(OPPORTUNITY, opportunity, values, by=by, label=label)


def _first_stage() -> Stage:
    pipeline = first_pipeline()
    stage = pipeline.stages.first() if pipeline else None
    if stage is None:
        raise DomainError(_("There is no pipeline yet. Make one under Settings."))
    return stage
