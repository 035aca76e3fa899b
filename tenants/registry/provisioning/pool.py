"""Finished schemas that wait for a sign-up. Only the process with the migrator's login runs this."""

import secrets
from collections.abc import Callable

from django.conf import settings
from django.db import connections, transaction

from core.tenancy.router import MIGRATOR
from core.tenancy.scope import public_scope, tenant_scope
from tenants.registry.models import TemplateScript, Tenant, TenantState
from tenants.registry.provisioning.template import current_script, template_version


def fill_pool(size: int | None = None, *, waited_for: Callable[[], int] = lambda: 0) -> int:
    """Make workspaces until `size` of the current version wait; returns how many were made.

    waited_for: how many sign-ups wait for one on top; asked again after each workspace, since they come
    and go meanwhile. With nothing to do this is two queries: the script is not even read.
    """
    wanted = settings.GUANXI["POOL_SIZE"] if size is None else size
    version = template_version()
    made = 0
    with public_scope(switch=True, reason="pool"):
        script: TemplateScript | None = None
        while _waiting(version) < wanted + waited_for():
            script = script or current_script()
            build_workspace(script)
            made += 1
    return made


def _waiting(version: str) -> int:
    return Tenant.objects.filter(state=TenantState.POOL, schema_version=version).count()


def build_workspace(script: TemplateScript) -> Tenant:
    """One empty workspace at the script's version, state `pool`.

    Three commits: the row (so that a kill leaves a trace for the reaper), the schema, the state.
    """
    schema = f"t_{secrets.token_hex(10)}"
    tenant = Tenant.objects.using(MIGRATOR).create(schema_name=schema, state=TenantState.BUILDING)
    _replay(schema, script.sql)
    tenant.state, tenant.schema_version = TenantState.POOL, script.version
    tenant.save(using=MIGRATOR, update_fields=["state", "schema_version"])
    return tenant


def _replay(schema: str, script: str) -> None:
    """Role, schema, tables, rights and triggers in one transaction."""
    web = connections["default"].settings_dict["USER"]
    head = (
        f"CREATE ROLE {schema} NOLOGIN;"
        f'GRANT {schema} TO "{web}" WITH INHERIT FALSE, SET TRUE;'
        f"CREATE SCHEMA {schema};"
        f"GRANT USAGE ON SCHEMA {schema} TO {schema};"
        "SET LOCAL check_function_bodies = off;"
    )
    # The path may name a schema that this very statement makes.
    with (
        tenant_scope(schema, switch=True),
        transaction.atomic(using=MIGRATOR),
        connections[MIGRATOR].cursor() as cursor,
    ):
        cursor.execute(head + script.replace("@@", schema))


def remove_workspace(tenant: Tenant) -> None:
    """Drop a workspace's schema and role, and its row. For the reaper and for deletion after notice."""
    schema = tenant.schema_name
    with transaction.atomic(using=MIGRATOR), connections[MIGRATOR].cursor() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [schema])
        if cursor.fetchone():
            cursor.execute(f"DROP OWNED BY {schema}; DROP ROLE {schema}")
    tenant.delete(using=MIGRATOR)
