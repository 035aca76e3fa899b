"""What the security log says, to whom, and that nobody takes a line back."""

import csv
import datetime as dt
import io

import pytest
from django.conf import settings
from django.db import DatabaseError, transaction

from core.clock import now
from core.history.models import Transaction
from core.records.types import record_type
from core.records.writing import create_record
from core.tenancy.scope import current
from tenants.people.invitations import invite_people
from tenants.people.leaving.services import let_go
from tenants.people.membership import change_role, reactivate_person
from tenants.people.models import EventKind, SecurityEvent, User
from tenants.people.security.events import forget_older_than, note_event
from tenants.people.security.log import GROUPS
from tenants.people.security.policy import change_policy

pytestmark = pytest.mark.django_db
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"
SAFARI = "Mozilla/5.0 (Macintosh; Intel Mac OS X 14) AppleWebKit/605 Version/17 Safari/605"


def _kinds(**which) -> list[str]:
    return list(SecurityEvent.objects.filter(**which).order_by("id").values_list("kind", flat=True))


def _sign_in(client, person, password: str, agent: str = FIREFOX):
    credentials = {"login": person.email, "password": password}
    return client.post("/account/login/", credentials, headers={"user-agent": agent})


def test_signing_in_failing_and_out_are_noted_with_where_from(workspace, client_of):
    client = client_of(workspace)
    _sign_in(client, workspace.owner, "wrong")
    _sign_in(client, workspace.owner, workspace.password)
    client.post("/account/logout/", headers={"user-agent": FIREFOX})
    events = list(SecurityEvent.objects.filter(person_id=workspace.owner.pk).order_by("id"))
    assert [each.kind for each in events] == ["sign_in_failed", "signed_in", "signed_out"]
    assert {(each.ip, each.agent) for each in events} == {("127.0.0.1", "Firefox · Linux")}
    assert events[1].text == "Password"


def test_an_unknown_address_is_noted_without_a_person(workspace, client_of):
    client_of(workspace).post("/account/login/", {"login": "who@else.example", "password": "wrong"})
    event = SecurityEvent.objects.get(kind=EventKind.SIGN_IN_FAILED)
    assert (event.person_id, event.text) == (None, "who@else.example")


def test_failures_do_not_fill_the_disk(workspace, monkeypatch):
    monkeypatch.setattr("tenants.people.security.events.FAILURES_AN_HOUR", 3)
    for _turn in range(5):
        note_event(EventKind.SIGN_IN_FAILED, text="a@b.example")
    note_event(EventKind.SIGNED_IN, person=workspace.owner)
    assert _kinds() == ["sign_in_failed"] * 3 + ["signed_in"]


def test_what_administrators_do_to_others_says_who_did_it(workspace, member):
    owner = workspace.owner
    change_role(member, role="admin", by=owner)
    invite_people(mails="x@y.example", role="member", by=owner)
    let_go(member, wish=None, by=owner)
    reactivate_person(member, by=owner)
    change_policy(factor="nobody", factor_from=None, log_days=90, by=owner)
    rows = list(SecurityEvent.objects.order_by("id").values_list("kind", "person_name", "by_name", "text"))
    assert rows == [
        ("role_changed", "Mo Member", owner.name, "Administrator"),
        ("invited", "", owner.name, "x@y.example · Member"),
        ("deactivated", "Mo Member", owner.name, ""),
        ("reactivated", "Mo Member", owner.name, ""),
        ("policy_changed", "", owner.name, "Security log: 365 → 90"),
    ]


def test_exports_are_noted(workspace, client_of):
    create_record(record_type("account"), {"name": "One"}, by=workspace.owner)
    client = client_of(workspace, workspace.owner)
    assert client.get("/accounts/export.csv").status_code == 200
    client.post("/settings/export/")
    exported = SecurityEvent.objects.filter(kind=EventKind.EXPORTED).order_by("id")
    assert [each.text for each in exported] == ["accounts", "Archive of the workspace"]


def test_a_line_is_neither_changed_nor_taken_back(workspace):
    note_event(EventKind.SIGNED_IN, person=workspace.owner)
    with pytest.raises(DatabaseError), transaction.atomic():
        SecurityEvent.objects.update(text="nothing happened")
    assert SecurityEvent.objects.all().delete()[0] == 0
    assert SecurityEvent.objects.count() == 1
    assert not current().is_public


def test_the_sweep_keeps_what_the_workspace_wants_and_30_days_whatever_it_wants(workspace):
    for days in (10, 40, 100):
        SecurityEvent.objects.create(kind=EventKind.SIGNED_IN, at=now() - dt.timedelta(days=days))
    assert (forget_older_than(90), SecurityEvent.objects.count()) == (1, 2)
    assert (forget_older_than(1), SecurityEvent.objects.count()) == (1, 1)
    assert forget_older_than(1) == 0


def test_a_new_device_is_told_by_mail_a_known_one_is_not(workspace, client_of, committing, mailoutbox):
    for agent, told in ((FIREFOX, 0), (SAFARI, 1), (SAFARI, 0), (FIREFOX, 0)):
        del mailoutbox[:]
        with committing():
            _sign_in(client_of(workspace), workspace.owner, workspace.password, agent)
        assert len(mailoutbox) == told, agent
    SecurityEvent.objects.create(kind=EventKind.SIGNED_IN, person_id=workspace.owner.pk)  # nothing else


def test_a_changed_password_is_told_to_its_person(workspace, client_of, committing, mailoutbox):
    client = client_of(workspace, workspace.owner)
    given = {
        "oldpassword": workspace.password,
        "password1": "another long phrase",
        "password2": "another long phrase",
    }
    with committing():
        client.post("/account/password/change/", given)
    assert _kinds(person_id=workspace.owner.pk) == ["password_changed"]
    [mail] = mailoutbox
    assert (mail.to, "Password changed" in mail.subject) == ([workspace.owner.email], True)
    assert f"http://{workspace.host}" in mail.body


def test_a_changed_address_is_told_to_the_former_one(workspace, client_of, committing, mailoutbox):
    from tenants.people.confirmation import confirm_mail, confirmation_token

    former = workspace.owner.email
    with committing():
        confirm_mail(confirmation_token(workspace.owner, "new@firm.example"))
    assert [mail.to for mail in mailoutbox] == [[former]]
    assert f"{former} → new@firm.example" in mailoutbox[0].body


def test_the_page_filters_and_pages(workspace, member, client_of):
    for number in range(60):
        SecurityEvent.objects.create(
            kind=EventKind.SIGNED_IN, person_id=member.pk, person_name=f"Line {number:02}"
        )
    note_event(EventKind.POLICY_CHANGED, by=workspace.owner, text="Something")
    client = client_of(workspace, workspace.owner)
    first = client.get("/settings/security-log/")
    text = first.content.decode()
    assert ("Line 59" in text, "Line 10" in text, "Something" in text) == (True, False, True)
    older = first.context["page"].older
    text = client.get("/settings/security-log/", {"before": older}).content.decode()
    assert ("Line 59" in text, "Line 10" in text, "Line 00" in text) == (False, True, True)
    only = client.get("/settings/security-log/", {"group": "workspace"}).context["page"]
    assert [each.text for each in only.events] == ["Something"]
    of_member = client.get("/settings/security-log/", {"person": str(member.pk)}).context["page"]
    assert {each.kind for each in of_member.events} == {"signed_in"}
    tomorrow = (now() + dt.timedelta(days=2)).date().isoformat()
    assert not client.get("/settings/security-log/", {"since": tomorrow}).context["page"].events
    for nonsense in ("person=x", "since=2026-99-99", "before=1", "group=nothing"):
        assert client.get(f"/settings/security-log/?{nonsense}").status_code == 200


def test_the_log_as_a_file_runs_no_formula(workspace, client_of):
    note_event(EventKind.SIGN_IN_FAILED, text='=HYPERLINK("http://x")')
    answer = client_of(workspace, workspace.owner).get("/settings/security-log/export/?group=failed")
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert (rows[0][0], rows[1][1], rows[1][2]) == ("Time", "Sign-in failed", '\'=HYPERLINK("http://x")')
    assert _kinds(kind=EventKind.EXPORTED) == ["exported"]


def test_members_see_their_own_lines_only(workspace, member, client_of):
    note_event(EventKind.FACTOR_ADDED, person=member)
    note_event(EventKind.CODES_MADE, person=workspace.owner)
    client = client_of(workspace, member)
    for path in ("", "export/"):
        assert client.get(f"/settings/security-log/{path}").status_code == 403
    page = client.get("/account/sessions/").content.decode()
    assert ("Authenticator app set up" in page, "Recovery codes made" in page) == (True, False)


def test_one_session_is_ended_and_noted(workspace, client_of):
    here, there = (client_of(workspace, workspace.owner) for _number in range(2))
    for client in (here, there):
        client.get("/profile/")
    sessions = here.get("/account/sessions/").context["sessions"]
    key = here.cookies[settings.SESSION_COOKIE_NAME].value
    other = next(each for each in sessions if each.session_key != key)
    here.post("/account/sessions/", {"session": str(other.pk)})
    assert (here.get("/profile/").status_code, there.get("/profile/").status_code) == (200, 302)
    assert _kinds() == ["sessions_ended"]


def test_nobody_ends_the_session_of_another(workspace, member, client_of):
    theirs, own = client_of(workspace, member), client_of(workspace, workspace.owner)
    for client in (theirs, own):
        client.get("/profile/")
    [session] = theirs.get("/account/sessions/").context["sessions"]
    own.post("/account/sessions/", {"session": str(session.pk)})
    assert theirs.get("/profile/").status_code == 200


def test_a_changed_policy_is_not_undone_with_a_click(workspace, client_of):
    for days in (90, 120):
        change_policy(factor="nobody", factor_from=None, log_days=days, by=workspace.owner)
        batch = Transaction.objects.order_by("-id").first().batch
        assert client_of(workspace, workspace.owner).post(f"/undo/{batch}/").status_code == 403


def test_every_kind_of_event_is_found_by_one_filter():
    assert sorted(kind for group in GROUPS.values() for kind in group) == sorted(EventKind.values)


def test_operators_signing_in_leave_their_lines_outside_every_workspace(workspace, client_of):
    assert User.objects.exists()
    assert SecurityEvent.objects.filter(kind=EventKind.SUPPORT).count() == 0
