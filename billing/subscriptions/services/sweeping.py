"""Going through many tenants: one that fails does not keep the others."""

import logging
from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from core.errors import Unavailable

log = logging.getLogger(__name__)


def for_each(tenant_ids: Iterable[UUID], act: Callable[[UUID], Any], *, doing: str) -> int:
    """For how many it was done. doing: what, for the log. Who is left waits for the next run."""
    done = 0
    for tenant_id in tenant_ids:
        try:
            act(tenant_id)
        except (Unavailable, OSError):
            log.warning("%s: payments or mail do not answer, tenant %s waits", doing, tenant_id)
        except Exception:  # whatever it is, the others are not held up by it
            log.exception("%s: tenant %s failed", doing, tenant_id)
        else:
            done += 1
    return done
