"""Workspaces full of data, made by SQL in seconds, and requests to them through the whole stack."""

import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit
from uuid import UUID

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.db import connections
from django.test import Client

from core.records.search import reindex
from core.records.types import record_type
from core.tenancy.scope import public_scope, tenant_scope
from core.tenancy.snapshot import Snapshot
from tenants.people.models import User
from tenants.registry.hosts import snapshot_of_schema
from tenants.registry.models import Tenant
from tenants.registry.provisioning.pool import fill_pool, remove_workspace
from tenants.signup.services import sign_up

PASSWORD = "correct horse battery"


@dataclass
class Workspace:
    """A committed workspace and its owner's session."""

    snapshot: Snapshot
    owner_id: UUID
    session: str

    @property
    def schema(self) -> str:
        return self.snapshot.schema

    def remove(self) -> None:
        with public_scope():
            remove_workspace(Tenant.objects.get(schema_name=self.schema))


def open_workspace() -> Workspace:
    fill_pool(1)
    address = f"bench-{secrets.token_hex(4)}"
    opened = sign_up(
        mail="bench@bench.example", name="Bench", workspace="Bench", address=address, password=PASSWORD
    )
    with public_scope():
        snapshot = snapshot_of_schema(opened.schema)
    if snapshot is None:
        raise RuntimeError("the workspace did not open")
    return session_of(snapshot)


def session_of(snapshot: Snapshot) -> Workspace:
    """A workspace that `open_workspace` made, its owner signed in anew."""
    with tenant_scope(snapshot.schema, snapshot):
        owner = User.objects.get(email="bench@bench.example")
        client = Client(HTTP_HOST=snapshot.domain)
        client.force_login(owner)
    return Workspace(snapshot, owner.pk, client.cookies[settings.SESSION_COOKIE_NAME].value)


def in_database(name: str) -> str:
    """The superuser's URL, into a database of that name."""
    return urlunsplit(urlsplit(os.environ["GUANXI_SUPERUSER_URL"])._replace(path=f"/{name}"))


def fill(workspace: Workspace, *, contacts: int = 0, accounts: int = 0, opportunities: int = 0) -> None:
    """Names are Latin, every fifth Chinese; then statistics and search documents as after an import."""
    with tenant_scope(workspace.schema), connections["migrator"].cursor() as cursor:
        cursor.execute(_ACCOUNTS, {"count": accounts, "owner": workspace.owner_id})
        cursor.execute(_CONTACTS, {"count": contacts, "owner": workspace.owner_id})
        cursor.execute(_OPPORTUNITIES, {"count": opportunities, "owner": workspace.owner_id})
    with tenant_scope(workspace.schema, workspace.snapshot):
        for key, count in (("account", accounts), ("contact", contacts), ("opportunity", opportunities)):
            if count:
                reindex(record_type(key))
    with tenant_scope(workspace.schema), connections["migrator"].cursor() as cursor:
        for table in (
            "accounts_account",
            "accounts_contact",
            "opportunities_opportunity",
            "records_searchdocument",
        ):
            cursor.execute(f"VACUUM ANALYZE {table}")


class Server:
    """Requests through the real WSGI handler, without a network: the same for product and floor."""

    def __init__(self, handler: WSGIHandler, workspace: Workspace) -> None:
        self.handler, self.workspace = handler, workspace
        # Both cookies, as a browser sends them after its first page.
        self.cookies = (
            f"{settings.SESSION_COOKIE_NAME}={workspace.session}; {settings.CSRF_COOKIE_NAME}={'c' * 32}"
        )

    def get(self, path: str) -> bytes:
        """The body. Raises RuntimeError for anything but 200."""
        return b"".join(self._parts(path))

    def drain(self, path: str) -> int:
        """The length of the body, which is forgotten as it comes."""
        return sum(map(len, self._parts(path)))

    def _parts(self, path: str) -> Iterator[bytes]:
        route, _mark, query = path.partition("?")
        status: list[str] = []
        environ = {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": route,
            "QUERY_STRING": quote(query, safe="=&%+"),
            "SERVER_NAME": self.workspace.snapshot.domain,
            "SERVER_PORT": "80",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": self.workspace.snapshot.domain,
            "HTTP_COOKIE": self.cookies,
            "wsgi.input": BytesIO(),
            "wsgi.url_scheme": "http",
            "wsgi.errors": BytesIO(),
        }

        def start_response(line: str, headers: Any, error: Any = None) -> None:
            status.append(line)

        response = self.handler(environ, start_response)
        try:
            if not status[0].startswith("200"):
                raise RuntimeError(f"{path}: {status[0]} {b''.join(response)[:300]!r}")
            yield from response
        finally:
            if hasattr(response, "close"):
                response.close()


_ACCOUNTS = """
INSERT INTO accounts_account (id, name, name_key, stage, phone, mail, website, street, city, postcode,
    country, tax_id, description, owner_id, annual_revenue, created_at, updated_at)
SELECT uuidv7(), 'Firm ' || n, 'firm ' || lpad(n::text, 7, '0'), 'customer', '', '', '', '', 'Leeds', '',
    '', '', '', %(owner)s, n, now(), now() - n * interval '1 second'
FROM generate_series(1, %(count)s) n
"""
_CONTACTS = """
INSERT INTO accounts_contact (id, name, name_key, job_title, role, mail, phone, mobile, messenger,
    preferred_channel, do_not_contact, city, description, owner_id, account_id, created_at, updated_at)
SELECT uuidv7(),
    CASE WHEN n %% 5 = 0 THEN (ARRAY['张伟','王芳','李娜','刘洋','陈静'])[1 + n / 5 %% 5] || n
         ELSE (ARRAY['Maya','Tom','Aisha','Ben','Lena','Omar','Priya'])[1 + n %% 7] || ' '
              || (ARRAY['Okafor','Reyes','Khan','Carter','Voss','Haddad','Sharma'])[1 + n / 7 %% 7] || ' ' || n END,
    'name ' || lpad(n::text, 7, '0'), 'Buyer', '', 'c' || n || '@example.com', '+44 113 ' || n, '', '', '', false,
    'York', '', %(owner)s, (SELECT id FROM accounts_account LIMIT 1), now(), now() - n * interval '1 second'
FROM generate_series(1, %(count)s) n
"""
_OPPORTUNITIES = """
INSERT INTO opportunities_opportunity (id, name, name_key, reference, pipeline_id, stage_id, outcome, amount,
    opened_on, expected_on, won_reason, board_position, stage_since, description, owner_id, account_id, created_at,
    updated_at)
SELECT uuidv7(), 'Sale ' || n, 'sale ' || lpad(n::text, 7, '0'), '', s.pipeline_id, s.id, 'open', n * 10,
    current_date - 30, current_date + n %% 60, '', n, now(), '', %(owner)s,
    (SELECT id FROM accounts_account LIMIT 1), now(), now() - n * interval '1 second'
FROM generate_series(1, %(count)s) n
JOIN (SELECT *, row_number() OVER (ORDER BY position) - 1 AS place FROM opportunities_stage
      WHERE outcome = 'open') s ON s.place = n %% 4
"""
