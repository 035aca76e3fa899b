"""Tells whether `static/dist` was built from the sources that lie here now. Needs no Node, no Django.

The hash is worked out in the same way by build.mjs; a test compares the two.
"""

import hashlib
import json
import sys
from pathlib import Path

ASSETS = Path(__file__).resolve().parent
ROOT = ASSETS.parents[2]
DIST = ASSETS.parent / "static" / "dist"

# Keep these equal to those in build.mjs. Python files count: Tailwind reads class names from them.
FOLDERS = ("platform/web", "templates", "crm", "tenants")
ENDINGS = (".css", ".js", ".mjs", ".txt", ".html", ".py", "mark.svg", "package-lock.json")
SKIPPED = {"node_modules", "static", "__pycache__", "locale", "migrations"}


def stale() -> list[str]:
    """Sentences, for a developer, that say why the build cannot be used; empty when it is fresh."""
    try:
        manifest = json.loads((DIST / "manifest.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return ["The assets have not been built."]
    except ValueError:
        return ["The manifest of the assets cannot be read."]
    reasons = []
    if manifest.get("sources") != hash_of_sources():
        reasons.append("The sources of the assets changed since the last build.")
    for entry in manifest.get("files", {}).values():
        reasons.extend(_damage(entry))
    return reasons


def hash_of_sources(root: Path = ROOT) -> str:
    """SHA-256 over names and contents of all sources, in the order of their names' bytes."""
    names = sorted(
        (path.relative_to(root).as_posix() for folder in FOLDERS for path in _sources_in(root / folder)),
        key=str.encode,
    )
    seal = hashlib.sha256()
    for name in names:
        seal.update(name.encode() + b"\0")
        seal.update((root / name).read_bytes())
    return seal.hexdigest()


def _sources_in(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    found: list[Path] = []
    for entry in folder.iterdir():
        if entry.is_dir():
            if entry.name not in SKIPPED:
                found += _sources_in(entry)
        elif entry.name.endswith(ENDINGS):
            found.append(entry)
    return found


def _damage(entry: dict[str, str]) -> list[str]:
    try:
        content = (DIST / entry["file"]).read_bytes()
    except FileNotFoundError:
        return [f"{entry['file']} is missing."]
    if hashlib.sha256(content).hexdigest() != entry["sha256"]:
        return [f"{entry['file']} was changed by hand."]
    return []


if __name__ == "__main__":
    found = stale()
    sys.stdout.write("\n".join(found or ["The assets are fresh."]) + "\n")
    sys.exit(bool(found))
