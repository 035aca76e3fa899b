"""Which workspaces have something to look after: found cheaply among a thousand.

A hint a workspace in the registry's cache says when somebody must look, in seconds since 1970; a sweep reads all
hints at once and looks only into workspaces whose hint is due or missing. Work that begins forgets the hint. A hint
that is lost costs one look; one that is wrong (the cache was down, an undo brought work back) lives as long as the
hints of that kind do.
"""

import random
from collections.abc import Iterable
from dataclasses import dataclass

from django.core.cache import caches
from django.db import transaction

from core.clock import now
from core.tenancy.scope import current

_NEVER = 0


@dataclass(frozen=True, slots=True)
class Hints:
    """Hints of one kind of work. name: theirs in the cache. seconds: between which two ages they expire.

    Not all at once: workspaces whose hints were made together would be looked into together.
    """

    name: str
    seconds: tuple[int, int]

    def due_among(self, schemas: Iterable[str]) -> list[str]:
        """The workspaces that have work now, or of which nothing is known. One round trip to the cache."""
        keys = {self._key(schema): schema for schema in schemas}
        hints = caches["registry"].get_many(list(keys))
        moment = now().timestamp()
        return [
            schema
            for key, schema in keys.items()
            if (hint := hints.get(key)) is None or (hint != _NEVER and hint <= moment)
        ]

    def expect_work(self) -> None:
        """Once the transaction at hand commits, this workspace has work: the hint no longer holds."""
        key = self._key(current().schema)
        transaction.on_commit(lambda: caches["registry"].delete(key))

    def forget(self) -> None:
        """Somebody must look into this workspace at the next sweep."""
        caches["registry"].delete(self._key(current().schema))

    def set(self, next_at: float | None) -> None:
        """After a look: nothing to do before `next_at` (seconds since 1970); None for nothing at all."""
        caches["registry"].set(self._key(current().schema), next_at or _NEVER, random.randint(*self.seconds))

    def _key(self, schema: str) -> str:
        return f"{self.name}:{schema}"
