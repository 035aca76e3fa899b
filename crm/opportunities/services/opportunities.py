"""What hangs on writing opportunities."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from core.clock import now, today
from core.errors import DomainError, NotAllowed
from core.history.context import change
from core.records.fields import Option
from core.records.types import BulkPreparer, record_type
from core.records.writing import Written, update_records
from crm.customize.services.picklists import add_option, options_of
from crm.opportunities.models import Opportunity, Outcome, Stage
from crm.opportunities.rules import closing_day, default_name
from crm.opportunities.selectors.board import Destination, destination_of
from crm.opportunities.selectors.opportunities import first_pipeline
from crm.opportunities.services.pricing import Amounts, settle_amounts


def prepare_opportunity(opportunity: Opportunity) -> None:
    """Before every write: a stage, what follows from it, the amount in the base currency, and a name."""
    if opportunity.stage_id is None:
        opportunity.stage = _first_stage()
    stage = opportunity.stage
    if opportunity.stored_stage_id != stage.pk:
        opportunity.stage_since = now()
    opportunity.pipeline_id, opportunity.outcome = stage.pipeline_id, stage.outcome
    opportunity.closed_on = closing_day(stage.outcome, opportunity.closed_on, today())
    if opportunity.opened_on is None:
        opportunity.opened_on = today()
    opportunity.amount, opportunity.currency, opportunity.currency_amount = settle_amounts(
        Amounts(opportunity.amount, opportunity.currency, opportunity.currency_amount),
        stored=opportunity.stored_amounts,
        day=opportunity.closed_on or opportunity.expected_on or opportunity.opened_on,
    )
    if not opportunity.name:
        account = opportunity.account.name if opportunity.account_id else ""
        product = opportunity.product.name if opportunity.product_id else ""
        opportunity.name = default_name(account, product, opportunity.reference) or _("New opportunity")


def prepare_opportunities() -> BulkPreparer:
    """The same for mass writes: the stages are read once, names of account and product come with the row."""
    stages = Stage.objects.in_bulk()
    first = _first_stage()

    def prepare(values: dict[str, Any], before: Mapping[str, Any] | None, titles: Mapping[str, str]) -> None:
        stage = stages[values["stage_id"] or first.pk]
        values["stage_id"] = stage.pk
        if before is None or before["stage_id"] != stage.pk:
            values["stage_since"] = now()
        values["pipeline_id"], values["outcome"] = stage.pipeline_id, stage.outcome
        values["closed_on"] = closing_day(stage.outcome, values["closed_on"], today())
        values["opened_on"] = values["opened_on"] or today()
        values["amount"], values["currency"], values["currency_amount"] = settle_amounts(
            Amounts(values["amount"], values["currency"], values["currency_amount"]),
            stored=(before["amount"], before["currency_amount"]) if before else (None, None),
            day=values["closed_on"] or values["expected_on"] or values["opened_on"],
        )
        if not values["name"]:
            name = default_name(titles.get("account", ""), titles.get("product", ""), values["reference"])
            values["name"] = name or _("New opportunity")
        _check_days(values["opened_on"], values["closed_on"])

    return prepare


def check_opportunity(opportunity: Opportunity) -> None:
    """Raises DomainError when the dates contradict each other."""
    _check_days(opportunity.opened_on, opportunity.closed_on)


def _check_days(opened: dt.date | None, closed: dt.date | None) -> None:
    if opened and closed and closed < opened:
        message = _("It cannot be closed before it was opened.")
        raise DomainError(message, fields={"closed_on": message})


def move_opportunity(
    opportunity_id: UUID,
    *,
    to_stage: UUID,
    before: UUID | None = None,
    lost_reason_id: UUID | None = None,
    by: Any,
) -> Written:
    """Put it into a stage, in front of the card `before` or at the column's end.

    Raises DomainError, Opportunity.DoesNotExist.
    """
    goal = _destination(opportunity_id, to_stage, before, by)
    label = _("Moved “%(title)s” to %(stage)s") % {"title": goal.title, "stage": goal.stage.name}
    values: dict[str, Any] = {"stage": goal.stage, "stage_id": goal.stage.pk}
    if goal.stage.outcome == Outcome.LOST and lost_reason_id:
        values["lost_reason_id"] = lost_reason_id
    if goal.position is not None:
        return _put(opportunity_id, {**values, "board_position": goal.position}, by, label)
    with change(label=label, by=by):
        _renumber(to_stage)
        place = _destination(opportunity_id, to_stage, before, by).position
        if place is None:  # the card in front of which it was to stand has left the column
            place = _destination(opportunity_id, to_stage, None, by).position
        return _put(opportunity_id, {**values, "board_position": place or 0.0}, by, label)


def lose_opportunity(
    opportunity_id: UUID, *, to_stage: UUID, reason: str = "", new_reason: str = "", by: Any
) -> Written:
    """The move to a lost stage. reason: a choice's value. new_reason: words that are first added to the choices.

    One transaction and one undo. Raises as `move_opportunity`; NotAllowed when a member adds a reason.
    """
    known = next((each for each in _reasons() if each.label.casefold() == new_reason.casefold()), None)
    if known or not new_reason:
        chosen = known.value if known else reason
        chosen_id = UUID(chosen) if chosen else None
        return move_opportunity(opportunity_id, to_stage=to_stage, lost_reason_id=chosen_id, by=by)
    if not by.may_administer:
        raise NotAllowed(_("Only the owner and administrators can add a reason to the list."))
    with change(label=_("Lost, for the new reason “%(reason)s”") % {"reason": new_reason}, by=by):
        made = UUID(add_option("lost_reason", new_reason))
        return move_opportunity(opportunity_id, to_stage=to_stage, lost_reason_id=made, by=by)


def _reasons() -> Sequence[Option]:
    return options_of("lost_reason")()


def _put(opportunity_id: UUID, values: Mapping[str, Any], by: Any, label: str) -> Written:
    return update_records(record_type("opportunity"), [opportunity_id], values, by=by, label=label)


def _destination(opportunity_id: UUID, to_stage: UUID, before: UUID | None, by: Any) -> Destination:
    goal = destination_of(opportunity_id, to_stage=to_stage, before=before, to=by)
    if goal is None:
        raise DomainError(_("This stage is gone. Reload the board."))
    if goal.title is None:
        raise Opportunity.DoesNotExist
    return goal


def _renumber(stage_id: UUID) -> None:
    """Whole numbers again for a column whose places have become too close, or were never given."""
    column = list(Opportunity.objects.filter(stage_id=stage_id).order_by("board_position", "pk").only("pk"))
    for place, opportunity in enumerate(column):
        opportunity.board_position = float(place)
    Opportunity.objects.bulk_update(column, ["board_position"], batch_size=2000)


def _first_stage() -> Stage:
    pipeline = first_pipeline()
    stage = pipeline.stages.first() if pipeline else None
    if stage is None:
        raise DomainError(_("There is no pipeline yet. Make one under Settings."))
    return stage
