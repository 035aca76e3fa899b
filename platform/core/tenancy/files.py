"""Uploaded files: each tenant has a folder of its own, which no name can leave."""

from pathlib import PurePosixPath
from typing import Any

from django.core.exceptions import SuspiciousFileOperation
from django.core.files.storage import FileSystemStorage

from core.tenancy.scope import current


class TenantStorage(FileSystemStorage):
    """FileSystemStorage below `<location>/<schema>/`. Raises NoScope outside a scope."""

    def path(self, name: str) -> str:
        parts = PurePosixPath(name.replace("\\", "/")).parts
        if ".." in parts or name.startswith(("/", "\\")):
            raise SuspiciousFileOperation(f"file name leaves its folder: {name!r}")
        return super().path(str(PurePosixPath(current().schema, *parts)))

    def _save(self, name: str, content: Any) -> str:
        """The name without the tenant's folder (Django gives it relative to the location): `path` adds it."""
        saved = PurePosixPath(super()._save(name, content))
        return saved.relative_to(current().schema).as_posix()

    def url(self, name: str | None) -> str:
        raise ValueError("Files are served by views that check who asks, never by a public address.")
