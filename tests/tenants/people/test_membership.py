"""Roles, access, ownership."""

import pytest

from core.errors import DomainError, NotAllowed
from tenants.people.leaving.services import let_go
from tenants.people.membership import (
    change_role,
    hand_over_workspace,
    reactivate_person,
)
from tenants.people.models import Role, User

pytestmark = pytest.mark.django_db


def _act(client, person: User, what: str, **fields: str):
    return client.post(f"/settings/people/{person.pk}/{what}/", fields)


def test_a_deactivated_person_is_out_at_the_next_request(workspace, member, client_of):
    theirs = client_of(workspace, member)
    assert theirs.get("/profile/").status_code == 200
    assert _act(client_of(workspace, workspace.owner), member, "deactivate").status_code == 302
    answer = theirs.get("/profile/")
    assert (answer.status_code, "/account/login" in answer.url) == (302, True)
    answer = client_of(workspace).post(
        "/account/login/", {"login": member.email, "password": "a fine long phrase"}
    )
    assert answer.status_code == 302
    assert answer.url == "/account/inactive/"


def test_a_reactivated_person_signs_in_again(workspace, member, client_of):
    owner = client_of(workspace, workspace.owner)
    _act(owner, member, "deactivate")
    _act(owner, member, "reactivate")
    answer = client_of(workspace).post(
        "/account/login/", {"login": member.email, "password": "a fine long phrase"}
    )
    assert answer.url == "/"


def test_the_last_owner_can_neither_be_demoted_nor_deactivated(workspace, admin, client_of):
    owner = workspace.owner
    client = client_of(workspace, owner)
    assert _act(client, owner, "role", role="member").status_code == 422
    assert _act(client, owner, "deactivate").status_code == 422
    assert _act(client_of(workspace, admin), owner, "deactivate").status_code == 403
    owner.refresh_from_db()
    assert (owner.role, owner.is_active) == (Role.OWNER, True)


def test_of_two_owners_one_may_step_down(workspace, client_of):
    User.objects.create_user("second@firm.example", "x", name="Second", role=Role.OWNER)
    assert (
        _act(client_of(workspace, workspace.owner), workspace.owner, "role", role="admin").status_code == 302
    )


@pytest.mark.parametrize("what", ["deactivate", "reactivate", "role"])
def test_members_change_nobody(workspace, member, admin, client_of, what):
    assert _act(client_of(workspace, member), admin, what, role="member").status_code == 403
    admin.refresh_from_db()
    assert (admin.is_active, admin.role) == (True, Role.ADMIN)


def test_an_owner_is_not_made_by_choosing_a_role(workspace, member, client_of):
    assert _act(client_of(workspace, workspace.owner), member, "role", role="owner").status_code == 422


def test_ownership_is_handed_over(workspace, member, client_of):
    client = client_of(workspace, workspace.owner)
    assert client.post("/settings/people/ownership/", {"to": str(member.pk)}).status_code == 302
    member.refresh_from_db()
    workspace.owner.refresh_from_db()
    assert (member.role, workspace.owner.role) == (Role.OWNER, Role.ADMIN)


def test_only_an_owner_hands_the_workspace_over(workspace, admin, member, client_of):
    answer = client_of(workspace, admin).post("/settings/people/ownership/", {"to": str(member.pk)})
    assert answer.status_code == 403


def test_members_hand_nothing_over(workspace, member, client_of):
    assert (
        _act(client_of(workspace, member), workspace.owner, "hand-over", to=str(member.pk)).status_code == 403
    )


@pytest.mark.parametrize("taken", [{"role": Role.MEMBER}, {"is_active": False}])
def test_power_that_was_taken_meanwhile_is_gone(workspace, admin, member, taken):
    User.objects.filter(pk=admin.pk).update(**taken)  # `admin` is as an earlier read found it
    with pytest.raises(NotAllowed):
        change_role(member, role=Role.ADMIN, by=admin)
    with pytest.raises(NotAllowed):
        let_go(member, wish=None, by=admin)
    with pytest.raises(NotAllowed):
        reactivate_person(member, by=admin)
    member.refresh_from_db()
    assert (member.role, member.is_active) == (Role.MEMBER, True)


def test_an_administrator_does_not_demote_who_became_an_owner_meanwhile(workspace, admin, member):
    User.objects.filter(pk=member.pk).update(role=Role.OWNER)
    with pytest.raises(NotAllowed):
        change_role(member, role=Role.MEMBER, by=admin)


def test_a_workspace_is_handed_over_once_and_to_the_active_only(workspace, admin, member):
    User.objects.filter(pk=member.pk).update(is_active=False)
    with pytest.raises(DomainError):
        hand_over_workspace(to=member, by=workspace.owner)
    hand_over_workspace(to=admin, by=workspace.owner)
    User.objects.filter(pk=member.pk).update(is_active=True)
    with pytest.raises(NotAllowed):
        hand_over_workspace(to=member, by=workspace.owner)
    assert list(User.objects.filter(role=Role.OWNER)) == [admin]
