"""The kernel: where a statement may run."""

import threading

import pytest
from django.db import connection

from core.tenancy.scope import NoScope, ScopeError, current, public_scope, tenant_scope
from crm.accounts.models import Account


def test_a_statement_without_a_scope_is_refused(db):
    with pytest.raises(NoScope):
        Account.objects.count()


def test_a_table_missing_in_the_tenant_does_not_fall_through_to_public(workspace):
    with connection.cursor() as cursor, pytest.raises(Exception, match="does not exist"):
        cursor.execute("SELECT count(*) FROM registry_tenant")


def test_a_new_thread_has_no_scope(workspace):
    caught: list[BaseException] = []

    def run() -> None:
        try:
            current()
        except NoScope as error:
            caught.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert len(caught) == 1


def test_another_tenants_scope_inside_a_tenant_is_refused(workspace, other_workspace):
    with pytest.raises(ScopeError):
        tenant_scope(other_workspace.schema)
    with pytest.raises(ScopeError):
        public_scope()


def test_an_instance_of_one_tenant_is_not_saved_in_another(workspace, other_workspace):
    account = Account.objects.create(name="Acme", name_key="acme")
    loaded = Account.objects.get(pk=account.pk)
    with other_workspace.scope(), pytest.raises(ScopeError):
        loaded.save()


def test_two_tenants_do_not_see_each_others_records(workspace, other_workspace):
    Account.objects.create(name="Only mine", name_key="only mine")
    with other_workspace.scope():
        assert not Account.objects.exists()
    assert Account.objects.count() == 1
