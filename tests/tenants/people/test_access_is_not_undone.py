"""Who may sign in, and as what, is not taken back with an undo; colleagues' data are not everybody's to edit."""

import pytest

from core.history.context import change
from core.history.models import Transaction
from tenants.people.models import Role, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(workspace):
    return User.objects.create_user("admin@x.example", "x", name="Adam", role=Role.ADMIN)


@pytest.fixture
def member(workspace):
    return User.objects.create_user("member@x.example", "x", name="Mina")


def _undo(client, batch):
    return client.post(f"/undo/{batch}/")


def test_an_administrator_cannot_undo_a_handed_over_workspace(workspace, admin, client_of):
    with change(label="Handed the workspace over", by=admin) as entry:
        User.objects.filter(pk=admin.pk).update(role=Role.MEMBER)
        User.objects.filter(pk=admin.pk).update(role=Role.OWNER)
        User.objects.filter(pk=workspace.owner.pk).update(role=Role.ADMIN)
    assert _undo(client_of(workspace, admin), entry.batch).status_code == 403
    workspace.owner.refresh_from_db()
    assert workspace.owner.role == Role.ADMIN


def test_the_opening_of_the_workspace_is_not_undone(workspace, client_of):
    opening = Transaction.objects.order_by("id").first()
    assert _undo(client_of(workspace, workspace.owner), opening.batch).status_code == 403
    assert User.objects.filter(role=Role.OWNER).exists()


def test_a_name_is_undone_as_before(workspace, admin, client_of):
    client = client_of(workspace, admin)
    client.post(f"/people/{admin.pk}/field/name/", {"name": "Adam Smith"})
    batch = Transaction.objects.order_by("-id").first().batch
    assert _undo(client, batch).status_code == 204
    admin.refresh_from_db()
    assert admin.name == "Adam"


def test_a_member_edits_only_their_own_line(workspace, admin, member, client_of):
    client = client_of(workspace, member)
    assert client.post(f"/people/{admin.pk}/field/name/", {"name": "Mallory"}).status_code == 403
    assert client.post(f"/people/{member.pk}/field/phone/", {"phone": "0113 496"}).status_code == 302
    answer = client.post("/people/bulk/change/", {"pick": str(admin.pk), "field": "phone", "value": "1234"})
    assert answer.status_code == 403
    admin.refresh_from_db()
    assert (admin.name, admin.phone) == ("Adam", "")
