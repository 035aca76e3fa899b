"""Primary keys: time-ordered UUIDs (RFC 9562, version 7), so that inserts stay local in the index."""

import uuid

import uuid_utils


def uuid7() -> uuid.UUID:
    """A new UUIDv7 as the standard library's class (psycopg2 cannot adapt uuid_utils' own)."""
    return uuid.UUID(int=uuid_utils.uuid7().int)
