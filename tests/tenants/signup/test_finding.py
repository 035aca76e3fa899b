"""What the public host says to people who have a workspace, and what it keeps to itself."""

import pytest
from django.core.cache import caches
from django.test import override_settings

from core.tenancy.scope import public_scope
from tenants.people.leaving.services import let_go
from tenants.people.models import User
from tenants.registry.models import MailDirectoryEntry

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_counters(db) -> None:
    with public_scope(switch=True, reason="test"):
        caches["default"].clear()


def test_the_page_says_the_same_for_known_and_unknown_mails(workspace, visitor, worker, mailoutbox):
    known = visitor.post("/find/", {"mail": workspace.owner.email})
    unknown = visitor.post("/find/", {"mail": "nobody@nowhere.example"})
    pages = [
        answer.content.decode().replace(mail, "").split("<main")[1]
        for answer, mail in ((known, workspace.owner.email), (unknown, "nobody@nowhere.example"))
    ]
    assert pages[0] == pages[1]
    first, second = mailoutbox
    assert f"://{workspace.host}" in first.body
    assert "No workspace knows" in second.body


def test_the_directory_keeps_no_address(workspace):
    with public_scope(switch=True, reason="test"):
        rows = str(list(MailDirectoryEntry.objects.values()))
    assert workspace.owner.email not in rows


def test_the_directory_follows_who_is_there(
    workspace, visitor, worker, mailoutbox, django_capture_on_commit_callbacks
):
    person = User.objects.create_user("bo@firm.example", "x", name="Bo")
    from tenants.signup.tasks import sync_mails

    sync_mails(workspace.schema)
    visitor.post("/find/", {"mail": "bo@firm.example"})
    assert workspace.host in mailoutbox[-1].body
    with django_capture_on_commit_callbacks(execute=True):
        let_go(person, wish=None, by=workspace.owner)
    visitor.post("/find/", {"mail": "bo@firm.example"})
    assert workspace.host not in mailoutbox[-1].body


def test_finding_is_limited_by_mail(workspace, visitor, worker, mailoutbox):
    for _turn in range(7):
        answer = visitor.post("/find/", {"mail": workspace.owner.email})
    found = [mail for mail in mailoutbox if "Your workspaces" in mail.subject]
    assert (answer.status_code, len(found)) == (422, 5)


@pytest.mark.parametrize("typed", ["{slug}", "{host}", "http://{host}:8000/accounts/", " {slug} "])
def test_sign_in_leads_to_the_workspace_however_its_address_is_typed(workspace, visitor, typed):
    slug = workspace.host.split(".")[0]
    answer = visitor.post("/sign-in/", {"address": typed.format(slug=slug, host=workspace.host)})
    assert (answer.status_code, f"://{workspace.host}" in answer.url) == (302, True)


def test_an_unknown_address_is_said_to_be_unknown(visitor):
    answer = visitor.post("/sign-in/", {"address": "no-such-place"})
    assert (answer.status_code, "No workspace has this address" in answer.content.decode()) == (422, True)


def test_local_mail_is_shown_only_without_a_mail_server(visitor, tmp_path):
    assert visitor.get("/local-mail/").status_code == 404
    (tmp_path / "1.log").write_bytes(b"Subject: Hello there\nTo: a@b.example\n\nSee http://x.example/\n")
    folder = {
        "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
        "EMAIL_FILE_PATH": tmp_path,
    }
    with override_settings(**folder):
        page = visitor.get("/local-mail/").content.decode()
    assert "Hello there" in page
    assert "no mail leaves this machine" in page
    assert "邮件不会离开这台机器" in page
