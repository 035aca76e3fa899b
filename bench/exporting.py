"""`export`: 100,000 contacts as CSV through the product's own address, beside COPY TO of the same columns.

The memory is that of a process of its own, before the first and after the last line.
"""

import json
import resource
import statistics
import subprocess
import sys
import time
from typing import Any

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection

from bench.figures import Figure, Result
from bench.workspace import Server, Workspace, fill, open_workspace, session_of
from core.tenancy.scope import public_scope, tenant_scope
from tenants.registry.hosts import snapshot_of_schema

_URL = "/contacts/export.csv"
_COPY = """
COPY (
    SELECT c.name, a.name AS account, c.job_title, c.role, c.mail, c.phone, u.name AS owner, c.last_activity_at
    FROM accounts_contact c
    LEFT JOIN accounts_account a ON a.id = c.account_id LEFT JOIN people_user u ON u.id = c.owner_id
    WHERE c.deleted_at IS NULL ORDER BY c.id
) TO STDOUT WITH CSV HEADER
"""
_ROUNDS = 5


def measure(rows: int = 100_000) -> Result:
    """A list's CSV against COPY TO, and the memory it takes."""
    workspace = open_workspace()
    try:
        fill(workspace, accounts=2_000, contacts=rows)
        done = subprocess.run(
            [sys.executable, "-m", "bench.export_worker", workspace.schema],
            cwd=settings.ROOT, capture_output=True, text=True, check=True,
        )  # fmt: skip
    finally:
        workspace.remove()
    told = json.loads(done.stdout.splitlines()[-1])
    grown = told["after"] - told["before"]
    return Result(
        "export",
        [
            Figure(f"CSV of {rows:,}", told["product"], told["floor"], 2.0, "s", f"{told['bytes']:,} bytes"),
            Figure("memory that it takes", grown, None, 20.0, "MB", f"{told['after']:.0f} in all"),
        ],
    )


class _Sink:
    """Counts and forgets."""

    length = 0

    def write(self, part: Any) -> None:
        self.length += len(part)


def measure_here(schema: str) -> dict[str, float]:
    """In this process: seconds, bytes, and megabytes before and after."""
    with public_scope():
        snapshot = snapshot_of_schema(schema)
    if snapshot is None:
        raise RuntimeError(f"no workspace {schema}")
    workspace = session_of(snapshot)
    server = Server(WSGIHandler(), workspace)
    server.get("/contacts/")  # templates and translations are loaded before the memory is read
    before = _megabytes()
    product, floor, length = [], [], 0
    for _ in range(_ROUNDS):
        begun = time.perf_counter()
        length = server.drain(_URL)
        product.append(time.perf_counter() - begun)
        floor.append(_copy(workspace))
    told = {"product": statistics.median(product), "floor": statistics.median(floor), "bytes": length}
    return {**told, "before": before, "after": _megabytes()}


def _copy(workspace: Workspace) -> float:
    with tenant_scope(workspace.schema, workspace.snapshot), connection.cursor() as cursor:
        begun = time.perf_counter()
        cursor.copy_expert(_COPY, _Sink())
        return time.perf_counter() - begun


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
