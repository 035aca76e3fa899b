"""The rights of one person, from role, teams and territories."""

from typing import Any
from uuid import UUID

from core.records.rights import Rights, Scope, Territory
from tenants.people.models import AccessRole, Role, SalesTerritory, Team, User
from tenants.people.roles.ready import DEFAULT_ROLE, READY_SCOPES, Scopes
from tenants.people.territories import choices_in
from tenants.people.trees import below


def rights_of_person(person: Any) -> Rights:
    """Of a person of the workspace at hand: no query for who may everything, two at most for others."""
    if person.may_administer or (person.role == Role.SUPPORT and person.viewed_role is None):
        return Rights(person.pk, everything=True)
    role = person.viewed_role or person.access_role
    scopes = scopes_of(role)
    named = {scope for row in scopes.values() for scope in row.values()}
    own, below = _teams(person) if named & {Scope.TEAM, Scope.BELOW} else (set(), set())
    if person.team_id:
        own.add(person.team_id)
    is_narrow = any(row.get("see") not in (Scope.ALL, Scope.NONE) for row in scopes.values())
    return Rights(
        person_id=person.pk,
        scopes=scopes,
        fields=role.fields if role is not None else {},
        own_teams=frozenset(own),
        teams_below=frozenset(below | own),
        territories=tuple(_territories(person)) if is_narrow else (),
    )


def scopes_of(role: AccessRole | None) -> Scopes:
    """What a role says, a ready one in the present release's words until somebody changes it."""
    if role is None:
        return READY_SCOPES[DEFAULT_ROLE]
    return role.scopes or dict(READY_SCOPES.get(role.key, {}))


def _teams(person: User) -> tuple[set[UUID], set[UUID]]:
    """(the person's team and those they lead, these and all below them)."""
    rows = list(Team.objects.values_list("pk", "parent_id", "leader_id"))
    own = {pk for pk, _parent, leader in rows if pk == person.team_id or leader == person.pk}
    return own, below(own, {pk: parent for pk, parent, _leader in rows})


def _territories(person: User) -> list[Territory]:
    """Those that the person is in, and all their parts; one that names nothing widens nothing."""
    own = set(person.territories.values_list("territory_id", flat=True))
    if not own:
        return []
    rows = {each.pk: each for each in SalesTerritory.objects.all()}
    wanted = below(own, {pk: each.parent_id for pk, each in rows.items()})
    return [Territory(values) for pk in wanted if pk in rows and (values := choices_in(rows[pk]))]
