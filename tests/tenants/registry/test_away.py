"""What the address of a suspended or closed workspace answers."""

import contextvars
import datetime as dt
import json

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext, override_settings

from core.clock import now
from core.tenancy.addresses import public_address
from core.tenancy.scope import public_scope
from tenants.registry.hosts import forget_tenant
from tenants.registry.models import KEPT_DAYS, Tenant

pytestmark = pytest.mark.django_db
STATES = {"suspend": 403, "close": 410}


@pytest.fixture
def take(workspace):
    """take("close"): the operator's command, which begins outside any scope."""
    return lambda step: contextvars.Context().run(call_command, "workspace", workspace.host, step)


def _change(workspace, **values) -> None:
    with public_scope(switch=True, reason="test"):
        tenant = Tenant.objects.get(schema_name=workspace.schema)
        for name, value in values.items():
            setattr(tenant, name, value)
        tenant.save()
        forget_tenant(tenant)


def test_a_closed_one_says_so_until_when_and_whom_to_ask(workspace, client_of, take):
    client = client_of(workspace, workspace.owner)
    assert client.get("/accounts/").status_code == 200
    take("close")
    with override_settings(GUANXI=settings.GUANXI | {"CONTACT_MAIL": "desk@site.example"}):
        answer = client.get("/accounts/")
    page = answer.content.decode()
    removed = now() + dt.timedelta(days=KEPT_DAYS)
    assert answer.status_code == 410
    for sentence in ("This workspace is closed", workspace.snapshot.name, "mailto:desk@site.example"):
        assert sentence in page
    assert f"removed on {removed.day} {removed:%B %Y}" in page
    assert public_address() in page
    assert "no-store" in answer.headers["Cache-Control"]


def test_a_suspended_one_says_that_its_data_is_kept(workspace, client_of, take):
    take("suspend")
    answer = client_of(workspace).get("/")
    assert answer.status_code == 403
    assert "Its data is kept" in answer.content.decode()
    assert "removed on" not in answer.content.decode()


def test_it_speaks_the_workspaces_language(workspace, client_of, take):
    _change(workspace, language="zh-hans")
    take("close")
    answer = client_of(workspace).get("/", headers={"accept-language": "en"})
    assert "此工作区已关闭" in answer.content.decode()
    assert answer.headers["Content-Language"] == "zh-hans"


def test_after_the_last_day_it_promises_nothing(workspace, client_of, take):
    take("close")
    _change(workspace, closed_at=now() - dt.timedelta(days=KEPT_DAYS, seconds=1))
    page = client_of(workspace).get("/").content.decode()
    assert "is being removed" in page
    assert "Until then" not in page


@pytest.mark.parametrize(("step", "status"), STATES.items())
@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete", "options"])
def test_the_api_is_told_the_same(workspace, client_of, take, step, status, method):
    client = client_of(workspace, workspace.owner)
    assert client.get("/api/v1/accounts/").status_code == 200
    take(step)
    answer = getattr(client, method)("/api/v1/accounts/")
    told = json.loads(answer.content)
    assert (answer.status_code, set(told)) == (status, {"code", "message", "fields"})
    assert told["code"] in ("workspace_closed", "workspace_suspended")


@pytest.mark.parametrize("step", STATES)
@pytest.mark.parametrize("path", ["/", "/account/login/", "/enter/x/", "/join/x/", "/settings/export/", "/x"])
def test_nothing_else_is_served_and_nothing_of_the_tenant_is_read(workspace, client_of, take, step, path):
    client = client_of(workspace, workspace.owner)
    take(step)
    client.get("/")  # the host is known now
    with CaptureQueriesContext(connection) as asked:
        answers = [client.get(path), client.post(path, {"login": workspace.owner.email})]
    assert not asked.captured_queries
    assert {answer.status_code for answer in answers} == {STATES[step]}
    for answer in answers:
        assert workspace.owner.email not in answer.content.decode()
        assert not answer.cookies


def test_an_open_tab_is_made_to_load_the_page_as_a_whole(workspace, client_of, take):
    take("close")
    answer = client_of(workspace).get("/accounts/", headers={"hx-request": "true"})
    assert answer.headers["HX-Refresh"] == "true"
    assert "HX-Refresh" not in client_of(workspace).get("/accounts/").headers
