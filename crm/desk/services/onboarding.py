"""The first steps in a fresh workspace: ticked by what people really did, never by a click on the list."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, QuerySet
from django.utils.translation import gettext_lazy as _

from core.history.context import change
from core.modules import modules_off
from crm.activities.models import Activity, Kind
from crm.opportunities.models import Opportunity
from crm.transfer.models import ImportJob, ImportState
from tenants.people.models import Invitation, User, WorkspaceSetting

_DISMISSED = "onboarding_dismissed"


@dataclass(frozen=True, slots=True)
class Step:
    """done: rows that exist once it was taken. for_administrators: others cannot do it. module: it goes with that."""

    key: str
    label: Any
    href: str
    icon: str
    done: Callable[[], QuerySet[Any]]
    for_administrators: bool = False
    module: str = ""


@dataclass(frozen=True, slots=True)
class Checklist:
    """steps: each with whether it was taken."""

    steps: list[tuple[Step, bool]]

    @property
    def taken(self) -> int:
        return sum(done for _step, done in self.steps)


STEPS = (
    Step(
        "import",
        _("Import a file"),
        "/import/new/?type=account",
        "upload",
        lambda: ImportJob.objects.filter(state=ImportState.DONE),
        for_administrators=True,
        module="import",
    ),
    Step(
        "colleague",
        _("Invite a colleague"),
        "/settings/people/",
        "user-plus",
        lambda: Invitation.objects.all(),
        for_administrators=True,
    ),
    Step(
        "opportunity",
        _("Create an opportunity"),
        "/opportunities/new/",
        "square-kanban",
        lambda: Opportunity.objects.all(),
        module="opportunities",
    ),
    Step(
        "call",
        _("Log a call"),
        "/accounts/",
        "phone-call",
        lambda: Activity.objects.filter(kind=Kind.CALL),
    ),
)


def checklist(user: User) -> Checklist | None:
    """What is left to do, in one query. None when all is done or somebody put the list away."""
    off = modules_off()
    steps = [
        step
        for step in STEPS
        if (user.may_administer or not step.for_administrators) and step.module not in off
    ]
    dismissed = WorkspaceSetting.objects.filter(key=_DISMISSED)
    found = (
        User.objects.filter(pk=user.pk)
        .annotate(
            dismissed=Exists(dismissed),
            **{f"step_{place}": Exists(step.done()) for place, step in enumerate(steps)},
        )
        .values()
        .get()
    )
    taken = [(step, found[f"step_{place}"]) for place, step in enumerate(steps)]
    if found["dismissed"] or all(done for _step, done in taken):
        return None
    return Checklist(taken)


def dismiss_checklist(*, by: User) -> None:
    """Put the list away, for everybody. A second time changes nothing."""
    with change(label=_("Put the first steps away"), by=by):
        WorkspaceSetting.objects.get_or_create(key=_DISMISSED, defaults={"value": True})
