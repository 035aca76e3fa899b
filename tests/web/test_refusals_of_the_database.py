"""What the database refuses because of what people sent or did at once is said to them, and is no failure."""

import pytest
from django.conf import settings
from django.db import OperationalError

from core.errors import refusal_of
from core.records.models import SavedView
from core.records.types import record_type
from core.records.writing import create_record

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("method", "address", "data"),
    [
        ("get", "/accounts/?f=name.contains.a%00b", None),
        ("get", "/accounts/?q=%00", None),
        ("get", "/api/v1/accounts/?q=%00", None),
        ("get", "/api/v1/accounts/?f=name.contains.a%00b", None),
        (
            "post",
            "/settings/lists/trade/",
            {"item": "", "label": "a\0b", "tone": "", "offered": "yes", "was": ""},
        ),
        ("post", "/accounts/new/", {"name": "a\0b"}),
    ],
)
def test_a_character_that_cannot_be_stored_is_refused_with_a_sentence(
    workspace, client_of, method, address, data
):
    answer = getattr(client_of(workspace, workspace.owner), method)(address, data)
    assert 400 <= answer.status_code < 500 or answer.status_code in (200, 302)
    if answer.status_code >= 400:
        assert "cannot be stored" in answer.content.decode() or "cannot be read" in answer.content.decode()


def test_a_cookie_that_is_no_key_is_no_session(workspace, client_of):
    client = client_of(workspace)
    client.cookies[settings.SESSION_COOKIE_NAME] = "abcdefghij\0"
    assert client.get("/accounts/").status_code == 302


def test_two_writers_are_told_to_try_again():
    class Lost(Exception):
        pgcode = "40P01"

    error = OperationalError("deadlock detected")
    error.__cause__ = Lost()
    refused = refusal_of(error)
    assert (refused.status, refused.code) == (409, "conflict")


def test_a_reference_that_went_before_the_commit_is_a_conflict(live_workspace, client_of, monkeypatch):
    """Foreign keys are checked at the commit: here the check before it is taken away, as a race would."""
    monkeypatch.setattr("core.records.writing.refuse_unknown_references", lambda *args, **words: None)
    client = client_of(live_workspace, live_workspace.owner)
    gone = "01a20000-0000-7000-8000-000000000000"
    answer = client.post("/contacts/new/", {"name": "Priya", "account": gone})
    assert answer.status_code == 409
    assert "Something this refers to is gone" in answer.content.decode()
    body = {"name": "Priya", "account_id": gone}
    answer = client.post("/api/v1/contacts/", body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")


def test_a_view_that_is_none_is_not_found(workspace, client_of):
    client = client_of(workspace, workspace.owner)
    assert client.post("/accounts/views/delete/", {"view": "x"}).status_code == 404
    assert not SavedView.objects.filter(name="x").exists()


def test_a_moment_is_the_same_in_list_and_record(workspace, client_of):
    workspace.owner.time_zone = "Asia/Shanghai"
    workspace.owner.save()
    account = create_record(record_type("account"), {"name": "Northgate"}, by=workspace.owner).record
    client = client_of(workspace, workspace.owner)
    single = client.get(f"/api/v1/accounts/{account.pk}/").json()["created_at"]
    listed = client.get("/api/v1/accounts/").json()["results"][0]["created_at"]
    assert single.replace("Z", "+00:00") == listed


def test_a_row_is_called_by_its_words_whatever_stands_first(workspace, client_of):
    by = workspace.owner
    account = create_record(record_type("account"), {"name": "Northgate"}, by=by).record
    create_record(record_type("contact"), {"name": "Priya", "account_id": account.pk}, by=by)
    page = client_of(workspace, by).get("/contacts/?cols=account,name").content.decode()
    assert f"Select {account.pk}" not in page
    assert "Select Northgate" in page
