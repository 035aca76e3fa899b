"""Settings → Roles: made, changed, given, looked through, deleted."""

import html

import pytest

from core.records.rights import ANY_TYPE, Verb, rights_of
from core.records.types import record_type
from tenants.people.models import READY_NAMES, AccessRole, Team, User
from tenants.people.roles.ready import READY_SCOPES
from tests.roles.conftest import ALL

pytestmark = pytest.mark.django_db


def text_of(answer) -> str:
    return html.unescape(answer.content.decode())


@pytest.fixture
def owner(firm, client_of):
    return client_of(firm.workspace, firm.workspace.owner)


def _form(**changes: str) -> dict[str, str]:
    keys = ("account", "contact", "opportunity", "product", "task", ANY_TYPE)
    return {**{f"{key}.{verb}": "all" for key in keys for verb in Verb}, **changes}


def test_every_workspace_begins_with_the_ready_roles(owner):
    page = text_of(owner.get("/settings/roles/"))
    for name in (
        "Member",
        "Executive",
        "Sales manager",
        "Account manager",
        "Marketing",
        "Service agent",
        "Read only",
    ):
        assert name in page
    assert "Owner and administrators" in page


def test_every_ready_role_has_its_name_and_its_scopes():
    assert set(READY_NAMES) == set(READY_SCOPES)


def test_only_administrators_see_and_change_roles(firm, client_of):
    client = client_of(firm.workspace, firm.people["mate"])
    role = AccessRole.objects.get(key="read_only")
    for path in ("", "new/", f"{role.pk}/", f"{role.pk}/fields/account/", f"{role.pk}/delete/"):
        assert client.get(f"/settings/roles/{path}").status_code == 403
    for path in ("", "reset/", "view-as/"):
        assert client.post(f"/settings/roles/{role.pk}/{path}", _form()).status_code == 403


def test_a_changed_role_counts_at_the_next_request(firm, owner, client_of):
    role = AccessRole.objects.get(key="member")
    mine = client_of(firm.workspace, firm.people["mate"])
    assert "Zqstrangeraccount" in text_of(mine.get("/accounts/"))
    User.objects.filter(pk=firm.people["mate"].pk).update(access_role=role)
    answer = owner.post(f"/settings/roles/{role.pk}/", _form(**{"account.see": "own"}))
    assert answer.status_code == 302
    assert "Zqstrangeraccount" not in text_of(mine.get("/accounts/"))
    assert owner.post(f"/settings/roles/{role.pk}/reset/").status_code == 302
    assert "Zqstrangeraccount" in text_of(mine.get("/accounts/"))


@pytest.mark.parametrize("wrong", ["", "everything", "ALL", "\x00"])
def test_a_form_that_is_not_whole_changes_nothing(wrong, owner):
    role = AccessRole.objects.get(key="member")
    assert owner.post(f"/settings/roles/{role.pk}/", _form(**{"account.see": wrong})).status_code == 422
    assert AccessRole.objects.get(pk=role.pk).scopes == {}


def test_a_role_of_ones_own_is_made_given_and_deleted(firm, owner):
    like = AccessRole.objects.get(key="account_manager")
    assert (
        owner.post("/settings/roles/new/", {"name": "Inside sales", "like": str(like.pk)}).status_code == 302
    )
    role = AccessRole.objects.get(name="Inside sales")
    assert role.scopes[ANY_TYPE]["see"] == "own"
    assert (
        owner.post("/settings/roles/new/", {"name": "Inside sales", "like": str(like.pk)}).status_code == 422
    )
    mate = firm.people["mate"]
    assert owner.post(f"/settings/people/{mate.pk}/role/", {"role": str(role.pk)}).status_code == 302
    assert "Inside sales" in text_of(owner.get("/settings/people/"))
    assert owner.post(f"/settings/roles/{like.pk}/delete/", {"to": str(role.pk)}).status_code == 422
    assert owner.post(f"/settings/roles/{role.pk}/delete/", {"to": str(like.pk)}).status_code == 302
    mate.refresh_from_db()
    assert mate.access_role_id == like.pk


def test_an_invited_person_has_the_role_they_were_invited_with(firm, owner):
    from tenants.people.invitations import accept_invitation, invite_people

    role = AccessRole.objects.get(key="read_only")
    invite_people(mails="new@firm.example", role="read_only", by=firm.workspace.owner)
    from tenants.people.models import Invitation

    invitation = Invitation.objects.get(email="new@firm.example")
    assert invitation.access_role_id == role.pk
    import hashlib

    Invitation.objects.filter(pk=invitation.pk).update(token_hash=hashlib.sha256(b"known").hexdigest())
    person = accept_invitation("known", name="Nia New", password="a fine long phrase")
    assert person.access_role_id == role.pk
    assert rights_of(User.objects.get(pk=person.pk)).scope(record_type("account"), Verb.EDIT) == "none"


def test_looking_as_a_role_shows_what_it_shows_and_changes_nothing(firm, owner):
    role = AccessRole.objects.create(name="Narrow", scopes={ANY_TYPE: {**ALL, "see": "own"}})
    assert owner.post(f"/settings/roles/{role.pk}/view-as/").status_code == 302
    page = text_of(owner.get("/accounts/"))
    assert "Zqmateaccount" not in page and "You see the workspace as “Narrow” does" in page
    assert owner.get("/settings/roles/").status_code == 403
    assert owner.post("/accounts/new/", {"name": "Not made"}).status_code == 403
    assert (
        owner.post("/api/v1/accounts/", {"name": "Not made"}, content_type="application/json").status_code
        == 403
    )
    assert not record_type("account").model.objects.filter(name="Not made").exists()
    assert owner.post("/settings/roles/as-oneself/").status_code == 302
    assert "Zqmateaccount" in text_of(owner.get("/accounts/"))
    assert owner.post("/accounts/new/", {"name": "Made"}).status_code == 302


def test_teams_make_a_tree_without_circles(firm, owner):
    head, harbour = Team.objects.get(name="Head office"), Team.objects.get(name="Harbour")
    answer = owner.post(f"/settings/teams/{head.pk}/", {"name": "Head office", "parent": str(harbour.pk)})
    assert answer.status_code == 422 and "part of itself" in text_of(answer)
    answer = owner.post(
        f"/settings/teams/{harbour.pk}/",
        {"name": "Harbour", "parent": "", "leader": str(firm.people["me"].pk)},
    )
    assert answer.status_code == 302
    harbour.refresh_from_db()
    assert (harbour.parent_id, harbour.leader_id) == (None, firm.people["me"].pk)


def test_in_chinese_the_roles_are_chinese(firm, client_of):
    User.objects.filter(pk=firm.workspace.owner.pk).update(language="zh-hans")
    page = text_of(client_of(firm.workspace, firm.workspace.owner).get("/settings/roles/"))
    assert "销售经理" in page and "只读" in page and "Sales manager" not in page
