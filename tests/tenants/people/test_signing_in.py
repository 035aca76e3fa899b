"""Links and sessions: bound to their workspace, built from the stored address."""

import re

import pytest
from django.conf import settings

from tenants.people.confirmation import ConfirmationRefused, confirm_mail, confirmation_token
from tenants.people.models import User

pytestmark = pytest.mark.django_db
PORT = settings.GUANXI["PUBLIC_PORT"]


def _reset_link(client, mail: str, mailoutbox, **headers: str) -> str:
    client.post("/account/password/reset/", {"email": mail}, headers=headers)
    return re.search(r"https?://\S+/password/reset/key/\S+", mailoutbox[-1].body)[0]


def _twin_in(place, person: User) -> User:
    """Somebody with the same id, mail and password in another workspace: what a confused link would hit."""
    with place.scope():
        return User.objects.create(
            pk=person.pk, email=person.email, name=person.name, password=person.password
        )


def test_a_reset_link_changes_the_password(workspace, client_of, mailoutbox):
    client = client_of(workspace)
    link = _reset_link(client, workspace.owner.email, mailoutbox)
    assert link.startswith(f"http://{workspace.host}{PORT}/")
    form = client.get(link.split(PORT, 1)[1])
    assert client.get(form.url).status_code == 200
    client.post(form.url, {"password1": "another long phrase", "password2": "another long phrase"})
    answer = client_of(workspace).post(
        "/account/login/", {"login": workspace.owner.email, "password": "another long phrase"}
    )
    assert answer.url == "/"


def test_the_mail_with_the_link_is_in_the_persons_language(workspace, client_of, mailoutbox):
    User.objects.filter(pk=workspace.owner.pk).update(language="zh-hans")
    _reset_link(client_of(workspace), workspace.owner.email, mailoutbox, **{"accept-language": "en"})
    assert "密码" in mailoutbox[-1].subject
    assert "密码" in mailoutbox[-1].body


def test_a_reset_link_of_one_workspace_is_refused_in_another(
    workspace, other_workspace, client_of, mailoutbox
):
    link = _reset_link(client_of(workspace), workspace.owner.email, mailoutbox)
    twin = _twin_in(other_workspace, workspace.owner)
    intruder = client_of(other_workspace)
    path = link.split(PORT, 1)[1]
    answer = intruder.get(path, follow=True)
    assert "no longer works" in answer.content.decode()
    with other_workspace.scope():
        twin.refresh_from_db()
        assert twin.password == workspace.owner.password


def test_links_carry_the_stored_domain_whatever_the_host_says(workspace, client_of, mailoutbox):
    client = client_of(workspace)
    forged = {"host": f"{workspace.host}:6666", "x-forwarded-host": "evil.example"}
    link = _reset_link(client, workspace.owner.email, mailoutbox, **forged)
    assert link.startswith(f"http://{workspace.host}{PORT}/")
    assert "evil.example" not in mailoutbox[-1].body
    assert "6666" not in mailoutbox[-1].body


def test_an_unknown_address_gets_the_same_page_and_no_link(workspace, client_of, mailoutbox):
    client = client_of(workspace)
    known = client.post("/account/password/reset/", {"email": workspace.owner.email})
    unknown = client.post("/account/password/reset/", {"email": "nobody@nowhere.example"})
    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
    assert "/password/reset/key/" not in mailoutbox[-1].body


def test_a_confirmation_link_is_refused_in_another_workspace(workspace, other_workspace):
    token = confirmation_token(workspace.owner, workspace.owner.email)
    twin = _twin_in(other_workspace, workspace.owner)
    with other_workspace.scope():
        with pytest.raises(ConfirmationRefused):
            confirm_mail(token)
        twin.refresh_from_db()
        assert twin.mail_confirmed_at is None
    assert confirm_mail(token).mail_confirmed_at is not None


def test_confirming_takes_the_notice_away_and_looking_does_not(workspace, client_of):
    client = client_of(workspace, workspace.owner)
    notice = "Please confirm your mail address"
    assert notice in client.get("/profile/").content.decode()
    path = f"/confirm/{confirmation_token(workspace.owner, workspace.owner.email)}/"
    client.get(path)
    assert notice in client.get("/profile/").content.decode()
    client.post(path)
    assert notice not in client.get("/profile/").content.decode()


def test_a_new_address_becomes_ones_own_by_its_link(workspace, client_of, committing, mailoutbox):
    client = client_of(workspace, workspace.owner)
    with committing():
        client.post("/profile/mail/", {"mail": "new@firm.example"})
    assert mailoutbox[-1].to == ["new@firm.example"]
    path = re.search(r"/confirm/\S+/", mailoutbox[-1].body)[0]
    former = workspace.owner.email
    client.post(path)
    workspace.owner.refresh_from_db()
    assert workspace.owner.email == "new@firm.example"
    for mail, works in ((former, False), ("new@firm.example", True)):
        answer = client_of(workspace).post("/account/login/", {"login": mail, "password": workspace.password})
        assert (answer.status_code == 302) is works


def test_an_older_confirmation_link_is_void_after_a_change(workspace, client_of):
    old = confirmation_token(workspace.owner, "first@firm.example")
    confirm_mail(confirmation_token(workspace.owner, "second@firm.example"))
    with pytest.raises(ConfirmationRefused):
        confirm_mail(old)


def test_signing_out_of_the_others_leaves_this_session(workspace, client_of):
    here, elsewhere = (client_of(workspace, workspace.owner) for _number in range(2))
    for client in (here, elsewhere):
        assert client.get("/profile/").status_code == 200
    assert here.get("/account/sessions/").content.decode().count("This one") == 1
    here.post("/account/sessions/")
    assert here.get("/profile/").status_code == 200
    assert elsewhere.get("/profile/").status_code == 302


def test_signing_out_takes_a_post(workspace, client_of):
    client = client_of(workspace, workspace.owner)
    client.get("/account/logout/")
    assert client.get("/profile/").status_code == 200
    client.post("/account/logout/")
    assert client.get("/profile/").status_code == 302


@pytest.mark.parametrize(
    "path", ["/account/email/", "/account/confirm-email/", "/account/confirm-email/MQ:x/"]
)
def test_the_packages_own_confirmation_is_closed(workspace, client_of, path):
    assert client_of(workspace, workspace.owner).get(path).status_code == 404


def test_many_wrong_passwords_are_slowed_down(workspace, client_of):
    client = client_of(workspace)
    wrong = {"login": workspace.owner.email, "password": "wrong"}
    for _turn in range(12):
        client.post("/account/login/", wrong)
    right = client.post("/account/login/", wrong | {"password": workspace.password})
    assert right.status_code != 302
