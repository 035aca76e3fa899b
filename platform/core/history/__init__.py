"""History: PostgreSQL itself records every change of every tracked table, in batches that can be undone.

Read in this order: `context` (who acts, which batch), `undo` (preview and undo), `record_changes`
(a record's Changes tab); below them `tracked` and `capture` (which tables, the triggers) and
`install` (once per installation). Docs: docs/history.md, docs/decisions/0003-history-by-the-database.md.
"""
