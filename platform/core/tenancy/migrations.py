"""Data steps of migrations, fit to be replayed in every workspace."""

from typing import Any

from django.db.migrations.operations import RunPython
from django.utils.module_loading import import_string


class TenantStep(RunPython):
    """Run the function at a dotted path, `step(cursor)`, inside one tenant's schema.

    It must be idempotent (an upgrade that is killed runs it again) and use SQL only: models of the
    code may be ahead of the schema.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        super().__init__(self._run, RunPython.noop, elidable=False)

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return self.__class__.__qualname__, [self.path], {}

    def _run(self, apps: Any, schema_editor: Any) -> None:
        with schema_editor.connection.cursor() as cursor:
            import_string(self.path)(cursor)
