"""Upgrading all workspaces: each once, resumable after a kill, paused by an error."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connections

from core.tenancy.scope import TEMPLATE, public_scope, tenant_scope
from tenants.registry.fleet import CANARIES, upgrade_fleet
from tenants.registry.models import SchemaStep, TemplateScript, Tenant, UpgradeEntry
from tenants.registry.provisioning.pool import fill_pool
from tenants.registry.provisioning.template import current_script
from tests.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)
STEP = ("accounts", "0099_trial_note")
ALTER = "ALTER TABLE accounts_account ADD COLUMN trial_note text NOT NULL DEFAULT 'x';"


def _run(schema: str, statement: str) -> list[tuple]:
    with tenant_scope(schema, switch=True), connections["migrator"].cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


def _schemas() -> list[str]:
    with public_scope():
        return list(Tenant.objects.exclude(state="building").values_list("schema_name", flat=True))


def _has_column(schema: str) -> bool:
    found = _run(
        schema,
        "SELECT 1 FROM information_schema.columns WHERE table_schema = current_schema()"
        " AND table_name = 'accounts_account' AND column_name = 'trial_note'",
    )
    return bool(found)


@pytest.fixture
def next_version() -> Iterator[str]:
    """The template one migration ahead of the fleet, exactly as migrate_template leaves it."""
    with public_scope():
        before = current_script().version
    fill_pool(12)
    with public_scope():
        SchemaStep.objects.create(app=STEP[0], name=STEP[1], sql=ALTER)
    _run(TEMPLATE, ALTER)
    _run(TEMPLATE, f"INSERT INTO django_migrations (app, name, applied) VALUES {STEP + ('now',)}")
    yield current_script().version
    for schema in [TEMPLATE, *_schemas()]:
        _run(schema, "ALTER TABLE accounts_account DROP COLUMN IF EXISTS trial_note")
        _run(schema, f"DELETE FROM django_migrations WHERE name = '{STEP[1]}'")
    with public_scope():
        SchemaStep.objects.all().delete()
        UpgradeEntry.objects.all().delete()
        TemplateScript.objects.exclude(version=before).delete()
        Tenant.objects.exclude(state="building").update(schema_version=before, failed_upgrade="")


def test_an_upgrade_reaches_every_workspace_once(next_version):
    report = upgrade_fleet()
    assert (report.done, report.failed, report.paused) == (len(_schemas()), 0, False)
    assert all(_has_column(schema) for schema in _schemas())
    again = upgrade_fleet()
    assert (again.done, again.failed) == (0, 0)
    with public_scope():
        waiting = Tenant.objects.filter(state="pool").count()
    assert fill_pool(waiting + 1) == 1, "a workspace made now is made at the new version"
    assert all(_has_column(schema) for schema in _schemas())


def test_an_error_pauses_the_rest_and_the_next_run_resumes(next_version):
    with public_scope():
        tenants = list(Tenant.objects.exclude(state="building").order_by("opened_at", "created_at"))
    stuck = tenants[CANARIES].schema_name
    _run(stuck, "ALTER TABLE accounts_account ADD COLUMN trial_note int")
    report = upgrade_fleet(workers=1)
    assert (report.failed, report.paused) == (1, True)
    assert report.done == CANARIES
    with public_scope():
        assert "already exists" in Tenant.objects.get(schema_name=stuck).failed_upgrade
    _run(stuck, "ALTER TABLE accounts_account DROP COLUMN trial_note")
    report = upgrade_fleet(workers=1)
    assert (report.done, report.failed) == (len(tenants) - CANARIES, 0)
    assert all(_has_column(schema) for schema in _schemas())


def test_an_upgrade_killed_half_way_is_resumed(next_version):
    root = Path(settings.ROOT)
    name = connections["default"].settings_dict["NAME"]

    def url(variable: str) -> str:
        return os.environ[variable].rsplit("/", 1)[0] + f"/{name}"

    env = os.environ | {
        "DATABASE_URL": url("DATABASE_URL"),
        "MIGRATOR_DATABASE_URL": url("MIGRATOR_DATABASE_URL"),
        "GUANXI_NO_VENV": "1",
        "DJANGO_SETTINGS_MODULE": "config.settings.test",
    }
    command = [sys.executable, str(root / "manage.py"), "fleet", "upgrade", "--workers", "1"]
    process = subprocess.Popen(
        command, env=env, cwd=root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )

    def some_are_done() -> bool:
        with public_scope():
            return UpgradeEntry.objects.filter(state="done").count() >= 2

    wait_until(some_are_done, "two workspaces are upgraded")
    process.send_signal(signal.SIGKILL)
    process.wait()
    upgrade_fleet()
    assert all(_has_column(schema) for schema in _schemas())
    with public_scope():
        assert set(UpgradeEntry.objects.values_list("state", flat=True)) == {"done"}
        versions = Tenant.objects.exclude(state="building").values_list("schema_version", flat=True)
        assert set(versions) == {next_version}
