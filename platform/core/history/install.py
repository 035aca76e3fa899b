"""What provisioning calls: once per installation the schema `history`, per workspace the triggers."""

import hashlib
from pathlib import Path
from typing import Any

from core.history.capture import capture_version, install_triggers, triggers_sql

__all__ = [
    "capture_version",
    "install_history",
    "install_triggers",
    "refresh_functions",
    "signing_key",
    "triggers_sql",
]

_SQL = Path(__file__).with_name("sql")
_BLOCK_BYTES = 64  # of SHA-256, the length to which HMAC pads its key (RFC 2104)


def install_history(cursor: Any, *, key: str, migrator: str, web: str) -> None:
    """Make role, schema, secret and functions in the cursor's database. Needs a superuser; repeatable.

    key: settings.HISTORY_KEY, the same for every process that signs. With another key, what is signed
    with the old one is recorded as unsigned from the commit of this transaction on.
    """
    owner = (_SQL / "owner.sql").read_text(encoding="utf-8")
    cursor.execute(owner.replace("@migrator@", f'"{migrator}"').replace("@web@", f'"{web}"'))
    padded = signing_key(key).ljust(_BLOCK_BYTES, b"\0")
    cursor.execute(
        "INSERT INTO history.secret (inner_pad, outer_pad) VALUES (%s, %s)"
        " ON CONFLICT (only_row) DO UPDATE"
        " SET inner_pad = EXCLUDED.inner_pad, outer_pad = EXCLUDED.outer_pad",
        [bytes(byte ^ 0x36 for byte in padded), bytes(byte ^ 0x5C for byte in padded)],
    )
    refresh_functions(cursor)


def refresh_functions(cursor: Any) -> None:
    """Bring the shared functions up to this release: part of every upgrade, as the migrator."""
    functions = (_SQL / "functions.sql").read_text(encoding="utf-8")
    cursor.execute(f"SET ROLE history_owner;\n{functions}\nRESET ROLE;")


def signing_key(key: str) -> bytes:
    """32 bytes from the setting, whatever its length."""
    return hashlib.sha256(key.encode()).digest()
