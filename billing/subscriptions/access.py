"""Billing from inside a workspace: one door to the public schema, bound to the host's tenant."""

import contextlib
import logging
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from core.tenancy.scope import current_snapshot, public_scope
from core.usage.counting import usage

log = logging.getLogger(__name__)


@contextlib.contextmanager
def billing_scope(reason: str) -> Iterator[UUID]:
    """Enter public for this workspace's own billing; gives the tenant's id. reason: for the log.

    Never while a transaction of the tenant is open: the kernel refuses that.
    """
    tenant_id = UUID(current_snapshot().tenant_id)
    with public_scope(reason=f"billing: {reason}", switch=True):
        log.info("billing of tenant %s: %s", tenant_id, reason)
        yield tenant_id


def usage_now() -> dict[Any, int]:
    """Used of each limit, counted in the workspace at hand: to be asked before entering billing_scope."""
    return {limit: used for limit, (used, _most) in usage().items()}
