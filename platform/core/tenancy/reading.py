"""Work that may only read, held to it by the database."""

import contextlib
from collections.abc import Iterator

from django.db import connection, transaction
from django.db.utils import DatabaseError

_READ_ONLY = "25006"  # PostgreSQL, appendix A: read_only_sql_transaction


@contextlib.contextmanager
def reading_only() -> Iterator[None]:
    """The block runs in one transaction in which PostgreSQL refuses every write, whatever the code tries."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")
        yield


def is_refused_write(error: BaseException) -> bool:
    """Whether the database refused a write inside `reading_only`."""
    return isinstance(error, DatabaseError) and getattr(error.__cause__, "pgcode", "") == _READ_ONLY
