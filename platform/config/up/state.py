"""The state folder: everything that `up` keeps between starts, and the keys that it made for itself."""

import fcntl
import hashlib
import json
import os
import secrets
import shutil
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from config.up.errors import CannotStart

NEEDED_FREE_BYTES = 300 * 1024 * 1024
KEPT_LOGS = 3
# What a running `up` tells plain management commands; see join_running_product.
SHARED_VARIABLES = (
    "DATABASE_URL",
    "MIGRATOR_DATABASE_URL",
    "GUANXI_SUPERUSER_URL",
    "REDIS_URL",
    "SECRET_KEY",
    "GUANXI_HISTORY_KEY",
    "GUANXI_BASE_DOMAIN",
    "GUANXI_PG_BIN",
    "GUANXI_STATE",
    "STRIPE_SECRET_KEY",
    "STRIPE_API_BASE",
    "STRIPE_WEBHOOK_SECRET",
    "GUANXI_TEST_CLOCKS",
)


@dataclass(frozen=True)
class Keys:
    """Made once, kept 0600. Losing secret_key signs everybody out; losing history_key unseals the history."""

    secret_key: str
    history_key: str
    superuser_password: str
    migrator_password: str
    web_password: str
    cache_password: str


def default_folder(root: Path) -> Path:
    """root: /var/lib/guanxi-<checkout>; others: ./.data, or below the home folder where that is read-only."""
    mark = hashlib.sha256(str(root).encode()).hexdigest()[:8]
    if os.geteuid() == 0:
        return Path("/var/lib") / f"guanxi-{mark}"
    inside = root / ".data"
    if os.access(inside if inside.exists() else root, os.W_OK):
        return inside
    home = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(home) / f"guanxi-{mark}"


def open_folder(folder: Path) -> Path:
    """Make the state folder with its rooms; raises CannotStart when it is read-only or the disk is full."""
    folder = folder.resolve()
    try:
        # Others may pass, not look: under root the database runs as `nobody` in a folder of its own below.
        folder.mkdir(parents=True, exist_ok=True, mode=0o711)
        for room in ("log", "files", "mail", "beat", "valkey", "payments"):
            (folder / room).mkdir(exist_ok=True, mode=0o700)
        probe = folder / ".probe"
        probe.touch()
        probe.unlink()
    except OSError as problem:
        raise CannotStart(
            f"The state folder {folder} cannot be written ({problem.strerror}).\n"
            "Choose another with --state DIR."
        )
    free = shutil.disk_usage(folder).free
    if free < NEEDED_FREE_BYTES:
        raise CannotStart(
            f"The disk of the state folder {folder} has {free // 2**20} MB free; Guanxi needs "
            f"{NEEDED_FREE_BYTES // 2**20} MB. Free some, or choose another folder with --state DIR."
        )
    return folder


def lock(folder: Path) -> IO[str]:
    """Keep this folder for this process, until the returned file is closed or the process dies."""
    handle = (folder / "lock").open("a+")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        handle.seek(0)
        owner = handle.read().strip() or "unknown"
        handle.close()
        raise CannotStart(
            f"Guanxi is already running on the state folder {folder} (process {owner}).\n"
            "Stop that one first, or start a second one with another --state DIR and another --port N."
        )
    handle.truncate(0)
    handle.write(f"{os.getpid()}\n")
    handle.flush()
    return handle


def load_keys(folder: Path) -> Keys:
    path = folder / "keys.json"
    if not path.exists():
        names = Keys.__dataclass_fields__
        write_private(path, json.dumps({name: secrets.token_urlsafe(48) for name in names}, indent=1))
    return Keys(**json.loads(path.read_text()))


def choose_port(folder: Path, part: str) -> int:
    """A free port of 127.0.0.1, the same as at the last start when that is still free."""
    path = folder / "ports.json"
    ports: dict[str, int] = json.loads(path.read_text()) if path.exists() else {}
    if part not in ports or not is_port_free("127.0.0.1", ports[part]):
        with socket.socket() as any_free:
            any_free.bind(("127.0.0.1", 0))
            ports[part] = any_free.getsockname()[1]
        write_private(path, json.dumps(ports))
    return ports[part]


def is_port_free(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as trial:
        # As servers do: a connection of the last run that still fades out is no obstacle.
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except OSError:
            return False
    return True


def rotate_logs(folder: Path) -> None:
    """web.log becomes web.log.1, and so on; the oldest goes."""
    for log in (folder / "log").glob("*.log"):
        for age in range(KEPT_LOGS - 1, 0, -1):
            older = log.with_name(f"{log.name}.{age}")
            if older.exists():
                older.replace(log.with_name(f"{log.name}.{age + 1}"))
        log.replace(log.with_name(f"{log.name}.1"))


def write_private(path: Path, text: str) -> None:
    """Write for the owner's eyes only, whole or not at all."""
    unfinished = path.with_name(f"{path.name}.new")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as handle:
        handle.write(text)
        handle.flush()
        os.fsync(handle.fileno())
    unfinished.replace(path)


def share_environment(folder: Path, environment: dict[str, str]) -> None:
    known = {name: environment[name] for name in SHARED_VARIABLES if name in environment}
    write_private(folder / "environment.json", json.dumps(known, indent=1))


def join_running_product(root: Path) -> None:
    """Let `manage.py shell` and the like reach the database of `up`, unless the environment names another.

    A database of the deployer's own is named in both: then what `up` keeps besides, the keys, is joined too.
    """
    folder = Path(os.environ.get("GUANXI_STATE") or default_folder(root))
    path = folder / "environment.json"
    if not os.access(path, os.R_OK):
        return
    known = json.loads(path.read_text())
    if os.environ.get("DATABASE_URL", known.get("DATABASE_URL")) != known.get("DATABASE_URL"):
        return
    for name, value in known.items():
        os.environ.setdefault(name, value)
