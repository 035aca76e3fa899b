"""The tenancy kernel: which tenant a piece of work belongs to, enforced at every statement.

Read `scope` first (the one way in), then `backend.guard` (what the database connection does with it).
The design and its reasons: docs/decisions/0001-tenancy-kernel.md.
"""
