"""What the database itself refuses the web login, whatever the code above it forgets."""

import psycopg2
import pytest
from django.db import DatabaseError, connection, connections

from core.tenancy.scope import public_scope
from crm.accounts.models import Account

ATTACKS = {
    "another tenant by name": "SELECT name FROM {other}.accounts_account",
    "another tenant in a union": "SELECT 1 UNION SELECT count(*)::int FROM {other}.accounts_account",
    "the registry": "SELECT name FROM public.registry_tenant",
    "a change of path by function": "SELECT set_config('search_path', '{other}', false)",
    "the same, qualified": "SELECT pg_catalog.set_config('search_path', '{other}', false)",
    "a new table": "CREATE TABLE mine (id int)",
    "a temporary table": "CREATE TEMP TABLE mine (id int)",
    "a new schema": "CREATE SCHEMA mine",
    "a dropped table": "DROP TABLE accounts_account",
    "an altered table": "ALTER TABLE accounts_account ADD COLUMN mine int",
    "emptying a table": "TRUNCATE accounts_account CASCADE",
    "the migrations": "DELETE FROM django_migrations",
    "a forged history": "INSERT INTO hist_tx (id) VALUES (1)",
    "a large object": "SELECT lo_create(0)",
    "a server file": "SELECT pg_read_file('/etc/passwd')",
    "a program": "COPY accounts_account TO PROGRAM 'cat'",
    "another role": "SET ROLE guanxi_superuser",
    "the migrator": "SET ROLE {migrator}",
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_one_statement_does_not_leave_the_tenant(attack, workspace, other_workspace):
    migrator = connections["migrator"].settings_dict["USER"]
    statement = ATTACKS[attack].format(other=other_workspace.schema, migrator=migrator)
    with connection.cursor() as cursor, pytest.raises(DatabaseError):
        cursor.execute(statement)


def test_the_same_login_reads_and_writes_its_own_tables(workspace):
    Account.objects.create(name="Mine", name_key="mine")
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM accounts_account")
        assert cursor.fetchall() == [("Mine",)]


def test_public_work_does_not_see_tenant_tables(workspace):
    with (
        public_scope(switch=True, reason="test"),
        connection.cursor() as cursor,
        pytest.raises(DatabaseError),
    ):
        cursor.execute("SELECT count(*) FROM accounts_account")


def test_no_foreign_key_leaves_its_schema(workspace):
    """Sharding and moving one tenant need it."""
    config = connections["migrator"].settings_dict
    raw = psycopg2.connect(
        host=config["HOST"], port=config["PORT"], user=config["USER"], password=config["PASSWORD"],
        dbname=config["NAME"],
    )  # fmt: skip
    with raw.cursor() as cursor:
        cursor.execute(
            "SELECT f.conname FROM pg_constraint f JOIN pg_class a ON a.oid = f.conrelid"
            " JOIN pg_class b ON b.oid = f.confrelid"
            " WHERE f.contype = 'f' AND a.relnamespace <> b.relnamespace"
        )
        assert cursor.fetchall() == []
    raw.close()
