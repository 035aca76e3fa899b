"""Where the documents room (above) plugs its files into the timeline."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile

from crm.activities.models import Activity


@dataclass(frozen=True, slots=True)
class FileLink:
    """A file as the timeline shows it."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class FileShelf:
    """attach: stores a file on a record, as part of an activity. files_of: links by the activity's id."""

    attach: Callable[[Any, Activity, UploadedFile, Any], None]
    files_of: Callable[[Iterable[UUID]], Mapping[UUID, list[FileLink]]]


_shelf: FileShelf | None = None


def use_file_shelf(shelf: FileShelf) -> None:
    """Called once at start by the room that keeps files."""
    global _shelf
    _shelf = shelf


def file_shelf() -> FileShelf | None:
    """None where no room keeps files."""
    return _shelf
