"""The built assets: which hashed file stands for which name."""

import json
import time
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from django.templatetags.static import static

DIST = Path(__file__).resolve().parent / "static" / "dist"


class AssetsNotBuilt(RuntimeError):
    """The build is missing, or does not hold the file asked for."""


@dataclass(frozen=True)
class Built:
    """One built file: its hashed name and its size over the wire, in bytes."""

    file: str
    gzip: int
    imports: tuple[str, ...] = ()

    @cached_property
    def url(self) -> str:
        """Kept with the file: a page shows some seventy pictures."""
        return static(f"dist/{self.file}")


_LOOK_AGAIN_SECONDS = 1.0
_seen: dict[str, Any] = {"until": 0.0, "dist": None, "files": {}}


def built(name: str) -> Built:
    """The built file of a source name such as `app.css`. Raises AssetsNotBuilt."""
    # A page asks a hundred times: within a second of the last look not even a path is made.
    if time.monotonic() < _seen["until"] and _seen["dist"] is DIST and name in _seen["files"]:
        return _seen["files"][name]
    manifest = DIST / "manifest.json"
    try:
        stamp = manifest.stat().st_mtime_ns
    except FileNotFoundError:
        raise AssetsNotBuilt("static/dist has no manifest: build the assets first.") from None
    files = _read(manifest, stamp)
    _seen.update(until=time.monotonic() + _LOOK_AGAIN_SECONDS, dist=DIST, files=files)
    try:
        return files[name]
    except KeyError:
        raise AssetsNotBuilt(f"The build holds no {name}.") from None


@lru_cache(maxsize=2)
def _read(manifest: Path, stamp: int) -> dict[str, Built]:
    # The stamp is part of the key: a rebuild under a running server is seen at the next request.
    files = json.loads(manifest.read_text(encoding="utf-8"))["files"]
    return {
        name: Built(entry["file"], entry["gzip"], tuple(entry.get("imports", ())))
        for name, entry in files.items()
    }
