"""The operator's commands."""

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command

from core.tenancy.scope import public_scope
from tenants.registry.models import Tenant, TenantState

pytestmark = pytest.mark.django_db


def _state(workspace) -> str:
    with public_scope(switch=True, reason="test"):
        return Tenant.objects.get(schema_name=workspace.schema).state


@pytest.fixture
def run(workspace):
    """Commands begin outside any scope."""
    import contextvars

    return lambda *arguments: contextvars.Context().run(call_command, *arguments)


def test_a_workspace_is_suspended_restored_closed_and_reopened(workspace, client_of, run):
    client = client_of(workspace, workspace.owner)
    for step, state, status in (
        ("suspend", TenantState.SUSPENDED, 403),
        ("restore", TenantState.READY, 200),
        ("close", TenantState.CLOSED, 410),
        ("reopen", TenantState.READY, 200),
    ):
        run("workspace", workspace.host, step)
        assert (_state(workspace), client.get("/profile/").status_code) == (state, status)


def test_a_step_out_of_order_is_refused(workspace, run):
    with pytest.raises(CommandError):
        run("workspace", workspace.host, "reopen")
    with pytest.raises(CommandError):
        run("workspace", "nobody", "show")


def test_a_lost_factor_is_removed_and_its_person_signed_out(workspace, client_of, run):
    client = client_of(workspace, workspace.owner)
    assert client.get("/profile/").status_code == 200
    Authenticator.objects.create(user=workspace.owner, type="totp", data={"secret": "x"})
    run("reset_factor", "--workspace", workspace.host, "--mail", workspace.owner.email)
    assert not Authenticator.objects.filter(user=workspace.owner).exists()
    assert client.get("/profile/").status_code == 302
