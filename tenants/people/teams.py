"""Teams: made, named, filled, removed."""

from collections.abc import Iterable
from uuid import UUID

from django.db import IntegrityError
from django.utils.translation import gettext as _

from core.errors import Conflict, DomainError
from core.history.context import change
from core.records.search import index_records
from core.records.text import sort_key
from core.records.types import record_type
from tenants.people.models import Team, User
from tenants.people.rights import require_administrator
from tenants.people.trees import refuse_circle


def make_team(
    *,
    name: str,
    members: Iterable[User] = (),
    parent: Team | None = None,
    leader: User | None = None,
    by: User,
) -> tuple[Team, UUID]:
    """The team and the batch. Raises DomainError, Conflict when the name is taken, NotAllowed."""
    require_administrator(by)
    team = Team(name=_checked(name), parent=parent, leader=leader)
    with change(label=_("Made the team “%(name)s”") % {"name": team.name}, by=by) as entry:
        _save(team)
        _set_members(team, members)
    return team, entry.batch


def change_team(
    team: Team,
    *,
    name: str,
    members: Iterable[User],
    parent: Team | None = None,
    leader: User | None = None,
    by: User,
) -> UUID:
    """All of a team at once. A person is in one team: who joins leaves the former one.

    Raises DomainError for a team that would lie below itself, Conflict, NotAllowed.
    """
    require_administrator(by)
    with change(label=_("Changed the team “%(name)s”") % {"name": team.name}, by=by) as entry:
        team.name, team.leader = _checked(name), leader
        refuse_circle(team, parent, _("A team cannot be part of itself or of one of its own."))
        team.parent = parent
        _save(team)
        _set_members(team, members)
    return entry.batch


def delete_team(team: Team, *, by: User) -> UUID:
    """Its people and records stay, without a team; an undo brings all back."""
    require_administrator(by)
    with change(label=_("Deleted the team “%(name)s”") % {"name": team.name}, by=by) as entry:
        members = list(team.members.values_list("pk", flat=True))
        team.delete()
        index_records(record_type("person"), members)
    return entry.batch


def _checked(name: str) -> str:
    name = " ".join(name.split())
    problem = ""
    if not name:
        problem = _("This is needed.")
    elif len(name) > 120:
        problem = _("At most %(count)d characters.") % {"count": 120}
    if problem:
        raise DomainError(problem, fields={"name": problem})
    return name


def _save(team: Team) -> None:
    team.name_key = sort_key(team.name)
    try:
        team.save()
    except IntegrityError as error:
        message = _("There is already a team of this name.")
        raise Conflict(message, fields={"name": message}) from error


def _set_members(team: Team, members: Iterable[User]) -> None:
    wanted = {each.pk for each in members}
    before = set(team.members.values_list("pk", flat=True))
    User.objects.filter(pk__in=before - wanted).update(team=None)
    User.objects.filter(pk__in=wanted - before).update(team=team)
    index_records(record_type("person"), sorted(before ^ wanted))
