"""Seam: which tables are recorded, and which a tenant's role only reads."""

READ_ONLY_TABLES: frozenset[str] = frozenset()


def tracked_tables(cursor: object, schema: str) -> list[str]:
    """Names of the tables in `schema` whose changes are recorded."""
    return []
