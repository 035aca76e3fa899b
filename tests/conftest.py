"""Fixtures on the real parts: PostgreSQL, cache, worker. `manage.py test` starts them.

`workspace`: a schema of the pool inside a transaction that is rolled back; quick, one connection.
`live_workspace`: a committed workspace of its own, for threads, workers, browsers; never reused.
"""

import contextvars
import os
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

import django.test
import pytest
from django.conf import settings
from django.db import connections

from core.tenancy.scope import public_scope, tenant_scope
from core.tenancy.snapshot import Snapshot

# The web login may not TRUNCATE: committed workspaces are thrown away instead of flushed.
django.test.TransactionTestCase._fixture_teardown = lambda self: None  # type: ignore[method-assign]
# Both aliases lead to one database: the migrator's login makes workspaces inside tests.
django.test.SimpleTestCase._add_databases_failures = classmethod(lambda cls: None)  # type: ignore[method-assign]
django.test.SimpleTestCase._remove_databases_failures = classmethod(lambda cls: None)  # type: ignore[method-assign]


@dataclass
class Workspace:
    """A workspace in a test. password: of the owner."""

    schema: str
    snapshot: Snapshot
    owner: object
    password: str = "correct horse battery"

    @property
    def host(self) -> str:
        return self.snapshot.domain

    def scope(self):
        return tenant_scope(self.schema, self.snapshot, switch=True)


def _database_of(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> None:
    """pytest-django's own renaming is not wanted: django_db_setup below does it all."""


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: object) -> Iterator[None]:
    """A database of this worker's own, prepared and migrated exactly as in production."""
    from tenants.registry.provisioning.database import prepare_database
    from tenants.registry.provisioning.pool import fill_pool
    from tenants.registry.provisioning.template import migrate_public, migrate_template

    name = f"guanxi_test_{os.environ.get('PYTEST_XDIST_WORKER', 'gw0')}_{secrets.token_hex(3)}"
    for alias in ("default", "migrator"):
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = name
        settings.DATABASES[alias]["NAME"] = name
    prepare_database(
        os.environ["GUANXI_SUPERUSER_URL"],
        _database_of(os.environ["DATABASE_URL"], name),
        _database_of(os.environ["MIGRATOR_DATABASE_URL"], name),
        history_key=settings.HISTORY_KEY,
    )
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        migrate_public()
        migrate_template()
        fill_pool(3)
        for alias in connections:
            connections[alias].close()
    yield
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        _drop_database(name)


def _drop_database(name: str) -> None:
    """Roles are cluster-wide: they go with the database they were made for."""
    import psycopg2

    from tenants.registry.models import Tenant

    with public_scope():
        roles = list(Tenant.objects.values_list("schema_name", flat=True))
    for alias in connections:
        connections[alias].close()
    server = os.environ["GUANXI_SUPERUSER_URL"]
    inside = psycopg2.connect(_database_of(server, name))
    inside.autocommit = True
    with inside.cursor() as cursor:
        for role in roles:
            cursor.execute(f"DROP SCHEMA IF EXISTS {role} CASCADE")
            cursor.execute(f"DROP OWNED BY {role}")
    inside.close()
    outside = psycopg2.connect(server)
    outside.autocommit = True
    with outside.cursor() as cursor:
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
        for role in roles:
            cursor.execute(f"DROP ROLE IF EXISTS {role}")
    outside.close()


CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
SWITCHES = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    """Chromium for one module: its loop must not run on under the next module's tests."""
    from playwright.sync_api import sync_playwright

    with pytest.MonkeyPatch.context() as patched, sync_playwright() as playwright:
        # Playwright's own loop runs in this thread; our database work in it is synchronous all the same.
        patched.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=list(SWITCHES))
        yield chromium
        chromium.close()


@pytest.fixture(autouse=True)
def _clear_caches() -> Iterator[None]:
    """Keys of rolled-back rows must not reach the next test."""
    yield
    from django.core.cache import caches

    caches["registry"].clear()
    caches["default"].clear()


def _sign_up(name: str = "Test Works", **details: object) -> Workspace:
    from tenants.registry.hosts import snapshot_of_schema
    from tenants.signup.services import sign_up

    address = f"w{secrets.token_hex(5)}"
    opened = sign_up(
        mail=f"owner@{address}.example",
        name="Olive Owner",
        workspace=name,
        address=address,
        password=Workspace.password,
        **details,
    )
    with public_scope(switch=True, reason="test"):
        snapshot = snapshot_of_schema(opened.schema)
    assert snapshot is not None
    with tenant_scope(opened.schema, snapshot, switch=True):
        from tenants.people.models import User

        owner = User.objects.get(role="owner")
    return Workspace(opened.schema, snapshot, owner)


@pytest.fixture
def workspace(db: None) -> Iterator[Workspace]:
    """A signed-up workspace, its scope open, rolled back afterwards."""
    opened = _sign_up()
    with opened.scope():
        yield opened


@pytest.fixture
def other_workspace(workspace: Workspace) -> Workspace:
    """A second tenant beside `workspace`, its scope not open."""
    with public_scope(switch=True, reason="test"):
        return _sign_up("Other Works")


@pytest.fixture
def live_workspace(transactional_db: None) -> Workspace:
    """Committed; no scope is open. Ask for `.scope()`."""
    from tenants.registry.provisioning.pool import fill_pool

    fill_pool(2)
    return _sign_up("Live Works")


@pytest.fixture
def client_of():
    """client_of(workspace, user=None) → a test client on that workspace's host, signed in as the user.

    confirmed: the user gave their password this moment, so that nothing asks for it once more.
    """
    from django.test import Client

    class FreshClient(Client):
        """A request begins outside any scope, as on a server, whatever scope the test has open."""

        def request(self, **request: object) -> object:
            return contextvars.Context().run(super().request, **request)

    def make(workspace: Workspace, user: object | None = None, *, confirmed: bool = True) -> Client:
        client = FreshClient(HTTP_HOST=f"{workspace.host}{settings.GUANXI['PUBLIC_PORT']}")
        if user is not None:
            with workspace.scope():
                client.force_login(user)  # type: ignore[arg-type]
                if confirmed:
                    session = client.session
                    session["account_authentication_methods"] = [{"method": "password", "at": time.time()}]
                    session["account_authentication_methods_user"] = str(user.pk)  # type: ignore[attr-defined]
                    session.save()
        return client

    return make


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Tasks run where they are sent, so that a test sees what they did."""
    from celery import Task

    from config.celery import app

    # A worker closes its connections between tasks; here that would end the test's own transaction.
    monkeypatch.setattr("core.tenancy.tasks.close_old_connections", lambda: None)
    apply = Task.apply
    # A task begins outside the scope of whoever sent it.
    monkeypatch.setattr(Task, "apply", lambda *a, **k: contextvars.Context().run(apply, *a, **k))
    app.autodiscover_tasks(force=True)
    before, app.conf.task_always_eager = app.conf.task_always_eager, True
    propagates, app.conf.task_eager_propagates = app.conf.task_eager_propagates, True
    yield
    app.conf.task_always_eager, app.conf.task_eager_propagates = before, propagates
