"""`signup_burst`: 32 sign-ups at once while no workspace waits in the pool. The goal: all of them succeed."""

import secrets
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from django.db import connections

from bench.figures import Figure, Result, percentile
from bench.tenancy import remove_tenants
from bench.workspace import PASSWORD
from core.tenancy.scope import public_scope
from tenants.registry.models import Tenant, TenantState
from tenants.registry.provisioning.claim import PoolEmpty
from tenants.registry.provisioning.pool import fill_pool
from tenants.signup.pending import count_pending, keep_pending, open_pending
from tenants.signup.services import check_sign_up, open_checked

_ASK_SECONDS = 0.1
"""How often a waiting visitor asks; the page does so once a second."""


def measure(visitors: int = 32) -> Result:
    """Sign-ups in parallel with an empty pool, the provisioner working beside them."""
    over, start = threading.Event(), threading.Barrier(visitors)

    def visit(_number: int) -> tuple[str, float]:
        try:
            start.wait()
            return _sign_up(over)
        finally:
            connections.close_all()

    def tend() -> None:
        try:
            while not over.is_set():
                fill_pool(0, waited_for=count_pending)
        finally:
            connections.close_all()

    with _empty_pool(), ThreadPoolExecutor(visitors) as threads:
        visits = [threads.submit(visit, number) for number in range(visitors)]
        provisioner = threading.Thread(target=tend)
        provisioner.start()
        try:
            opened = [each.result(timeout=300) for each in visits]
        finally:
            over.set()
            provisioner.join()
    schemas = {schema for schema, _seconds in opened}
    remove_tenants(sorted(schemas))
    seconds = [each for _schema, each in opened]
    return Result(
        "signup_burst",
        [
            Figure("sign-ups that failed", visitors - len(schemas), None, 0.0, "", f"of {visitors} at once"),
            Figure("slowest", max(seconds), None, None, "s"),
            Figure("median", percentile(seconds, 0.5), None, None, "s"),
        ],
    )


def _sign_up(over: threading.Event) -> tuple[str, float]:
    """(schema, seconds) from the form to a usable workspace, waiting as the page does."""
    begun = time.perf_counter()
    address = f"bench-{secrets.token_hex(5)}"
    form = check_sign_up(
        mail=f"b@{address}.example", name="B", workspace="B", address=address, password=PASSWORD
    )
    with public_scope():
        try:
            opened = open_checked(form)
        except PoolEmpty:
            token = keep_pending(form)
            while (opened := open_pending(token)) is None:
                over.wait(_ASK_SECONDS)
    return opened.schema, time.perf_counter() - begun


@contextmanager
def _empty_pool() -> Iterator[None]:
    """What waits in the pool is put aside for the time of the block."""
    with public_scope():
        aside = list(Tenant.objects.filter(state=TenantState.POOL).values_list("pk", flat=True))
        Tenant.objects.filter(pk__in=aside).update(state=TenantState.BUILDING)
    try:
        yield
    finally:
        with public_scope():
            Tenant.objects.filter(pk__in=aside).update(state=TenantState.POOL)
