"""Support access that tries to see too much: every route of a workspace, read-only and with the right to change."""

from typing import Any

import pytest
from django.db import transaction
from django.db.utils import DatabaseError
from django.urls import reverse

from core.records.types import record_type, record_types
from core.records.writing import create_record
from core.tenancy.reading import is_refused_write, reading_only
from crm.accounts.models import Account
from tenants.console.models import SupportRequest
from tenants.console.support.rules import is_closed_to_support
from tests.isolation.routes import ALLAUTH, API_ROUTES, OPEN, RECORD_ROUTES, WORKSPACE_ROUTES, Route
from tests.isolation.test_matrix import _body_value, _content
from tests.things import things_of

pytestmark = pytest.mark.django_db
URLCONF = "config.urls_tenant"
# What an administrator may open and support may not. Everything else must open: no wall of refusals.
CLOSED = {
    "profile", "profile_picture", "profile_mail", "profile_confirmation", "invite", "hand_over_workspace",
    "invite_person", "person_role", "person_deactivate", "person_reactivate", "person_hand_over",
    "hand_over", "hand_over_preview", "security_settings", "security_log", "security_log_export",
    "sso_settings", "sso_test", "sso_remove", "sso_link", "sso_confirm",
    "invitation_resend", "invitation_withdraw", "workspace_close", "support_settings", "support_seen",
    *(name for name in WORKSPACE_ROUTES if name.startswith(("billing", "role", "territor", "view_as"))),
    # What no click takes back.
    "base_currency",
    "support_answer", "support_stop", "import_errors", "export", "export_progress", "export_file",
}  # fmt: skip


@pytest.fixture
def things(workspace) -> dict[str, Any]:
    records = {
        kind.key: create_record(kind, {kind.title: "Own Ltd"}, by=workspace.owner)
        for kind in record_types()
        if kind.creatable
    }
    # Never reached: what belongs to billing is refused before it is looked for.
    return {**things_of(workspace, records), "invoice": "in_1", "credit_note": "cn_1", "offer": "x"}


def _ask(client: Any, name: str, route: Route, things: dict[str, Any]) -> Any:
    arguments = dict(route.args)
    if "kind" in arguments:
        arguments["kind"] = record_type(arguments["kind"])
    arguments.update({(part := each.split(":"))[0]: things[part[1]] for each in route.ids if ":" in each})
    url = reverse(name, kwargs=arguments, urlconf=URLCONF) + (f"?{route.query}" if route.query else "")
    if route.method == "GET":
        return client.get(url)
    return client.post(url, {key: _body_value(value, things) for key, value in route.data.items()})


@pytest.mark.parametrize("name", WORKSPACE_ROUTES)
def test_support_that_only_looks_sees_what_an_administrator_sees_and_changes_nothing(
    name, workspace, things, inside
):
    route = WORKSPACE_ROUTES[name]
    support = inside(workspace)
    answer = _ask(support, name, route, things)
    content = _content(answer)
    if name in CLOSED or route.method == "POST":
        assert answer.status_code == 403, content[:300]
        assert b"Support access of Ines Duarte" in content
    else:
        assert answer.status_code in (*route.accepted, 302), content[:300]


@pytest.mark.parametrize("name", [*sorted(CLOSED)])
def test_what_is_closed_stays_closed_with_the_right_to_change(name, workspace, things, inside):
    answer = _ask(inside(workspace, mode="may_write"), name, WORKSPACE_ROUTES[name], things)
    assert answer.status_code == 403


@pytest.mark.parametrize("name", RECORD_ROUTES)
def test_support_looks_at_records_and_changes_and_takes_out_none(name, workspace, things, inside):
    route, kind = RECORD_ROUTES[name], record_type("account")
    arguments = {"kind": kind, **route.args}
    if "record_id" in route.ids:
        arguments["record_id"] = things["account"]
    url = reverse(name, kwargs=arguments, urlconf=URLCONF) + (f"?{route.query}" if route.query else "")
    support = inside(workspace)
    if route.method == "GET":
        expected = 403 if name == "record_export" else 200
        assert support.get(url).status_code == expected
    assert support.post(url, {**route.data, "pick": str(things["account"])}).status_code == 403
    assert Account.objects.filter(pk=things["account"], deleted_at=None).exists()


@pytest.mark.parametrize("path", [
    "/account/password/change/", "/account/2fa/", "/account/2fa/totp/activate/", "/account/2fa/recovery-codes/",
    "/account/sessions/", "/account/reauthenticate/", "/account/login/", "/account/logout/", "/account/email/",
    "/profile/", "/api/v1/openapi.json", "/api/v1/accounts/", "/billing/", "/settings/billing/",
    "/account/sso/", "/account/sso/callback/", "/settings/anything-new/", "/join/x/", "/enter/x/", "/confirm/x/",
])  # fmt: skip
@pytest.mark.parametrize("mode", ["read_only", "may_write"])
def test_the_persons_own_pages_machines_and_money_are_closed(path, mode, workspace, inside):
    support = inside(workspace, mode=mode)
    for method in ("get", "post", "put", "delete", "patch"):
        assert getattr(support, method)(path).status_code == 403


def test_every_route_was_thought_about():
    """A page added under Settings is closed by itself; this test names the ones that are open."""
    for name in (*ALLAUTH, *OPEN):
        if name.startswith(("account_", "mfa_", "usersessions")):
            continue
        assert name in (
            "enter", "join", "confirm_mail", "sso_start", "sso_callback",
            "support_enter", "support_leave", "support_over",
            "brand_style", "brand_logo",
        )  # fmt: skip
    assert all(is_closed_to_support("/api/v1/x/", name) for name in API_ROUTES)
    assert set(WORKSPACE_ROUTES) >= CLOSED


def test_the_database_itself_refuses_a_write(workspace, things):
    with transaction.atomic(), pytest.raises(DatabaseError) as refused, reading_only():
        assert Account.objects.count() == 1
        Account.objects.update(name="taken over")
    assert is_refused_write(refused.value)
    assert Account.objects.get().name == "Own Ltd"
    Account.objects.update(name="may be written again")


def test_a_get_that_writes_all_the_same_is_refused_with_a_sentence(workspace, things, inside, monkeypatch):
    """Should a page ever break the house's rule, support cannot change anything through it."""

    def writes(*args: Any, **kwargs: Any) -> Any:
        Account.objects.update(name="changed by a look")

    monkeypatch.setattr("crm.desk.views.desk.render", writes)
    answer = inside(workspace).get("/")
    assert answer.status_code == 403
    assert "Support may only look here" in answer.content.decode()
    assert Account.objects.get(pk=things["account"]).name == "Own Ltd"


def test_method_override_and_json_do_not_help(workspace, things, inside):
    support = inside(workspace)
    url = f"/accounts/{things['account']}/delete/"
    for headers in ({"X-HTTP-Method-Override": "GET"}, {"HX-Request": "true"}):
        assert support.post(url, headers=headers).status_code == 403
    assert support.generic("BREW", url).status_code == 403
    assert support.post(url, "{}", content_type="application/json").status_code == 403


def test_every_request_is_logged_with_its_path_and_without_its_query(workspace, inside, in_public):
    support = inside(workspace)
    support.get("/accounts/?q=secret+customer")
    support.post("/accounts/new/", {"name": "x"})
    support.get("/profile/")
    support.get("/nowhere/at/all/")
    with in_public():
        seen = list(SupportRequest.objects.order_by("id").values_list("method", "path", "status"))
    assert seen == [
        ("GET", "/accounts/", 200),
        ("POST", "/accounts/new/", 403),
        ("GET", "/profile/", 403),
        ("GET", "/nowhere/at/all/", 404),
    ]
