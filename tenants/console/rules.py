"""Pure rules of the console: tabs of the list of tenants, masking, feature switches."""

import datetime as dt
import hashlib
from collections.abc import Collection

ENDING = dt.timedelta(days=7)
SILENT = dt.timedelta(days=14)
NEW = dt.timedelta(days=7)
NEAR_PERCENT = 80


def masked(mail: str) -> str:
    """'olive@firm.example' → 'o…@f….example': enough to recognise, too little to write to."""
    name, _at, domain = mail.rpartition("@")
    first, dot, rest = domain.rpartition(".")
    return f"{name[:1]}…@{first[:1]}…{dot}{rest}" if name and first else f"{name[:1]}…"


def in_percentage(key: str, tenant_id: str, percent: int) -> bool:
    """Whether a tenant is among the first `percent` of a hundred: the same answer for ever, another for each switch.

    Raising the percentage keeps whoever was in.
    """
    digest = hashlib.sha256(f"{key}:{tenant_id}".encode()).digest()
    return int.from_bytes(digest[:4], "big") % 100 < percent


def is_switched_on(
    key: str,
    *,
    tenant_id: str,
    plan: str,
    percent: int,
    plans: Collection[str],
    tenants_on: Collection[str],
    tenants_off: Collection[str],
) -> bool:
    """Off by name wins over on by name, that over plan and percentage."""
    if tenant_id in tenants_off:
        return False
    return tenant_id in tenants_on or plan in plans or in_percentage(key, tenant_id, percent)
