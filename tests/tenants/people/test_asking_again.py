"""Is it you? Before what matters most, once a quarter of an hour, and nothing that was typed is lost."""

import time

import pytest
from django.conf import settings
from django.urls import get_resolver

from tenants.people.models import AccessRole, SecurityEvent
from tenants.people.security.confirming import KEPT
from tenants.people.security.policy import security_policy
from tests.isolation.test_matrix import _patterns

pytestmark = pytest.mark.django_db
HELD = {
    "person_role", "hand_over_workspace", "profile_mail", "security_settings", "workspace_close", "export", "role",
    "role_fields", "role_delete", "role_reset", "sso_settings", "sso_remove",
}  # fmt: skip


def _view_of(pattern):
    return getattr(pattern.callback, "needs_confirmation", False)


def test_these_pages_ask_and_no_other():
    asking = {each.name for each in _patterns(get_resolver("config.urls_tenant")) if _view_of(each)}
    assert asking == HELD


def test_what_was_typed_stands_there_again_after_the_password(workspace, client_of):
    client = client_of(workspace, workspace.owner, confirmed=False)
    page = "/settings/security/"
    asked = client.post(page, {"factor": "nobody", "factor_from": "", "log_days": "77"})
    assert asked.url == f"/account/reauthenticate/?next={page.replace('/', '%2F')}"
    assert security_policy().log_days == 365
    wrong = client.post("/account/reauthenticate/", {"password": "wrong", "next": page})
    assert wrong.status_code == 200
    right = client.post("/account/reauthenticate/", {"password": workspace.password, "next": page})
    assert right.url == page
    assert 'value="77"' in client.get(page).content.decode()
    assert 'value="77"' not in client.get(page).content.decode()
    client.post(page, {"factor": "nobody", "factor_from": "", "log_days": "77"})
    assert security_policy().log_days == 77


def test_a_dialog_is_led_there_and_back_as_a_page(workspace, member, client_of):
    client = client_of(workspace, workspace.owner, confirmed=False)
    path = f"/settings/people/{member.pk}/role/"
    asked = client.post(path, {"role": "admin"}, headers={"hx-request": "true"})
    assert (asked.status_code, "/account/reauthenticate/" in asked["HX-Redirect"]) == (204, True)
    client.post("/account/reauthenticate/", {"password": workspace.password})
    assert '<option value="admin" selected>' in client.get(path).content.decode()
    member.refresh_from_db()
    assert member.role == "member"


def test_a_role_s_matrix_is_kept(workspace, client_of):
    role = AccessRole.objects.get(key="read_only")
    client = client_of(workspace, workspace.owner, confirmed=False)
    client.post(f"/settings/roles/{role.pk}/", {"account.see": "own"})
    client.post("/account/reauthenticate/", {"password": workspace.password})
    page = client.get(f"/settings/roles/{role.pk}/").content.decode()
    cell = page[page.index('name="account.see"') :].split("</select>")[0]
    assert '<option value="own" selected>' in cell


def test_it_is_asked_again_after_a_quarter_of_an_hour(workspace, client_of):
    client = client_of(workspace, workspace.owner)
    assert client.post("/settings/export/").url == "/settings/export/"
    session = client.session
    old = time.time() - settings.ACCOUNT_REAUTHENTICATION_TIMEOUT - 1
    session["account_authentication_methods"] = [{"method": "password", "at": old}]
    session.save()
    assert "/account/reauthenticate/" in client.post("/settings/export/").url


def test_signing_in_counts_as_proof(workspace, client_of):
    client = client_of(workspace)
    client.post("/account/login/", {"login": workspace.owner.email, "password": workspace.password})
    assert client.post("/settings/export/").url == "/settings/export/"
    assert SecurityEvent.objects.filter(kind="exported").exists()


def test_secrets_are_not_kept(workspace, client_of):
    client = client_of(workspace, workspace.owner, confirmed=False)
    client.post(
        "/profile/mail/",
        {"mail": "new@x.example", "password": "p", "client_secret": "s", "csrfmiddlewaretoken": "t"},
    )
    assert client.session[KEPT] == {"path": "/profile/", "values": {"mail": ["new@x.example"]}}
    client.post("/account/reauthenticate/", {"password": workspace.password})
    assert "new@x.example" in client.get("/profile/").content.decode()


def test_whoever_is_signed_out_is_asked_to_sign_in_first(workspace, client_of):
    assert "/account/login/" in client_of(workspace).post("/settings/export/").url
