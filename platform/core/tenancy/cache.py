"""The shared cache: keys carry the tenant, and an outage is a miss, not an error."""

import logging
from collections.abc import Callable
from functools import cached_property
from typing import Any

import redis.exceptions
from django.core.cache.backends.redis import RedisCache, RedisCacheClient

from core.tenancy.scope import current

log = logging.getLogger(__name__)
_OUTAGE = (
    redis.exceptions.ConnectionError,
    redis.exceptions.TimeoutError,
    redis.exceptions.BusyLoadingError,
    redis.exceptions.OutOfMemoryError,
    redis.exceptions.ReadOnlyError,
)
# What the server says to every write while its disk is full; redis-py has no class for it.
REFUSES_WRITES = "MISCONF"


def tenant_key(key: str, key_prefix: str, version: int) -> str:
    """KEY_FUNCTION of every cache that tenants use. Raises NoScope outside a scope."""
    return f"{current().schema}:{key_prefix}:{version}:{key}"


class _LastingClient(RedisCacheClient):
    """Django makes a client anew for every command, which costs as much as the command. It holds nothing but
    the pool, and the pool gives each thread a connection of its own; all caches of ours have one server.
    """

    @cached_property
    def _only_client(self) -> Any:
        return super().get_client()

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        return self._only_client


class ForgivingRedisCache(RedisCache):
    """RedisCache whose reads miss and whose writes are dropped while the server does not answer.

    Nothing may be kept here alone: sessions, snapshots and counters have a source of truth elsewhere.
    """

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = _LastingClient

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        return self._or(default, super().get, key, default, version)

    def get_many(self, keys: Any, version: int | None = None) -> dict[Any, Any]:
        return self._or({}, super().get_many, keys, version)

    def set(self, key: str, value: Any, *args: Any, **kwargs: Any) -> None:
        self._or(None, super().set, key, value, *args, **kwargs)

    def set_many(self, data: Any, *args: Any, **kwargs: Any) -> list[Any]:
        return self._or(list(data), super().set_many, data, *args, **kwargs)

    def add(self, key: str, value: Any, *args: Any, **kwargs: Any) -> bool:
        return self._or(True, super().add, key, value, *args, **kwargs)

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        return self._or(delta, super().incr, key, delta, version)

    def touch(self, key: str, *args: Any, **kwargs: Any) -> bool:
        return self._or(False, super().touch, key, *args, **kwargs)

    def has_key(self, key: str, version: int | None = None) -> bool:
        return self._or(False, super().has_key, key, version)

    def delete(self, key: str, version: int | None = None) -> bool:
        return self._or(False, super().delete, key, version)

    def delete_many(self, keys: Any, version: int | None = None) -> None:
        self._or(None, super().delete_many, keys, version)

    @staticmethod
    def _or(fallback: Any, call: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        try:
            return call(*args, **kwargs)
        except _OUTAGE as error:
            log.warning("cache does not answer: %s", error)
            return fallback
        except redis.exceptions.ResponseError as error:
            if REFUSES_WRITES not in str(error):
                raise
            log.warning("cache takes no writes: %s", error)
            return fallback
