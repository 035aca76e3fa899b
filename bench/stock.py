"""stock: creation and upgrade by django-tenants itself, beside ours."""

import json
import os
import secrets
import statistics
import subprocess
import sys
from urllib.parse import urlsplit, urlunsplit

import psycopg2
from django.conf import settings

from bench.figures import Figure, Result, milliseconds
from bench.tenancy import remove_tenants
from bench.workspace import PASSWORD
from core.tenancy.scope import public_scope
from tenants.registry.fleet import upgrade_fleet
from tenants.registry.models import Tenant
from tenants.registry.provisioning.database import prepare_database
from tenants.registry.provisioning.pool import fill_pool
from tenants.signup.services import sign_up

_STOCK_TENANTS = 5
_SIGN_UPS = 10


def measure() -> Result:
    """Sign-up and an upgrade that changes nothing, against stock creation and stock migrate_schemas."""
    stock = _stock()
    fill_pool(_SIGN_UPS)
    schemas: list[str] = []

    def one() -> None:
        who = {"mail": "b@bench.example", "name": "B", "workspace": "B", "password": PASSWORD}
        schemas.append(sign_up(address=f"bench-{secrets.token_hex(5)}", **who).schema)

    ours = statistics.median(milliseconds(one) for _ in range(_SIGN_UPS))
    with public_scope():
        count = Tenant.objects.exclude(state="building").count()
    noop = milliseconds(upgrade_fleet)
    remove_tenants(schemas)
    made = statistics.median(stock["made"])
    a_tenant = stock["noop"] / _STOCK_TENANTS
    return Result(
        "stock",
        [
            Figure(
                "sign-up, stock / ours",
                made / ours,
                None,
                None,
                unit="×",
                note=f"{made:.0f} ms / {ours:.0f} ms",
            ),
            Figure(
                "no-op upgrade a tenant, stock / ours",
                a_tenant / (noop / count),
                None,
                None,
                unit="×",
                note=f"{a_tenant:.1f} ms a tenant at {_STOCK_TENANTS} / {noop:.0f} ms for {count}",
            ),
        ],
    )


def _stock() -> dict:
    """What the peer took, in a database of its own."""
    name = f"guanxi_stock_{secrets.token_hex(4)}"
    superuser = os.environ["GUANXI_SUPERUSER_URL"]
    web, migrator = (_into(os.environ[key], name) for key in ("DATABASE_URL", "MIGRATOR_DATABASE_URL"))
    prepare_database(superuser, web, migrator, history_key=settings.HISTORY_KEY)
    env = os.environ | {
        "DATABASE_URL": web,
        "MIGRATOR_DATABASE_URL": migrator,
        "DJANGO_SETTINGS_MODULE": "bench.stock_settings",
        "PYTHONPATH": f"{settings.ROOT / 'platform'}:{settings.ROOT}",
    }
    try:
        command = [sys.executable, "-m", "bench.stock_worker", str(_STOCK_TENANTS)]
        done = subprocess.run(
            command, cwd=settings.ROOT, env=env, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(done.stderr[-2000:])
        return json.loads(done.stdout.splitlines()[-1])
    finally:
        server = psycopg2.connect(superuser)
        server.autocommit = True
        with server.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        server.close()


def _into(url: str, database: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))
