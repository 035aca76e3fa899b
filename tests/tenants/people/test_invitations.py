"""From an invitation by mail to a person in the workspace."""

import datetime as dt
import re

import pytest
from django.conf import settings

from core.clock import now
from core.limits import TooOften
from tenants.people.invitations import invite_people, resend_invitation
from tenants.people.models import Invitation, User

pytestmark = pytest.mark.django_db
JOIN = {"name": "Bo Berg", "password": "a fine long phrase"}


@pytest.fixture
def invite(workspace, client_of, committing, mailoutbox):
    """invite(mails) → the paths of the links that were sent."""

    def send(mails: str = "bo@firm.example", role: str = "member") -> list[str]:
        del mailoutbox[:]
        with committing():
            answer = client_of(workspace, workspace.owner).post(
                "/settings/people/invite/", {"mails": mails, "role": role}
            )
        assert answer.status_code == 302, answer.content.decode()
        return [re.search(r"/join/[\w-]+/", mail.body)[0] for mail in mailoutbox]

    return send


def test_who_joins_in_another_language_keeps_it(workspace, client_of, invite, mailoutbox):
    path = invite("bo@x.example")[0]
    client = client_of(workspace)
    page = client.get(path).content.decode()
    assert ('lang="en"' in page, 'href="?language=zh-hans"' in page) == (True, True)
    chinese = client.get(f"{path}?language=zh-hans")
    assert ('<html lang="zh-Hans"' in chinese.content.decode(), chinese["Content-Language"]) == (
        True,
        "zh-hans",
    )
    assert '<html lang="en"' in client.get(f"{path}?language=xx").content.decode()
    refused = client.post(f"{path}?language=zh-hans", {"name": "Bo", "password": "short"})
    assert (refused.status_code, '<html lang="zh-Hans"' in refused.content.decode()) == (422, True)
    client.post(f"{path}?language=zh-hans", {"name": "Bo", "password": "a long phrase of words"})
    assert User.objects.get(email="bo@x.example").language == "zh-hans"
    assert '<html lang="zh-Hans"' in client.get("/").content.decode()


def test_an_invited_person_joins_and_is_signed_in(workspace, client_of, invite, mailoutbox):
    [path] = invite()
    assert f"http://{workspace.host}{settings.GUANXI['PUBLIC_PORT']}{path}" in mailoutbox[0].body
    assert workspace.owner.name in mailoutbox[0].body
    guest = client_of(workspace)
    assert "bo@firm.example" in guest.get(path).content.decode()
    assert guest.post(path, JOIN).url == "/"
    assert "bo@firm.example" in guest.get("/profile/").content.decode()
    person = User.objects.get(email="bo@firm.example")
    assert (person.name, person.role, bool(person.mail_confirmed_at)) == ("Bo Berg", "member", True)


def test_several_are_invited_at_once(invite):
    assert len(invite("a@x.example, b@x.example；c@x.example\nA@x.example")) == 3


def test_an_invitation_works_once(workspace, client_of, invite):
    [path] = invite()
    client_of(workspace).post(path, JOIN)
    answer = client_of(workspace).post(path, JOIN)
    assert (answer.status_code, "accepted already" in answer.content.decode()) == (410, True)
    assert User.objects.filter(email="bo@firm.example").count() == 1


def test_an_expired_invitation_says_so(workspace, client_of, invite):
    [path] = invite()
    Invitation.objects.update(expires_at=now() - dt.timedelta(seconds=1))
    answer = client_of(workspace).get(path)
    assert (answer.status_code, "has expired" in answer.content.decode()) == (410, True)


def test_a_withdrawn_invitation_says_so(workspace, client_of, invite):
    [path] = invite()
    pk = Invitation.objects.get().pk
    client_of(workspace, workspace.owner).post(f"/settings/invitations/{pk}/withdraw/")
    answer = client_of(workspace).post(path, JOIN)
    assert (answer.status_code, "withdrawn" in answer.content.decode()) == (410, True)


def test_sending_again_replaces_the_link(workspace, client_of, invite, committing, mailoutbox):
    [old] = invite()
    pk = Invitation.objects.get().pk
    with committing():
        client_of(workspace, workspace.owner).post(f"/settings/invitations/{pk}/resend/")
    new = re.search(r"/join/[\w-]+/", mailoutbox[-1].body)[0]
    assert client_of(workspace).get(old).status_code == 410
    assert client_of(workspace).post(new, JOIN).status_code == 302


def test_an_invitation_of_one_workspace_opens_no_other(other_workspace, client_of, invite):
    [path] = invite()
    assert client_of(other_workspace).post(path, JOIN).status_code == 410


def test_a_placeholder_becomes_the_same_person(workspace, client_of, committing, mailoutbox):
    person = User.objects.create(name="Darcel Schlecht", is_placeholder=True)
    with committing():
        client_of(workspace, workspace.owner).post(
            f"/settings/people/{person.pk}/invite/", {"mail": "ds@firm.example", "role": "member"}
        )
    path = re.search(r"/join/[\w-]+/", mailoutbox[-1].body)[0]
    assert "Darcel Schlecht" in client_of(workspace).get(path).content.decode()
    client_of(workspace).post(path, JOIN | {"name": "Darcel Schlecht"})
    person.refresh_from_db()
    assert (person.email, person.is_placeholder) == ("ds@firm.example", False)
    assert User.objects.count() == 2


def test_a_weak_password_is_refused_and_the_name_kept(workspace, client_of, invite):
    [path] = invite()
    answer = client_of(workspace).post(path, JOIN | {"password": "1234567890"})
    page = answer.content.decode()
    assert (answer.status_code, "entirely numeric" in page, "Bo Berg" in page) == (422, True, True)


def test_wrong_and_known_addresses_are_named_and_nobody_is_invited(workspace, client_of):
    client = client_of(workspace, workspace.owner)
    for mails, sentence in (
        ("ok@x.example nonsense", "Not a mail address: nonsense"),
        (workspace.owner.email, "Already in this workspace"),
    ):
        answer = client.post("/settings/people/invite/", {"mails": mails, "role": "member"})
        assert (answer.status_code, sentence in answer.content.decode()) == (422, True)
    assert not Invitation.objects.exists()


def test_nobody_is_invited_as_owner(workspace, client_of):
    answer = client_of(workspace, workspace.owner).post(
        "/settings/people/invite/", {"mails": "a@x.example", "role": "owner"}
    )
    assert answer.status_code == 422


def test_members_do_not_invite(workspace, member, client_of):
    answer = client_of(workspace, member).post(
        "/settings/people/invite/", {"mails": "a@x.example", "role": "member"}
    )
    assert (answer.status_code, Invitation.objects.count()) == (403, 0)


def test_who_has_not_confirmed_their_own_address_invites_a_few(workspace):
    invite_people(
        mails=" ".join(f"a{number}@x.example" for number in range(5)), role="member", by=workspace.owner
    )
    with pytest.raises(TooOften, match="24 hours"):
        invite_people(mails="one@more.example", role="member", by=workspace.owner)
    workspace.owner.mail_confirmed_at = now()
    assert invite_people(mails="one@more.example", role="member", by=workspace.owner)


def test_a_workspace_invites_a_hundred_a_day(workspace):
    workspace.owner.mail_confirmed_at = now()

    def invite(first: int, count: int) -> list[Invitation]:
        mails = " ".join(f"a{number}@x.example" for number in range(first, first + count))
        return invite_people(mails=mails, role="member", by=workspace.owner)

    invite(0, 50)
    sent = invite(50, 49)
    with pytest.raises(TooOften):
        invite(99, 2)
    again = resend_invitation(sent[0], by=workspace.owner)
    with pytest.raises(TooOften):
        resend_invitation(again, by=workspace.owner)
    assert Invitation.objects.count() == 100
