"""What is done from the desk."""

from uuid import UUID

from django.utils.translation import gettext as _

from core.clock import today
from core.records.writing import Written
from core.working_time import next_working_day
from crm.activities.models import Kind
from crm.activities.services.activities import plan_task
from crm.opportunities.selectors.opportunities import open_opportunities
from crm.workspace.selectors.hours import working_hours
from tenants.people.models import User


def follow_up(opportunity_id: UUID, *, by: User) -> Written:
    """Plan a call about an opportunity that has gone quiet, for the next working day.

    Raises Opportunity.DoesNotExist for one that is closed or not to be seen.
    """
    opportunity = open_opportunities(to=by).get(pk=opportunity_id)
    return plan_task(
        title=_("Follow up: %(name)s") % {"name": opportunity.name},
        kind=Kind.CALL,
        target=opportunity,
        due_on=next_working_day(today(), working_hours(by.team_id)),
        by=by,
    )
