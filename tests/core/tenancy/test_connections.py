"""Shared connections: what the stock backend gets wrong, and the guard does not."""

import threading

import pytest
from django.db import DatabaseError, connection, connections, transaction
from django.db.utils import ConnectionHandler

from core.tenancy.scope import NoScope, ScopeError, public_scope, tenant_scope
from crm.accounts.models import Account
from tenants.registry.models import Tenant
from tests.core.tenancy.cancelling import read_under_cancels

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def three(live_workspace):
    """Three committed schemas, each with one account that carries its name."""
    with public_scope():
        others = list(Tenant.objects.filter(state="pool").values_list("schema_name", flat=True)[:1])
    schemas = [live_workspace.schema, *others]
    for schema in schemas:
        with tenant_scope(schema):
            Account.everything.all().delete()
            Account.objects.create(name=schema, name_key=schema)
    yield schemas
    for schema in schemas:
        with tenant_scope(schema):
            Account.everything.all().delete()


def _stock_connections() -> ConnectionHandler:
    config = {**connections["migrator"].settings_dict, "ENGINE": "django_tenants.postgresql_backend"}
    return ConnectionHandler({"default": config})


def test_the_stock_backend_reads_another_tenant_after_a_cancelled_switch(three):
    """The failure that the guard exists for, reproduced: a swallowed error of SET search_path."""
    stock = _stock_connections()

    def read(schema: str) -> str:
        wrapper = stock["default"]
        wrapper.set_schema(schema)
        with wrapper.cursor() as cursor:
            cursor.execute("SELECT name FROM accounts_account")
            return cursor.fetchone()[0]

    login = connections["migrator"].settings_dict["USER"]
    outcome = read_under_cancels(
        [(schema, schema) for schema in three], read, reads=60_000, until_wrong=True, login=login
    )
    assert outcome.wrong >= 1, outcome


def test_the_guard_never_reads_another_tenant_under_cancels(three):
    def read(schema: str) -> str:
        with tenant_scope(schema):
            return Account.objects.values_list("name", flat=True).get()

    login = connections["default"].settings_dict["USER"]
    outcome = read_under_cancels([(schema, schema) for schema in three], read, reads=20_000, login=login)
    assert (outcome.wrong, outcome.reads >= 20_000) == (0, True), outcome
    assert outcome.cancels > 1_000
    assert outcome.errors > 0, "no statement was hit: the test proves nothing"


def test_a_transaction_that_goes_on_in_another_scope_is_refused(three, settings):
    settings.TENANCY = {**settings.TENANCY, "SCOPE_SWITCH_IN_TRANSACTION": False}
    with tenant_scope(three[0]), transaction.atomic():
        Account.objects.count()
        with tenant_scope(three[1], switch=True), pytest.raises(ScopeError):
            Account.objects.count()


@pytest.mark.parametrize("how", ["executemany", "copy", "named", "iterator"])
def test_every_way_of_sending_goes_through_the_guard(three, how):
    with tenant_scope(three[0]):
        Account.objects.count()
    with tenant_scope(three[1]):
        if how == "executemany":
            with connection.cursor() as cursor:
                cursor.executemany("UPDATE accounts_account SET city = %s", [("here",)])
            assert Account.objects.get().city == "here"
            with tenant_scope(three[0], switch=True):
                assert Account.objects.get().city == ""
        elif how == "copy":
            seen: list[bytes] = []

            class Sink:
                def write(self, part: bytes) -> None:
                    seen.append(part)

            with connection.cursor() as cursor:
                cursor.cursor.copy_expert("COPY (SELECT name FROM accounts_account) TO STDOUT", Sink())
            assert three[1].encode() in b"".join(seen)
        elif how == "named":
            with transaction.atomic(), connection.chunked_cursor() as cursor:
                cursor.execute("SELECT name FROM accounts_account")
                assert cursor.fetchone()[0] == three[1]
        else:
            assert [each.name for each in Account.objects.iterator()] == [three[1]]


def test_an_iterator_opened_in_one_tenant_is_not_read_in_another(three):
    with tenant_scope(three[0]):
        Account.objects.bulk_create(Account(name=f"n{i}", name_key=f"n{i}") for i in range(10))
        rows = Account.objects.iterator(chunk_size=2)
        next(rows)
    with tenant_scope(three[1]), pytest.raises((ScopeError, DatabaseError)):
        list(rows)
    with pytest.raises((NoScope, StopIteration, DatabaseError)):
        next(rows)


def test_an_exception_leaves_no_scope_behind(three):
    with pytest.raises(ZeroDivisionError), tenant_scope(three[0]):
        Account.objects.count()
        raise ZeroDivisionError
    with pytest.raises(NoScope):
        Account.objects.count()


def test_a_rolled_back_switch_is_made_again(three):
    """SET is transactional: after ROLLBACK the server stands where it stood before."""
    with tenant_scope(three[0]):
        Account.objects.count()
    with tenant_scope(three[1]):
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            Account.objects.count()
            raise ZeroDivisionError
        assert Account.objects.get().name == three[1]


def test_a_dropped_connection_comes_back_in_its_tenant(three):
    with tenant_scope(three[0]):
        Account.objects.count()
        with connection.cursor() as cursor, pytest.raises(DatabaseError):
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        connection.close()
        assert Account.objects.get().name == three[0]


def test_threads_keep_their_own_tenants(three):
    wrong: list[str] = []

    def run(schema: str) -> None:
        for _ in range(200):
            with tenant_scope(schema):
                if Account.objects.get().name != schema:
                    wrong.append(schema)
        connections.close_all()

    threads = [threading.Thread(target=run, args=(schema,)) for schema in three * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_captured_sql_shows_the_statement_without_the_guards_prefix(three, django_assert_num_queries):
    connection.close()
    with tenant_scope(three[0]), django_assert_num_queries(1) as captured:
        Account.objects.count()
    assert captured.captured_queries[0]["sql"].startswith("SELECT COUNT")
