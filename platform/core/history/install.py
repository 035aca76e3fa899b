"""Seam: what provisioning calls. install_history once a database; triggers_sql once a workspace."""


def install_history(cursor: object, *, key: str, migrator: str, web: str) -> None:
    """As superuser, in the product's database, autocommit: schema, role, secret, shared functions."""


def triggers_sql(schema: str, tables: list[str]) -> str:
    """SQL that (re)makes capture function and triggers for `tables`; `schema` may be the placeholder @@."""
    return ""
