"""What a workspace has set for itself, by key: read once a request or job, cached for the tenant.

Each key is a row of its own, so that taking one change back leaves the others. Keys are made of a topic and, where
there are several, a name: `module.products`. Values are plain JSON; the room that owns a topic knows their shape.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.core.cache import cache
from django.db import transaction

from core.tenancy.scope import peek, remember
from tenants.people.models import WorkspaceSetting

# Apart from what other rooms keep in this table under keys of their own, which pages seldom ask for.
_PREFIX = "set."
_CACHE_KEY = "workspace_settings"
_TTL_SECONDS = 300


def setting(key: str, default: Any = None) -> Any:
    """What is stored under the key; `default` where nothing is, and outside a workspace."""
    return _all().get(key, default)


def settings_under(topic: str) -> dict[str, Any]:
    """{name: value} of the keys `<topic>.<name>`."""
    start = f"{topic}."
    return {key.removeprefix(start): value for key, value in _all().items() if key.startswith(start)}


def keep_setting(key: str, value: Any) -> None:
    """Inside the caller's `change`, so that it is recorded and can be taken back."""
    WorkspaceSetting.objects.update_or_create(key=_PREFIX + key, defaults={"value": value})
    forget_settings()


def drop_setting(key: str) -> None:
    """Back to the default. Inside the caller's `change`."""
    WorkspaceSetting.objects.filter(key=_PREFIX + key).delete()
    forget_settings()


def forget_settings() -> None:
    """After a change, also by an undo: now for this request, and after the commit for readers that refilled."""
    cache.delete(_CACHE_KEY)
    transaction.on_commit(partial(cache.delete, _CACHE_KEY))
    if scope := peek():
        scope.memo.clear()  # others have remembered what they made of it


def _all() -> Mapping[str, Any]:
    scope = peek()
    if scope is None or scope.is_public:
        return {}
    found: Mapping[str, Any] = remember(_CACHE_KEY, _read)
    return found


def _read() -> Mapping[str, Any]:
    found = cache.get(_CACHE_KEY)
    if found is None:
        rows = WorkspaceSetting.objects.filter(key__startswith=_PREFIX).values_list("key", "value")
        found = {key.removeprefix(_PREFIX): value for key, value in rows}
        cache.set(_CACHE_KEY, found, _TTL_SECONDS)
    return found  # type: ignore[no-any-return]
