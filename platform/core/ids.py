"""Primary keys: time-ordered UUIDs (RFC 9562, version 7), so that inserts stay local in the index; reading them."""

import uuid

import uuid_utils


def uuid7() -> uuid.UUID:
    """A new UUIDv7 as the standard library's class (psycopg2 cannot adapt uuid_utils' own)."""
    return uuid.UUID(int=uuid_utils.uuid7().int)


def read_uuid(text: str) -> uuid.UUID | None:
    """An id out of a form or an address; None for what is none."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def read_int(text: str) -> int | None:
    """A number that stands for a row; None for what is none."""
    return read_whole(text) if text.isascii() else None


def read_whole(text: str) -> int | None:
    """A whole number from 0 on that somebody typed, in any script's digits ('１０'); None for what is none."""
    return int(text) if text.isdecimal() and len(text) < 18 else None
