"""The template schema: migrated like any Django database, then turned into a script."""

import hashlib
import os
import re
import subprocess
from urllib.parse import quote

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.migration import Migration
from django.db.migrations.operations import RunPython

from core.history.install import capture_version, refresh_functions, triggers_sql
from core.history.tracked import APPEND_ONLY_TABLES, READ_ONLY_TABLES, tracked_tables
from core.tenancy.migrations import TenantStep
from core.tenancy.router import MIGRATOR
from core.tenancy.scope import TEMPLATE, public_scope, tenant_scope
from tenants.registry.models import SchemaStep, TemplateScript
from tenants.registry.provisioning.database import postgres_binary

MIGRATIONS_TABLE = "django_migrations"


def migrate_public() -> None:
    """Bring the public schema, and the functions that history shares, to the code's version."""
    with public_scope():
        call_command("migrate", verbosity=0, interactive=False)
        with connections[MIGRATOR].cursor() as cursor:
            refresh_functions(cursor)


def migrate_template() -> str:
    """Bring the template to the code's version and return that version.

    Every pending migration is rendered to SQL *before* it is applied (afterwards Django leaves out
    what it finds already done), stored as a SchemaStep for the tenants, then applied.
    """
    with public_scope(), connections[MIGRATOR].cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {TEMPLATE}")
    with tenant_scope(TEMPLATE, switch=True):
        executor = MigrationExecutor(connections[MIGRATOR])
        fresh = not executor.loader.applied_migrations
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if fresh:
        with tenant_scope(TEMPLATE, switch=True):
            call_command("migrate", verbosity=0, interactive=False)
    else:
        for migration, _backwards in plan:
            _take(migration)
    return template_version()


def _take(migration: Migration) -> None:
    """Render, record, apply: killed between the last two, the next run records the same row again."""
    key = (migration.app_label, migration.name)
    with tenant_scope(TEMPLATE, switch=True):
        executor = MigrationExecutor(connections[MIGRATOR])
        statements = executor.loader.collect_sql([(migration, False)]) if is_tenant_app(key[0]) else []
    data_step = _data_step_of(migration)
    if is_tenant_app(key[0]):
        with public_scope():
            SchemaStep.objects.using(MIGRATOR).update_or_create(
                app=key[0],
                name=key[1],
                defaults={"sql": "\n".join(statements), "data_step": data_step},
            )
    with tenant_scope(TEMPLATE, switch=True):
        executor.migrate([key])


def _data_step_of(migration: Migration) -> str:
    """The per-tenant data step of a migration; refuses Python that could not be replayed."""
    found = ""
    for operation in migration.operations:
        if isinstance(operation, TenantStep):
            found = operation.path
        elif isinstance(operation, RunPython) and is_tenant_app(migration.app_label):
            raise ValueError(
                f"{migration.app_label}.{migration.name} runs Python that cannot be replayed in every "
                "workspace: use core.tenancy.migrations.TenantStep"
            )
    return found


def is_tenant_app(label: str) -> bool:
    """Whether an app's tables live in tenants (others are recorded in the template but do nothing)."""
    try:
        return apps.get_app_config(label).name in settings.TENANT_APPS
    except LookupError:
        return False


def template_version() -> str:
    """A hash over the tenant apps' migrations that the template has taken, and over history's triggers."""
    with tenant_scope(TEMPLATE, switch=True), connections[MIGRATOR].cursor() as cursor:
        cursor.execute(f"SELECT app, name FROM {MIGRATIONS_TABLE} ORDER BY app, name")
        applied = [f"{app}.{name}" for app, name in cursor.fetchall() if is_tenant_app(app)]
    return hashlib.sha256("\n".join([*applied, capture_version()]).encode()).hexdigest()[:32]


def current_script() -> TemplateScript:
    """The script for the template as it stands; dumped once a version."""
    version = template_version()
    with public_scope():
        script = TemplateScript.objects.using(MIGRATOR).filter(version=version).first()
        if script is None:
            script, _created = TemplateScript.objects.using(MIGRATOR).update_or_create(
                version=version, defaults={"sql": _script()}
            )
    return script


def _script() -> str:
    ddl = _dump()
    tables = re.findall(r"^CREATE (?:UNLOGGED )?TABLE (\S+) \(", ddl, re.MULTILINE)
    return "\n".join([ddl, _migration_rows(), grants_sql("@@", tables), triggers_sql("@@", tracked(tables))])


def tracked(tables: list[str]) -> list[str]:
    """Those of the tables whose changes history records."""
    with tenant_scope(TEMPLATE, switch=True), connections[MIGRATOR].cursor() as cursor:
        return [name for name in tracked_tables(cursor, TEMPLATE) if name in tables]


def _dump() -> str:
    """The template's DDL without any schema name, so that search_path decides where it lands."""
    config = connections[MIGRATOR].settings_dict
    url = f"postgresql://{quote(config['USER'])}@{config['HOST']}:{config['PORT']}/{quote(config['NAME'])}"
    done = subprocess.run(
        [postgres_binary("pg_dump"), "-s", "-O", "-x", "--no-comments", "-n", TEMPLATE, url],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.defpath, "LC_ALL": "C", "PGPASSWORD": config["PASSWORD"] or ""},
    )
    if done.returncode:
        raise RuntimeError(f"pg_dump of the template failed: {done.stderr.strip()}")
    noise = ("--", "\\", "SET ", "SELECT pg_catalog.set_config", "CREATE SCHEMA")
    kept = [line for line in done.stdout.splitlines() if line and not line.startswith(noise)]
    ddl = re.sub(rf"\b{TEMPLATE}\.", "", "\n".join(kept))
    if TEMPLATE in ddl or "public." in ddl:
        raise RuntimeError("the template's DDL names a schema: replayed, it would write into the wrong one")
    return ddl


def _migration_rows() -> str:
    with tenant_scope(TEMPLATE, switch=True), connections[MIGRATOR].cursor() as cursor:
        cursor.execute(f"SELECT app, name FROM {MIGRATIONS_TABLE} ORDER BY id")
        rows = cursor.fetchall()
    # Names of apps and migrations are Python identifiers: nothing to quote.
    values = ",".join(f"('{app}','{name}',now())" for app, name in rows)
    return f"INSERT INTO {MIGRATIONS_TABLE} (app, name, applied) VALUES {values};"


def grants_sql(role: str, tables: list[str]) -> str:
    """The tenant role's rights: all its tables but the migrations' and what history keeps to itself."""
    readable = [name for name in tables if name in READ_ONLY_TABLES]
    added_to = [name for name in tables if name in APPEND_ONLY_TABLES]
    others = {*READ_ONLY_TABLES, *APPEND_ONLY_TABLES, MIGRATIONS_TABLE}
    writable = [name for name in tables if name not in others]
    lines = [f"GRANT SELECT, INSERT, UPDATE, DELETE ON {', '.join(writable)} TO {role};"]
    if readable:
        lines.append(f"GRANT SELECT ON {', '.join(readable)} TO {role};")
    if added_to:
        lines.append(f"GRANT SELECT, INSERT, DELETE ON {', '.join(added_to)} TO {role};")
    return "\n".join(lines)
