"""The processes that `up` keeps running. Read this list to know what a running Guanxi consists of."""

import signal
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path

from config.up.options import UpOptions

# Only these processes may see the two stronger database logins.
STRONGER_LOGINS = ("MIGRATOR_DATABASE_URL", "GUANXI_SUPERUSER_URL")


class Stage(IntEnum):
    """Started upwards, stopped downwards; children of one stage stop together."""

    DATABASE = 0
    CACHE = 1
    WORKERS = 2
    SCHEDULER = 3
    WEB = 4


@dataclass(frozen=True)
class Login:
    """The system user that a child runs as, where it is not that of `up`."""

    user: int
    group: int


def always_ready() -> bool:
    return True


def nothing_to_prepare() -> None:
    """Most children start without more ado."""


@dataclass(frozen=True)
class Child:
    """One long-running process.

    prepare: called before each start. is_ready: asked after the start until it says yes.
    stop_signal asks to finish; after patience_seconds, or when Ctrl-C is pressed again, hasty_signal follows.
    """

    name: str
    stage: Stage
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(repr=False)
    folder: Path = Path("/")
    login: Login | None = None
    prepare: Callable[[], None] = nothing_to_prepare
    is_ready: Callable[[], bool] = always_ready
    ready_seconds: float = 60
    stop_signal: signal.Signals = signal.SIGTERM
    hasty_signal: signal.Signals = signal.SIGKILL
    patience_seconds: float = 20


def product_children(
    root: Path, state: Path, environment: Mapping[str, str], options: UpOptions
) -> list[Child]:
    """Worker, provisioner, scheduler, web server. environment: all that `up` knows, stronger logins too."""
    weaker = {name: value for name, value in environment.items() if name not in STRONGER_LOGINS}
    migrating = dict(environment)
    migrating.pop("GUANXI_SUPERUSER_URL", None)
    celery = (sys.executable, "-m", "celery", "-A", "config.celery")
    quiet = ("--without-gossip", "--without-mingle", "--loglevel", "info")
    return [
        Child(
            name="worker",
            stage=Stage.WORKERS,
            command=(*celery, "worker", "-Q", "default", "-c", "2", "-n", "worker@%h", *quiet),
            environment=weaker,
            folder=root,
        ),
        Child(
            name="provisioner",
            stage=Stage.WORKERS,
            command=(
                *celery,
                "worker",
                "-Q",
                "provision",
                "-P",
                "threads",
                "-c",
                "1",
                "-n",
                "provisioner@%h",
                *quiet,
            ),
            environment=migrating,
            folder=root,
        ),
        Child(
            name="scheduler",
            stage=Stage.SCHEDULER,
            command=(
                *celery,
                "beat",
                "-s",
                str(state / "beat" / "schedule"),
                "--pidfile=",
                "--loglevel",
                "info",
            ),
            environment=weaker,
            folder=root,
        ),
        Child(
            name="web",
            stage=Stage.WEB,
            command=_web_command(options),
            environment=weaker,
            folder=root,
        ),
    ]


def _web_command(options: UpOptions) -> tuple[str, ...]:
    return (
        *(sys.executable, "-m", "granian", "--interface", "wsgi"),
        *("--host", options.host, "--port", str(options.port)),
        *("--workers", "2", "--blocking-threads", "4", "--respawn-failed-workers"),
        *("--workers-kill-timeout", "10", "--no-ws", "--log-level", "info"),
        "config.wsgi:application",
    )
