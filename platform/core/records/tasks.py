"""Keeping search true when what records only mention is renamed."""

from core.records.search import reindex_where
from core.records.types import mentions_of, record_type
from core.tenancy.tasks import tenant_task


@tenant_task(name="records.reindex_holders")
def reindex_holders(tenant: str, key: str, name: str, value: str) -> int:
    """The documents of all records of a type whose field has this value. A second run writes the same."""
    return reindex_where(record_type(key), name, value)


@tenant_task(name="records.reindex_mentions")
def reindex_mentions(tenant: str, key: str, record_id: str) -> int:
    """The documents of all records that say this one's title. A second run writes the same."""
    mentions = mentions_of(record_type(key))
    return sum(reindex_where(other, link.name, record_id) for other, link in mentions)
