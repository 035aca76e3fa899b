"""Real threads on real connections."""

import secrets
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from core.errors import Conflict
from core.tenancy.scope import public_scope
from tenants.people.selectors import has_owner
from tenants.registry.models import Domain, Tenant, TenantState
from tenants.registry.provisioning.claim import PoolEmpty
from tenants.registry.provisioning.pool import fill_pool
from tenants.registry.provisioning.reaper import reap
from tenants.signup.pending import count_pending, keep_pending, open_pending
from tenants.signup.services import SignUp, check_sign_up, open_checked, sign_up

pytestmark = pytest.mark.django_db(transaction=True)
VISITORS = 32


def _details(address: str) -> dict[str, str]:
    return {
        "mail": f"ann@{address}.example",
        "name": "Ann Lee",
        "workspace": "Ann's Joinery",
        "address": address,
        "password": "a fine long phrase",
    }


def test_of_two_who_want_one_address_one_gets_it():
    fill_pool(4)
    address = f"r{secrets.token_hex(5)}"
    start = threading.Barrier(4)

    def try_it(_number: int) -> str:
        start.wait()
        try:
            return sign_up(**_details(address)).schema
        except Conflict:
            return ""
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as threads:
        schemas = [schema for schema in threads.map(try_it, range(4)) if schema]
    assert len(schemas) == 1
    with public_scope():
        domain = Domain.objects.select_related("tenant").get(domain__startswith=f"{address}.")
        assert (domain.tenant.schema_name, domain.tenant.state) == (schemas[0], TenantState.READY)
        assert not Tenant.objects.filter(state=TenantState.CLAIMING).exists()


def test_thirty_two_at_once_with_an_empty_pool_all_get_a_workspace():
    with public_scope():
        Tenant.objects.filter(state=TenantState.POOL).update(state=TenantState.BUILDING)
    over = threading.Event()
    start = threading.Barrier(VISITORS)

    def visit(_number: int) -> str:
        form = check_sign_up(**_details(f"q{secrets.token_hex(5)}"))
        start.wait()
        try:
            return _wait_like_the_page(form, over)
        finally:
            connections.close_all()

    def tend() -> None:
        try:
            while not over.is_set():
                reap(has_owner=has_owner)
                fill_pool(0, waited_for=count_pending)
        finally:
            connections.close_all()

    provisioner = threading.Thread(target=tend)
    with ThreadPoolExecutor(VISITORS) as threads:
        visits = [threads.submit(visit, number) for number in range(VISITORS)]
        provisioner.start()
        schemas = [each.result(timeout=120) for each in visits]
        over.set()
    provisioner.join()
    assert len(set(schemas)) == VISITORS
    with public_scope():
        ready = Tenant.objects.filter(schema_name__in=schemas, state=TenantState.READY)
        assert ready.count() == VISITORS
    assert count_pending() == 0


def _wait_like_the_page(form: SignUp, over: threading.Event) -> str:
    with public_scope():
        try:
            return open_checked(form).schema
        except PoolEmpty:
            token = keep_pending(form)
        while True:
            opened = open_pending(token)
            if opened is not None:
                return opened.schema
            # The page asks once a second; here a little oftener.
            over.wait(0.05)
