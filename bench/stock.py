"""stock: creation and upgrade by django-tenants itself, beside ours."""

import json
import os
import secrets
import statistics
import subprocess
import sys
from collections.abc import Sequence
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


def measure(*counts: int) -> Result:
    """Sign-up and an upgrade that changes nothing, against stock creation and stock migrate_schemas.

    counts: numbers of stock tenants at which both are measured; an upgrade of 1,000 is extrapolated.
    """
    stock = _stock(counts or (_STOCK_TENANTS,))
    fill_pool(_SIGN_UPS)
    schemas: list[str] = []

    def one() -> None:
        who = {"mail": "b@bench.example", "name": "B", "workspace": "B", "password": PASSWORD}
        schemas.append(sign_up(address=f"bench-{secrets.token_hex(5)}", **who).schema)

    ours = statistics.median(milliseconds(one) for _ in range(_SIGN_UPS))
    with public_scope():
        living = Tenant.objects.exclude(state="building").count()
    noop = milliseconds(upgrade_fleet)
    remove_tenants(schemas)
    noops = {int(count): took for count, took in stock["noops"].items()}
    figures = [*_creations(stock["made"], list(noops), ours), *_upgrades(noops, noop, living)]
    return Result("stock", figures)


def _creations(made: list[float], counts: list[int], ours: float) -> list[Figure]:
    """Stock creation near each count (the median of the last five) as a multiple of a sign-up of ours."""
    near = {count: statistics.median(made[max(0, count - 5) : count]) for count in counts}
    # No line drawn to 1,000: single creations scatter more than they grow, so the last figure is the least.
    return [
        Figure(
            f"sign-up, stock / ours, at {count}", took / ours, None, None, "×", f"{took:.0f} / {ours:.0f} ms"
        )
        for count, took in near.items()
    ]


def _upgrades(noops: dict[int, float], ours: float, living: int) -> list[Figure]:
    """Stock upgrades of so many tenants, and of 1,000, as a multiple of ours of `living`, which is one query."""
    figures = [
        Figure(f"no-op upgrade of {count}, stock", took, None, None, note=f"{took / count:.1f} ms a tenant")
        for count, took in noops.items()
    ]
    if len(noops) > 1:
        took = _at_a_thousand(noops)
    else:
        ((count, one),) = noops.items()
        took = one / count * 1000
    note = f"{took / 1000:.0f} s, extrapolated / {ours:.0f} ms for {living}"
    figures.append(Figure("no-op upgrade of 1,000, stock / ours", took / ours, None, None, "×", note))
    return figures


def _at_a_thousand(found: dict[int, float]) -> float:
    slope, intercept = statistics.linear_regression(list(found), list(found.values()))
    return intercept + slope * 1000


def _stock(counts: Sequence[int]) -> dict:
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
        command = [sys.executable, "-m", "bench.stock_worker", *map(str, counts)]
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
