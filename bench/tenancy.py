"""signup, upgrade, switch, fleet: what many tenants cost."""

import secrets
import statistics

from django.core.handlers.wsgi import WSGIHandler
from django.db import connections

from bench.figures import Figure, Result, in_turn, milliseconds, percentile
from bench.workspace import PASSWORD, Server, open_workspace
from core.tenancy.scope import TEMPLATE, public_scope, tenant_scope
from tenants.registry.fleet import upgrade_fleet
from tenants.registry.models import SchemaStep, TemplateScript, Tenant, UpgradeEntry
from tenants.registry.provisioning.pool import build_workspace, fill_pool, remove_workspace
from tenants.registry.provisioning.template import current_script
from tenants.signup.services import sign_up

_SIGN_UPS = 40
_FLEET = 60
_ALTER = "ALTER TABLE accounts_account ADD COLUMN bench_note text NOT NULL DEFAULT '';"
_STEP = ("accounts", "9999_bench_note")


def measure_signup() -> Result:
    """From a checked form to a usable workspace, production password hashing included."""
    fill_pool(_SIGN_UPS + 2)
    schemas: list[str] = []

    def one() -> None:
        address = f"bench-{secrets.token_hex(5)}"
        schemas.append(
            sign_up(
                mail="b@bench.example", name="B", workspace="B", address=address, password=PASSWORD
            ).schema
        )

    times = [milliseconds(one) for _ in range(_SIGN_UPS)]
    with public_scope():
        built = [milliseconds(lambda: build_workspace(current_script())) for _ in range(5)]
    remove_tenants(schemas)
    return Result(
        "signup",
        [
            Figure("sign-up from the pool, p95", percentile(times, 0.95), None, 300.0),
            Figure("sign-up from the pool, median", statistics.median(times), None, None),
            Figure("one workspace without pool, median", statistics.median(built), None, 3000.0),
        ],
    )


def measure_upgrade() -> Result:
    """An upgrade that changes nothing, and one that adds a column; extrapolated to 1,000 by the slope."""
    before = current_script().version
    fill_pool(_FLEET)
    with public_scope():
        count = Tenant.objects.exclude(state="building").count()
    noop = milliseconds(upgrade_fleet)
    with public_scope():
        SchemaStep.objects.create(app=_STEP[0], name=_STEP[1], sql=_ALTER)
    _on(TEMPLATE, _ALTER)
    _on(TEMPLATE, f"INSERT INTO django_migrations (app, name, applied) VALUES {(*_STEP, 'now')}")
    try:
        column = milliseconds(lambda: upgrade_fleet(workers=2))
    finally:
        _take_back(before)
    a_thousand = column / count * 1000
    return Result(
        "upgrade",
        [
            Figure("upgrade that changes nothing", noop, None, 5000.0, note=f"{count} workspaces; one query"),
            Figure("add a column", column, None, None, note=f"{count} workspaces, 2 workers"),
            Figure("add a column, 1,000 extrapolated", a_thousand, None, 30_000.0, note="linear"),
        ],
    )


def measure_switch() -> Result:
    """A request that changes the tenant against one that stays."""
    workspaces = [open_workspace() for _ in range(2)]
    try:
        servers = [Server(WSGIHandler(), workspace) for workspace in workspaces]
        turn = {"n": 0}

        def switching() -> None:
            turn["n"] += 1
            servers[turn["n"] % 2].get("/accounts/")

        value, floor = in_turn(switching, lambda: servers[0].get("/accounts/"), rounds=60)

        return Result(
            "switch",
            [Figure("request in another tenant", value, floor, 1.1, note="against the same tenant")],
        )
    finally:
        for workspace in workspaces:
            workspace.remove()


def measure_fleet(tenants: int = 100) -> Result:
    """A list page in each of many tenants in turn, against ten of them in turn."""
    workspaces = [open_workspace() for _ in range(tenants)]
    try:
        # The tenants share one handler, as they share a server's processes.
        handler = WSGIHandler()
        servers = [Server(handler, workspace) for workspace in workspaces]
        turns = {"all": 0, "ten": 0}

        def next_of(name: str, count: int) -> None:
            turns[name] += 1
            servers[turns[name] % count].get("/accounts/")

        many, few = in_turn(
            lambda: next_of("all", tenants), lambda: next_of("ten", 10), rounds=2 * tenants, warm_up=tenants
        )
        return Result(
            "fleet", [Figure(f"p50, round robin over {tenants}", many, few, 1.3, note="against 10")]
        )
    finally:
        for workspace in workspaces:
            workspace.remove()


def _on(schema: str, statement: str) -> None:
    with tenant_scope(schema, switch=True), connections["migrator"].cursor() as cursor:
        cursor.execute(statement)


def _take_back(version: str) -> None:
    with public_scope():
        schemas = list(Tenant.objects.exclude(state="building").values_list("schema_name", flat=True))
    for schema in [TEMPLATE, *schemas]:
        _on(schema, "ALTER TABLE accounts_account DROP COLUMN IF EXISTS bench_note")
        _on(schema, f"DELETE FROM django_migrations WHERE name = '{_STEP[1]}'")
    with public_scope():
        SchemaStep.objects.filter(name=_STEP[1]).delete()
        TemplateScript.objects.exclude(version=version).delete()
        UpgradeEntry.objects.exclude(version=version).delete()
        Tenant.objects.exclude(state="building").update(schema_version=version)


def remove_tenants(schemas: list[str]) -> None:
    """Workspaces that a bench made."""
    with public_scope():
        for tenant in Tenant.objects.filter(schema_name__in=schemas):
            remove_workspace(tenant)
