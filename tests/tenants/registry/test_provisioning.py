"""Workspaces from the pool: claimed once, finished or removed after a kill."""

import secrets
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from core.errors import Conflict
from core.history.capture import untriggered_tables
from core.tenancy.scope import public_scope, tenant_scope
from tenants.people.selectors import has_owner
from tenants.registry.hosts import snapshot_of_host
from tenants.registry.models import Domain, Tenant, TenantState
from tenants.registry.provisioning.claim import PoolEmpty, claim_workspace
from tenants.registry.provisioning.pool import fill_pool
from tenants.registry.provisioning.reaper import reap
from tenants.signup.services import sign_up

pytestmark = pytest.mark.django_db(transaction=True)


def _address() -> str:
    return f"p{secrets.token_hex(4)}"


def _sign_up(address: str) -> str:
    try:
        return sign_up(
            mail="a@b.example",
            name="Ann",
            workspace="Works",
            address=address,
            password="correct horse battery",
        ).schema
    finally:
        connections.close_all()


def test_many_at_once_each_get_a_workspace_of_their_own():
    fill_pool(8)
    with ThreadPoolExecutor(8) as threads:
        schemas = list(threads.map(_sign_up, [_address() for _ in range(8)]))
    assert len(set(schemas)) == 8


def test_one_address_goes_to_one_of_those_who_want_it():
    fill_pool(6)
    address = _address()

    def attempt(_: int) -> str:
        try:
            return _sign_up(address)
        except Conflict:
            return ""

    with ThreadPoolExecutor(6) as threads:
        won = [schema for schema in threads.map(attempt, range(6)) if schema]
    assert len(won) == 1
    with public_scope():
        assert not Tenant.objects.filter(state=TenantState.CLAIMING).exists(), "losers gave theirs back"


def test_an_empty_pool_is_said():
    with public_scope():
        waiting = list(Tenant.objects.filter(state=TenantState.POOL).values_list("pk", flat=True))
        Tenant.objects.filter(pk__in=waiting).update(state=TenantState.BUILDING)
    with pytest.raises(PoolEmpty):
        _sign_up(_address())
    with public_scope():
        Tenant.objects.filter(pk__in=waiting).update(state=TenantState.POOL)


@pytest.mark.parametrize("killed_after", ["claim", "write"])
def test_a_sign_up_killed_between_its_commits_is_undone_or_finished(killed_after):
    fill_pool(2)
    host = f"{_address()}.localhost"
    tenant = claim_workspace(domain=host, name="Half", language="en")
    if killed_after == "write":
        from tenants.people.models import Role, User

        with tenant_scope(tenant.schema_name):
            User.objects.create_user("half@x.example", "correct horse battery", name="Half", role=Role.OWNER)
    with public_scope():
        assert snapshot_of_host(host) is None, "a half-built workspace is not reachable"
    opened, released, _removed = reap(has_owner=has_owner, everything=True)
    assert (opened, released) == ((0, 1) if killed_after == "claim" else (1, 0))
    with public_scope():
        assert (snapshot_of_host(host) is not None) == (killed_after == "write")
        assert Domain.objects.filter(domain=host).exists() == (killed_after == "write")


def test_a_workspace_killed_while_it_was_built_is_removed(monkeypatch):
    from tenants.registry.provisioning import pool

    def killed(schema: str, script: str) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(pool, "_replay", killed)
        with pytest.raises(KeyboardInterrupt):
            fill_pool(100)
    assert reap(has_owner=has_owner, everything=True)[2] == 1
    with public_scope():
        assert not Tenant.objects.filter(state=TenantState.BUILDING).exists()


def test_every_tracked_table_of_a_new_workspace_has_its_triggers():
    fill_pool(1)
    with public_scope():
        schema = Tenant.objects.filter(state=TenantState.POOL).values_list("schema_name", flat=True)[0]
    with tenant_scope(schema), connections["migrator"].cursor() as cursor:
        assert untriggered_tables(cursor, schema) == []
