"""Password and factor, both, or nothing."""

import re
import time

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings

from tests.tenants.console.conftest import PASSWORD, code_for

pytestmark = pytest.mark.django_db
SESSION = settings.SESSION_COOKIE_NAME


def _give_password(client, operator, password=PASSWORD):
    return client.post("/console/sign-in/", {"login": operator.email, "password": password})


def test_the_first_sign_in_sets_up_the_factor_before_anything_else(new_visitor, operator, in_public):
    client = new_visitor()
    assert _give_password(client, operator).url == "/console/"
    for path in ("/console/", "/console/support/", "/console/account/", "/console/account/sessions/"):
        assert client.get(path).url == "/console/account/factor/set-up/"
    page = client.get("/console/account/factor/set-up/").content.decode()
    secret = re.search(r'id="secret" value="(\w+)"', page)[1]
    wrong = client.post("/console/account/factor/set-up/", {"code": "000000"})
    assert wrong.status_code == 200
    assert client.get("/console/").url == "/console/account/factor/set-up/"
    answer = client.post("/console/account/factor/set-up/", {"code": code_for(secret)})
    assert answer.url == "/console/account/factor/codes/"
    assert client.get("/console/account/factor/codes/").status_code == 200
    assert client.get("/console/").status_code == 200
    with in_public():
        assert Authenticator.objects.filter(user=operator).count() == 2


def test_recovery_codes_are_shown_once_and_let_in_once(new_visitor, operator):
    client = new_visitor()
    _give_password(client, operator)
    secret = re.search(
        r'id="secret" value="(\w+)"', client.get("/console/account/factor/set-up/").content.decode()
    )[1]
    client.post("/console/account/factor/set-up/", {"code": code_for(secret)})
    codes = re.findall(r"<code>(\w+)</code>", client.get("/console/account/factor/codes/").content.decode())
    assert len(codes) == 10
    again = client.get("/console/account/factor/codes/")
    assert (again.status_code, again.url) == (302, "/console/account/")
    assert codes[0] not in client.get("/console/account/").content.decode()
    other = new_visitor()
    _give_password(other, operator)
    assert other.post("/console/account/factor/", {"code": codes[0]}).url == "/console/"
    third = new_visitor()
    _give_password(third, operator)
    assert third.post("/console/account/factor/", {"code": codes[0]}).status_code == 200
    assert third.get("/console/").status_code == 302


def test_a_later_sign_in_needs_the_factor(new_visitor, operator, give_factor):
    secret = give_factor(operator)
    client = new_visitor()
    assert _give_password(client, operator).url == "/console/account/factor/"
    answer = client.get("/console/")
    assert answer.url == "/console/sign-in/?next=%2Fconsole%2F"
    assert client.post("/console/account/factor/", {"code": "000000"}).status_code == 200
    assert client.post("/console/account/factor/", {"code": code_for(secret)}).url == "/console/"
    assert client.get("/console/").status_code == 200


def test_a_session_that_never_gave_the_factor_is_ended(new_visitor, operator, give_factor, in_public):
    client = new_visitor()
    _give_password(client, operator)
    assert client.get("/console/").url == "/console/account/factor/set-up/"
    give_factor(operator)  # set up in another browser meanwhile
    assert client.get("/console/").url.startswith("/console/sign-in/")
    assert client.get("/console/").url.startswith("/console/sign-in/")


def test_a_deactivated_operator_is_out_at_the_next_request(console, operator, in_public, new_visitor):
    assert console.get("/console/").status_code == 200
    with in_public():
        type(operator).objects.filter(pk=operator.pk).update(is_active=False)
    assert console.get("/console/").url.startswith("/console/sign-in/")
    assert _give_password(new_visitor(), operator).status_code in (200, 302)
    assert console.get("/console/").status_code == 302


def test_many_wrong_passwords_are_slowed_down(new_visitor, operator):
    client = new_visitor()
    for _turn in range(12):
        _give_password(client, operator, "wrong")
    right = _give_password(client, operator)
    assert right.status_code != 302


def test_many_wrong_codes_are_slowed_down(new_visitor, operator, give_factor):
    secret = give_factor(operator)
    client = new_visitor()
    _give_password(client, operator)
    for _turn in range(12):
        client.post("/console/account/factor/", {"code": "000000"})
    assert client.post("/console/account/factor/", {"code": code_for(secret)}).status_code != 302


def test_next_leads_nowhere_else(new_visitor, operator, give_factor):
    secret = give_factor(operator)
    client = new_visitor()
    client.post(
        "/console/sign-in/?next=https://evil.example/", {"login": operator.email, "password": PASSWORD}
    )
    assert client.post("/console/account/factor/", {"code": code_for(secret)}).url == "/console/"


@pytest.mark.parametrize("name", ["sign-up", "reset", "mail", "mail/sent", "password", "factor"])
def test_what_is_not_used_is_closed(console, name):
    assert console.get(f"/console/account/closed/{name}/").status_code == 404


def test_allauths_own_addresses_are_not_there(console):
    for path in ("/account/login/", "/accounts/login/", "/console/account/signup/", "/console/account/2fa/"):
        assert console.get(path).status_code == 404


def test_a_console_session_is_worth_nothing_in_a_workspace_and_the_other_way_round(
    workspace, client_of, console, new_visitor
):
    intruder = client_of(workspace)
    intruder.cookies[SESSION] = console.cookies[SESSION].value
    assert "/account/login" in intruder.get("/accounts/").url
    own = client_of(workspace, workspace.owner)
    assert own.get("/accounts/").status_code == 200
    other = new_visitor()
    other.cookies[SESSION] = own.cookies[SESSION].value
    assert other.get("/console/").url.startswith("/console/sign-in/")
    assert own.get("/console/").status_code == 404


def test_the_owner_of_a_workspace_cannot_sign_in_here(workspace, new_visitor):
    client = new_visitor()
    answer = client.post(
        "/console/sign-in/", {"login": workspace.owner.email, "password": workspace.password}
    )
    assert answer.status_code == 200
    assert client.get("/console/").status_code == 302


def test_dangerous_steps_ask_again_after_a_quarter_of_an_hour(console, workspace, tenant_of, monkeypatch):
    path = f"/console/tenants/{tenant_of(workspace).pk}/suspend/"
    assert console.get(path).status_code == 200
    at = time.time()
    monkeypatch.setattr("tenants.console.gate.time.time", lambda: at + 901)
    assert console.get(path).url == f"/console/account/confirm/?next={path.replace('/', '%2F')}"
    assert console.post(path, {"reason": "x"}).url.startswith("/console/account/confirm/")
    assert tenant_of(workspace).state == "ready"
    answer = console.post(f"/console/account/confirm/password/?next={path}", {"password": PASSWORD})
    assert answer.url == path
    monkeypatch.undo()
    assert console.get(path).status_code == 200


def test_sessions_are_listed_and_the_others_ended(signed_in, operator, new_visitor, give_factor, in_public):
    first = signed_in(operator)
    with in_public():
        Authenticator.objects.filter(user=operator).delete()
    second = signed_in(operator)
    for client in (first, second):
        assert client.get("/console/account/sessions/").status_code == 200
    second.post("/console/account/sessions/")
    assert second.get("/console/").status_code == 200
    assert first.get("/console/").status_code == 302


def test_signing_out_takes_a_post(console):
    console.get("/console/account/sign-out/")
    assert console.get("/console/").status_code == 200
    console.post("/console/account/sign-out/")
    assert console.get("/console/").status_code == 302


def test_a_new_password_works_and_the_old_does_not(console, operator, new_visitor, give_factor):
    words = {"oldpassword": PASSWORD, "password1": "another long phrase", "password2": "another long phrase"}
    assert console.post("/console/account/password/", words).url == "/console/account/"
    assert _give_password(new_visitor(), operator).status_code == 200
    assert _give_password(new_visitor(), operator, "another long phrase").url == "/console/account/factor/"
