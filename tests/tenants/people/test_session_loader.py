"""A session and its person come in one query, and mean no more than they did in two."""

import datetime as dt

import pytest
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.clock import now
from tenants.people.models import User

pytestmark = pytest.mark.django_db
PAGE = "/notifications/"


@pytest.fixture
def client(workspace, client_of):
    """Signed in, and past the first request: allauth has its row about the session."""
    client = client_of(workspace, workspace.owner)
    assert client.get(PAGE).status_code == 200
    return client


def _key(client) -> str:
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def test_session_and_person_take_one_query(workspace, client):
    with CaptureQueriesContext(connection) as captured:
        assert client.get(PAGE).status_code == 200
    about = [each["sql"] for each in captured if "django_session" in each["sql"]]
    people = [each["sql"] for each in captured if 'FROM "people_user"' in each["sql"]]
    assert (len(about), people) == (1, [])


def test_a_session_that_allauth_has_no_row_of_still_has_its_person(workspace, client):
    UserSession.objects.all().delete()
    assert client.get(PAGE).context["user"] == workspace.owner


def test_a_row_that_names_somebody_else_gives_nobody_their_rights(workspace, client):
    other = User.objects.create_user("other@x.example", "x", name="Other")
    UserSession.objects.update(user=other)
    assert client.get(PAGE).context["user"] == workspace.owner


def test_a_deactivated_person_is_out_at_the_next_request(workspace, client):
    User.objects.update(is_active=False)
    assert client.get(PAGE).status_code == 302


def test_a_changed_password_ends_the_session(workspace, client):
    workspace.owner.set_password("something else entirely")
    workspace.owner.save()
    assert client.get(PAGE).status_code == 302


def test_an_expired_session_is_none(workspace, client):
    Session.objects.update(expire_date=now() - dt.timedelta(seconds=1))
    assert client.get(PAGE).status_code == 302


def test_an_ended_session_is_none(workspace, client):
    UserSession.objects.get(session_key=_key(client)).end()
    assert client.get(PAGE).status_code == 302


def test_use_is_noted_every_five_minutes(workspace, client):
    seen = UserSession.objects.get()
    assert client.get(PAGE, headers={"user-agent": "soon"}).status_code == 200
    seen.refresh_from_db()
    assert seen.user_agent != "soon"
    UserSession.objects.update(last_seen_at=now() - dt.timedelta(minutes=6))
    client.get(PAGE, headers={"user-agent": "later"})
    seen.refresh_from_db()
    assert seen.user_agent == "later"
    assert now() - seen.last_seen_at < dt.timedelta(minutes=1)
