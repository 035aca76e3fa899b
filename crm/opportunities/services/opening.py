"""What a new workspace starts with: one pipeline."""

from django.utils.translation import gettext as _

from crm.opportunities.models import Outcome, Pipeline, Stage
from crm.opportunities.services.stages import forget_stages
from tenants.people.models import User


def make_first_pipeline(owner: User) -> None:
    """A plain pipeline in the workspace's language; every part of it can be changed."""
    pipeline = Pipeline.objects.create(name=_("Sales"))
    stages = [
        (_("Prospecting"), 10, Outcome.OPEN),
        (_("Qualified"), 25, Outcome.OPEN),
        (_("Proposal"), 50, Outcome.OPEN),
        (_("Negotiation"), 75, Outcome.OPEN),
        (_("Won"), 100, Outcome.WON),
        (_("Lost"), 0, Outcome.LOST),
    ]
    Stage.objects.bulk_create(
        Stage(
            pipeline=pipeline,
            name=name,
            position=position if outcome == Outcome.OPEN else 1000 + position,
            probability_percent=percent,
            outcome=outcome,
        )
        for position, (name, percent, outcome) in enumerate(stages, 1)
    )
    forget_stages()
