"""The first operator, by command."""

import contextvars
import getpass
import io
import sys

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.auth.hashers import check_password
from django.contrib.sessions.backends.cached_db import SessionStore
from django.core.management import CommandError, call_command

from core.clock import now
from core.tenancy.scope import public_scope
from tenants.people.models import User
from tenants.signup.management.commands.make_operator import PASSWORD_VARIABLE

pytestmark = pytest.mark.django_db
FIRST, SECOND = "a fine long phrase", "quite another phrase"


@pytest.fixture
def make(monkeypatch):
    """make(mail, password=…) → what the command says."""

    def run(*arguments: str, password: str) -> str:
        monkeypatch.setenv(PASSWORD_VARIABLE, password)
        said = io.StringIO()
        contextvars.Context().run(call_command, "make_operator", *arguments, stdout=said)
        return said.getvalue()

    return run


def _operators() -> list[User]:
    with public_scope():
        return list(User.objects.all())


def test_an_operator_is_made_in_the_public_schema_and_told_where_to_sign_in(make):
    said = make("Op@Site.example", "--name", "Olga Petrova", password=FIRST)
    assert "op@site.example is now an operator" in said
    assert "/console/: the first sign-in sets up the second factor" in said
    (person,) = _operators()
    assert (person.email, person.name, person.may_administer) == ("op@site.example", "Olga Petrova", True)
    assert check_password(FIRST, person.password)
    with public_scope():
        assert EmailAddress.objects.get(user=person).verified


def test_a_second_run_replaces_the_password_and_ends_the_sessions(make):
    make("op@site.example", password=FIRST)
    (person,) = _operators()
    with public_scope():
        session = SessionStore()
        session.create()
        UserSession.objects.create(
            user=person, session_key=session.session_key, ip="127.0.0.1", last_seen_at=now()
        )
    said = make("OP@site.example", password=SECOND)
    assert "was an operator already: the password is replaced, 1 sessions ended" in said
    (again,) = _operators()
    assert (again.pk, again.name) == (person.pk, "op")
    assert check_password(SECOND, again.password)


@pytest.mark.parametrize(
    ("mail", "password", "sentence"),
    [
        ("nobody", FIRST, "is no mail address"),
        ("op@site.example", "short", "too short"),
        ("op@site.example", "1234567890", "entirely numeric"),
        ("operator@site.example", "operator@site", "too similar"),
    ],
)
def test_the_password_rules_hold_here_too(make, mail, password, sentence):
    with pytest.raises(CommandError, match=sentence):
        make(mail, password=password)
    assert _operators() == []


def test_a_password_that_breaks_the_rules_leaves_the_old_one(make):
    make("op@site.example", password=FIRST)
    with pytest.raises(CommandError):
        make("op@site.example", password="1234567890")
    assert check_password(FIRST, _operators()[0].password)


def test_the_terminal_asks_twice(monkeypatch):
    monkeypatch.delenv(PASSWORD_VARIABLE, raising=False)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    typed = iter([FIRST, SECOND, FIRST, FIRST])
    monkeypatch.setattr(getpass, "getpass", lambda prompt: next(typed))
    run = lambda: contextvars.Context().run(call_command, "make_operator", "op@site.example")  # noqa: E731
    with pytest.raises(CommandError, match="two different passwords"):
        run()
    assert _operators() == []
    run()
    assert check_password(FIRST, _operators()[0].password)


def test_without_terminal_and_variable_it_says_what_to_set(monkeypatch):
    monkeypatch.delenv(PASSWORD_VARIABLE, raising=False)
    with pytest.raises(CommandError, match=PASSWORD_VARIABLE):
        contextvars.Context().run(call_command, "make_operator", "op@site.example")
