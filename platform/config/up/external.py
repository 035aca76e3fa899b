"""Servers of the deployer's own, named in the environment: reached, new enough, prepared, before anything starts."""

import contextlib
from urllib.parse import urlsplit

import psycopg2
import redis

from config.up.errors import CannotStart

OLDEST_POSTGRES = 18
CONNECT_SECONDS = 10
_HOW_TO_PREPARE = "    GUANXI_SUPERUSER_URL=postgres://… manage.py prepare_database"


def check_database(variable: str, url: str, *, prepared: bool) -> None:
    """Raises CannotStart. variable: what names it, for the message. prepared: whether it must be already."""
    try:
        connection = psycopg2.connect(url, connect_timeout=CONNECT_SECONDS)
    except psycopg2.Error as problem:
        advice = f"\nLogins and database are made once by\n{_HOW_TO_PREPARE}" if prepared else ""
        raise CannotStart(
            f"{variable}: the database at {place_of(url)} cannot be used.\n{str(problem).strip()}{advice}"
        )
    with contextlib.closing(connection), connection.cursor() as cursor:
        major = connection.server_version // 10_000
        if major < OLDEST_POSTGRES:
            raise CannotStart(
                f"{variable}: the database at {place_of(url)} is PostgreSQL {major}; Guanxi needs "
                f"{OLDEST_POSTGRES} or newer."
            )
        cursor.execute("SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm'")
        if prepared and cursor.fetchone() is None:
            raise CannotStart(
                f"{variable}: the database at {place_of(url)} is not prepared yet. Once, with a superuser of it:\n"
                f"{_HOW_TO_PREPARE}"
            )


def check_cache(url: str) -> None:
    """Raises CannotStart when the server of REDIS_URL does not answer, or lets nobody in."""
    try:
        with redis.Redis.from_url(url, socket_connect_timeout=CONNECT_SECONDS, socket_timeout=5) as client:
            client.ping()
    except (redis.RedisError, ValueError) as problem:
        raise CannotStart(f"REDIS_URL: the server at {place_of(url)} cannot be used.\n{problem}")


def place_of(url: str) -> str:
    """Host, port and name of a URL: never its password."""
    parts = urlsplit(url)
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.hostname or 'localhost'}{port}{parts.path}"
