"""What a file is, by its content, and what its name may be."""

import re
import unicodedata
from pathlib import PurePosixPath

NAME_LENGTH = 200
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
UNKNOWN = "application/octet-stream"
PREVIEWED = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
"""Types that are shown in the page. No SVG and no HTML: they can hold scripts."""

_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"PK\x05\x06", "application/zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (b"\x1f\x8b", "application/gzip"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"ID3", "audio/mpeg"),
    (b"OggS", "audio/ogg"),
)
_OFFICE = "application/vnd.openxmlformats-officedocument"
# A zip or an OLE file whose name says which office document it is.
_WITHIN = {
    ("application/zip", ".docx"): f"{_OFFICE}.wordprocessingml.document",
    ("application/zip", ".xlsx"): f"{_OFFICE}.spreadsheetml.sheet",
    ("application/zip", ".pptx"): f"{_OFFICE}.presentationml.presentation",
    ("application/zip", ".odt"): "application/vnd.oasis.opendocument.text",
    ("application/zip", ".ods"): "application/vnd.oasis.opendocument.spreadsheet",
    ("application/x-ole-storage", ".doc"): "application/msword",
    ("application/x-ole-storage", ".xls"): "application/vnd.ms-excel",
    ("application/x-ole-storage", ".ppt"): "application/vnd.ms-powerpoint",
    ("application/x-ole-storage", ".msg"): "application/vnd.ms-outlook",
}


def media_type_of(head: bytes, name: str) -> str:
    """The type by the first bytes (at least 512 of a longer file); what the sender claimed does not count."""
    found = next((media for signature, media in _SIGNATURES if head.startswith(signature)), None)
    if found is None and head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        found = "image/webp"
    if found is None and head[4:8] == b"ftyp":
        found = "video/mp4"
    if found is None:
        return "text/plain" if _is_text(head) else UNKNOWN
    return _WITHIN.get((found, PurePosixPath(name.lower()).suffix), found)


def _is_text(head: bytes) -> bool:
    if not head or b"\0" in head:
        return False
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        # A character may be cut at the end of what was read.
        return error.start >= len(head) - 3
    return True


def clean_name(name: str) -> str:
    """A name to show and to download by: no folders, no control characters, at most 200 characters.

    The end with the extension is kept; '' becomes 'file'.
    """
    # Only the last stretch can survive: names of megabytes are cut before anything looks at them.
    name = name[-1000:].replace("\\", "/").rsplit("/", 1)[-1]
    name = unicodedata.normalize("NFC", _CONTROL.sub("", name).encode("utf-8", "ignore").decode())
    name = " ".join("".join(c for c in name if unicodedata.category(c) != "Cf").split()).strip(". ")
    if len(name) > NAME_LENGTH:
        suffix = PurePosixPath(name).suffix[:20]
        name = name[: NAME_LENGTH - len(suffix)] + suffix
    return name or "file"
